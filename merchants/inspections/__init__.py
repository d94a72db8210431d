"""Visits of a union to its shops: planned, made, written down, and what follows.

Vocabulary: an *inspection* is one visit; its *reason* says who or what asked for it; its *checklist* is what is looked at; what the
inspector found is its *result*: the findings, a warning or a fine, and the day of a further visit.

Invariants: a shop is inspected by its own union; a shop of which people complain again and again has one such visit planned, however
many complain; a visit is written down once, and a day for a further visit plans it in the same moment; the shop reads its own results.
"""
