"""Gift cards: made in batches, printed, loaded at a till and spent until nothing is left.

Vocabulary: a *gift card* is a card of product `gift` that nobody's name stands on; its wallet holds GIFT and no money. A *batch* is
what was ordered of the printer at once; its numbers leave the bank in one file, once. A *load* raises the gift: the first one
*activates* the card.

Invariants: only a load raises a gift, up to MOST_HELD_RIAL; a card that holds something is not activated again; who brings an
unspent gift back to its shop gets the cash, and the card never pays again.
"""
