"""Outages: what the operator tells of a part that does not work, or will not for a while.

Vocabulary: an *outage* is announced with the *parts* and the *cities* it is about (none named: all) and whom it affects, its
*audience*; it is *live* from a day before its beginning until the operator ends it. Shops are *told* of it, and later of its end.

Invariants: a form that is sent twice announces one outage; every shop's owner is told once of the beginning, and of the end only
who was told of the beginning; what ended stays to be read.
"""
