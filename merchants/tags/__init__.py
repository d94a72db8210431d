"""Tags on single items and the readers that see them: which item is where, what a delivery brought, what a stocktake misses.

Vocabulary: a *tag* is the radio tag of one item, known by its *number*: an SGTIN-96 of 24 hex digits, or the UID of an NFC tag; a
*reader* is registered with its branch and place, and proves itself with a key of its own; an *event* is one message of a reader with
the numbers it saw; a *sweep* gathers events for one purpose, a delivery or a stocktake.

Invariants: a tag's number is bound to one product of a shop; an event counts once, however often its reader sends it; only the digest
of a reader's key is kept; nothing of a person is read or stored.
"""
