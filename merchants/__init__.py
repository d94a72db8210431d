"""Shops that take the card: merchants, their branches and terminals, and the contracts they sell under.

Vocabulary: a *merchant* is an organisation with a shop wallet, in which what it is owed stands; a *branch* is a shop at a
place; a *terminal* is a till (DE41, its *code*) of a branch, with the key it was given at opening; a *contract* says from when
until when the merchant's sales earn, whether credit is taken, and how much one purchase may be.

Invariants: two contracts of one merchant never hold at the same instant; a contract is never edited but for its end; a terminal
code and an initial key id are never used again; every change announces the terminals it touches.
"""
