"""Cards that an organisation orders for its members, in a form of its own, at a price that is known before it asks.

Vocabulary: a *price list* says from a day on what one card of a kind costs in *tiers* of quantity, and what preparing a picture of one's own
costs once; an *order* names kind, quantity, design and the price that held when it was asked; its *sheet* is the paper of it. The bank
*confirms* it with a day, *produces* it, *delivers* it into the stock, and notes by which receipt of the bank it was paid.

Invariants: a price list is never edited, another begins later; what an order costs never changes; its cards are made once, under the
lock of the order; cards with a chip are made when their chips are known, others when the printer needs their numbers, which leave
the bank once. No money of the ledger moves: an order is paid at the bank.
"""
