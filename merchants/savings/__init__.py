"""What pilgrims saved by their card, purchase by purchase, read from what tills and the ledger hold already.

Vocabulary: a purchase saves by *card prices* (its goods cost less with the card), by the *discount* that the shop's contract takes off who
pays at once, and by *credit* that paid in place of money. What it *earned* is for another time and is told beside, never added: it saves
where it is spent. A *trip* is a run of purchases without a week's pause.

Invariants: the sums of a period are those of its purchases, each counted once; what was given back saves nothing, in part as in whole; a
purchase that was taken back is none. Only a till that knows its goods knows what they cost without the card.
"""
