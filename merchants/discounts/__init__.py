"""The discount for paying at once: what a contract grants whoever pays by card and not in instalments, taken off at the till.

Vocabulary: the *price* is what the goods cost before it, what is taken off is the *discount*, and the card pays the rest. Of a
basket it is taken line by line, since goods at a card price have it only where the contract says so.
 A card without money shows what
it is entitled to: the purchase is on record as a *cash sale*, at the price less the discount, and its holder pays the shop in cash.

Invariants: what was taken off is on record before the bank is asked, under the key of the sale, and counts only with the entry
that this key came to; no discount is ever posted, since what the card pays is what the shop is owed; of a cash sale the ledger keeps the answer under the sale's key and
no entry, since no money of the network moved.
"""
