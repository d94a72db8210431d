"""What a terminal counts between two closes, and what happens where its count is not the bank's.

Vocabulary: a *batch* is the entries a terminal asked for since its last close, with a number (DE60) that goes up by one at each;
a *side* says whether an entry is a sale (debit), a refund or cash top-up (credit), or takes one of these back; *totals* are
counts and amounts by side; an *upload* is one transaction as the terminal has it, sent after its totals differed; an
*exception* is an upload that the bank lacks, an entry that the terminal lacks, or one with two amounts; a batch with exceptions
is a *case*, with a number.

It is a room of its own because the neighbours' words mean something else: a sale knows one purchase and reads no table, and the
batch of `settlement` is a payout run.

Invariants: the ledger's teller says which batch an entry falls in, so a closed batch gets no entry any more, and its totals are
those of its entries for good. Nothing that a terminal uploads is posted as a sale; a difference leaves what the shop is paid for
the suspense account, or is held back, until a person has decided, once.
"""
