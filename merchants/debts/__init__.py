"""A shop's own book of what its customers owe it. Nobody but the shop reads a name in it.

Vocabulary: a *debt* is an amount that a customer, by name or by card, promised to pay by a day; a *payment* is a part of it, in
cash into the drawer of a shift or by card as a sale of the web till; *ageing* sorts what is left by the days since it was due.

Invariants: what a payment by card came to stands in the ledger alone; a payment that is being asked for counts as paid until it
is decided, so that no debt is paid twice. A debt is locked before its payments are read. `closed_at` stands where nothing is left.
"""
