"""Customer clubs: programmes and what a purchase earns.

Vocabulary: a *programme* is a club with a wallet of its own (its id is that wallet's id); a *funder* pays for the credit it
gives; an *earn rule* turns a paid purchase into credit in a lot with terms: usable from a day, until the end of a day.

Invariants: a rule is never edited; it is ended, and a new one begins. Whoever asks why a credit was given gets the rule's
sentence as it stood. Only what was paid with money earns; credit never earns credit. Shops and terminals are unknown here.
"""
