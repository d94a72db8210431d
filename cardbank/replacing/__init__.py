"""A new card in the place of a lost, stolen, damaged or expired one, handed over at a desk in one step.

Vocabulary: the *old* card is given up, the *blank* is a card of the stock that takes its place; a *wish* is what a holder asked for
from the app: it waits at the desks of one city until a clerk hands the new card over, or the holder withdraws it.

Invariants: balances, limits, family and bookings hang on wallet and member, so they move with nothing done; the old card never pays
again, from the same commit on that makes the new one active; a card is replaced once; one wish waits for a card at most.
"""
