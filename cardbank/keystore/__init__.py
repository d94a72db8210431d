"""The bank's keys, behind operations: a caller names a key and what to do, and never holds the key.

Vocabulary: a *card key* is diversified from a master of its version by UID and key number; an *initial key* is a terminal's
AES-DUKPT start, derived from the base key by its key id; the *vault* keys seal card numbers and index them for look-up.

Invariants: a key serves one purpose; nothing but the laboratory's exports ever leaves the adapter; no key, number or proof
stands in an exception or a log.
"""
