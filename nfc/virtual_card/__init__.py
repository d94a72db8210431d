"""A contactless card in software: a subset of DESFire EV3, and the field it is held in.

Vocabulary: a *card* answers APDUs; a *target* wraps it in ISO-DEP blocks (ISO 14443-4); a *contact* adds
the anticollision of ISO 14443-3; a *field* is the reader's surface with none, one or several contacts,
spoken to in the datagrams of nfcpy's UDP driver.

Invariants: nothing here imports the bank or the reader; the cryptography is this package's own, so that
the two ends check each other. Commands never change what the card stores. Keys never leave the card.
"""
