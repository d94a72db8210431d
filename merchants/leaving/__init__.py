"""A holder leaves: everything comes out of the card, and the card is closed.

Vocabulary: a *leaving* is one such case, with its *way*: cash at a desk, a bank account (paid with the next settlement), or a gift to
a receiver. *What lapses* is credit, gifts and benefits: they were never money and stay until their time is over.

Invariants: the purse of money is at exactly zero afterwards; the leaving, its ledger entry and the payout say one amount; nothing is
paid out of a wallet that owes; nothing is charged for it.
"""
