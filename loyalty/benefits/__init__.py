"""Benefits: an organisation pays for what its members spend in stated shops until a stated day.

Vocabulary: a *sponsor* is an organisation with a wallet and a *budget* in the ledger, filled by *deposits* that another person
confirms; a *plan* says what each *member* gets and where it is spent; a *run* funds a plan out of the budget, all members at
once; a *grant* is one member's part of a run. A member without a card waits, and the money waits with the grant.

Invariants: nothing is promised that the budget does not hold; each person gets a plan's benefit once a period; what is given
has terms that never change; what nobody spends in time goes back to the budget. Trades, cities and shops are words of who
validates them: the ledger knows them as a scope.
"""
