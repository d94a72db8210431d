"""What a customer holds against a shop, who answers it until when, and what the shop has to give back.

Vocabulary: a *complaint* is about one purchase or about a shop's data; its *cause* is what is wrong; its *clock* runs from the
acknowledgement to the day of the answer and stands still only while the complainant is waited for; a *note* is one sentence of its
thread, with who may read it; the *office* that handles it is the union of the shop's trade, or the municipality of the city where
there is none, where the clock has run out, and where a shop appeals; an *order* is a refund that the union imposes.

Invariants: a link says which purchase or complaint it is for and is signed, so that nobody guesses one; one form makes one complaint,
and a purchase has one open complaint of each cause; a complaint that is closed stays closed; who complains is known to the office by a
sealed number at most, and to the shop not at all; an order is paid once, by two people of the union or by the shop's own consent, and
what a pilgrim was paid is never taken back.
"""
