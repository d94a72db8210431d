"""What a shop owes its union: the fine of an inspection, a fee; paid at the union, or from the shop's settlement if the shop wants so.

Vocabulary: a *due* is one sum with the day by which it is to be paid; its *creditor* is the union; a *payment* is a part of it, made
*outside* with the number of a receipt, or out of what the shop's next *settlement* would pay; a *collector* is the creditor as
somebody whom settlements pay.

Invariants: a due is never paid beyond itself; nothing is taken out of a settlement but by the shop's own word, and never more than
waits there; what is taken stands on the shop's next statement and on the creditor's, and moves in the ledger in the same moment; a
fine has one due, whatever is done about it.
"""
