"""What people say from afar that their papers say, until a desk has seen the paper.

Vocabulary: a *claim* is a passport, a national id, a foreigner's code, the spelling of the name or the day of birth as its person says
it; it is *asked*, then *confirmed* by a clerk who has seen the paper, *refused* with a reason, or *withdrawn*.

Invariants: what papers say changes by a confirmed claim alone, how a person is reached changes at once; a person has one open claim of
a kind; what it says stands sealed and is forgotten once it is decided; nobody learns by a claim who else is on record.
"""
