"""From a shop's sales to the money on its bank account.

Vocabulary: a *commission term* says from when on what share of a sale the network keeps and who bears it; a *priced line* is one
ledger entry that moved what a shop is owed, with its commission; a *batch* settles every line up to its cut-off, a Tehran day; a
*statement* is one shop's part of a batch; a *payout* is what of it goes to the bank; an *adjustment* is what one statement
leaves to the next.

Invariants: an entry is priced once and settled once; a term is never edited; sales + returns + reversals + cash − commission +
adjustments = payout + carried, to the Rial, on every statement, in the payout file and in the ledger; nobody approves a bank
account that they proposed themselves.
"""
