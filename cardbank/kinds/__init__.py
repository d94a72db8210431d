"""Kinds of card: what a card is made of, how long it is valid, who may hold it and how much one purchase may cost.

Vocabulary: a *kind* is named by its code (`card.product`); a *version* says its terms from a day on; the version *in force* on a day
is the newest that has begun. A card carries the version that it was issued under. A kind that
*holds no money* (a discount card) shows what its holder is entitled to: nothing is put on it, and its purchases are paid in cash.

Invariants: a version is never edited: other terms are a new version, which begins after all others of its kind; what a card was
issued under stays true for it. Whether a kind holds money never changes: cards that do would be left with what nobody can spend.
"""
