"""Who comes to a city, how long they stay, what they spend and how they move: counted once a day is closed, and kept as sums of days.

Vocabulary: a *person* is a wallet. A *sign* of somebody is a purchase, a night of a booking that was lived in, or a door that was passed. A
*visit* is a run of signs with no more than seven days between two of them; its first day is the *arrival*. Who was seen in each of the four
weeks before is *at home*. A *cell* is one group of a day; what cannot be told apart stands together as its *rest*.

Invariants: every kept cell is of ten people or more, and cells of one table never overlap; whatever is computed from them is of ten people or
more, too, or of nobody. Only sums are kept: who was where is read from the ledger and the bookings while a day is counted, and not
written down. Kept amounts are whole Rial and add up to the ledger's.
"""
