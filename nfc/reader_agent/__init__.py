"""The reader beside the till: senses the card, carries its proof to the bank, and is an ISO 8583 terminal.

Vocabulary: a *sale* is an amount with the wish how to pay it; a *tap* carries one sale through three APDUs
with the bank in between; the *terminal* speaks dialect A to the gateway; the *flash* outlives a power cut.
`counter.py` is another program over the same reader: it serves a page of the portal on this machine, and is no terminal.

Invariants: this package imports no server package and ships alone. It holds no card key and no session key.
A reversal is on flash before a purchase leaves and is gone only after a verified answer. An answer whose
MAC cannot be verified is no answer. Card numbers appear in no output and stand sealed on the flash.
"""
