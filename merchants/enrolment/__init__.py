"""A card in the hand of a pilgrim in under a minute: a till enrols its holder and hands over a card out of the stock.

Vocabulary: an *enrolment* is begun by the till's form and the chip of a card that nobody holds yet; it is *confirmed* once the card
has been handed over, or *expires* after ENROLMENT_LIFE. Until then nobody is on record and the card stays in the stock.

Invariants: what the form says stands sealed in the pending row alone, and is gone when the enrolment is decided; one pending
enrolment a card and a document; at most MOST_A_DAY of one terminal and Tehran day; no person twice.
"""
