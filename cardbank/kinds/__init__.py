"""Kinds of card: what a card is made of, how long it is valid, who may hold it and how much one purchase may cost.

Vocabulary: a *kind* is named by its code (`card.product`); a *version* says its terms from a day on; the version *in force* on a day
is the newest that has begun. A card carries the version that it was issued under.

Invariants: a version is never edited: other terms are a new version, which begins after all others of its kind; what a card was
issued under stays true for it.
"""
