"""Gift cards at a shop's till: loaded for cash or from the buyer's card, and brought back unspent.

Vocabulary and invariants are those of `cardbank.gifts`. Cash for a gift is cash for a card: the shop owes it from here on, within
its contract's limit of the day. What a gift is bought with earns nothing; who spends the gift pays with it like with money.
"""
