"""Cards: what a pilgrim holds, as a token that points to a wallet and a member of it.

Vocabulary: the *number* is printed and may be keyed; the *token* stands in its place everywhere in the bank; the *chip* is
known by its UID, which proves nothing; a *proof* is the chip's answer to a challenge.

States: stock → issued → active ⇄ blocked → replaced | expired | refunded. Only an active card pays. The card number is held
sealed; it is found by a keyed index and shown as its first six and last four digits.
"""
