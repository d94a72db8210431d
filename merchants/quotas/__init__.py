"""Goods at the official price that a union receives for a period and shares among its shops.

Vocabulary: a *quota* is an amount of one goods for a period; a *round* shares some of it out, equally, by size or by a list; a
*share* is one shop's part in a round, to be taken within the round's window; a *hand-out* is what a shop took of its share at the
union's desk; what is not taken by the end of the window *falls back* and may be shared out again.

Invariants: rounds never share out more than the whole, less what fell back; of every share, amount = handed out + left + fallen
back; a shop that is suspended or closed, or whose licence has ended, gets none and is told why; a hand-out is confirmed by the shop
or by the number of its paper, and only then is it final. All amounts are whole thousandths of the goods' unit.
"""
