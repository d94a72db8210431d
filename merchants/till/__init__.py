"""The web till: a shop without a terminal of its own sells from the portal.

Vocabulary: a *web till* is a terminal of kind `web` of a branch; a *shift* is one person's work at one till, from its opening
cash to its *cash-up*, where what was counted is held against what should be there; a *sale* is one try to be paid for a basket,
under a key that the page had before it asked; the try after a decline is a sale of its own that names the one before.

Invariants: a till has one open shift and a person has one; a sale is written before the bank is asked, and what came of it
stands in the ledger alone, under the sale's key; no sale begins in a closed shift, and none is undecided in one.
"""
