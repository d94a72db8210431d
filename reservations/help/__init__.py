"""Help cards: what somebody who is lost, a child or an old person, lets any terminal show of them.

Vocabulary: the *holder* is who may be lost; a *guardian* is who the holder let fill the card (`identity.helping`, act *guard*), or the head
of the family in which the holder is a child; the *leader* is whom the card names to be called, on record or not; a *view* is a terminal that asked, whatever it was told.

Invariants: nothing is shown of a card that is off, and nothing beyond what its words say; a view is written in the same transaction
that shows, and never changed; with it leaves the message to leader and guardians that says where; no terminal asks more often than
its limit; nothing of a help card stands on the chip, in a log or in an address.
"""
