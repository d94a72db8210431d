"""Use cases of benefits: budgets, plans, members, lists of members, funding."""
