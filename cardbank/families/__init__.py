"""Families: one wallet that a head shares with members, each with a card of their own.

Vocabulary: the *head* opened the wallet, fills it and says what members may spend; a *child* is a member without a sign-in; a
member *shows* the single purchases to the head or keeps them private.

Invariants: only the head takes money out; a member's limits bind wherever the wallet pays, whatever card the member holds; nobody
sees another member's purchases but the head, and the head only those of children and of who shows them; what limits say here and
in the ledger is the same.
"""
