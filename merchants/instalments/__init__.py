"""Selling in instalments: terms that shop and network sign, credit lines of cardholders, and plans that are paid month by month.

Vocabulary: *terms* are offered by one side and signed by the other, and belong to one version of a contract; a *credit line* is
what an organisation lends a cardholder under a credit contract, a LINE account in the ledger; a *quote* is the schedule that a
till was told and may sell on once; a *plan* is the purchase with its *instalments*, each with a due day and what is open of it.

Invariants: nothing is added for time, before or after the due day: what is paid in all is the price and the fee that the quote
names. What is open of all plans of a line is what its LINE account is below zero, in every committed state, so whatever moves a
line is posted in the transaction that writes the schedule, under the line's lock. Two persons give a line or raise it.
"""
