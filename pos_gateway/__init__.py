"""The door of card terminals: ISO 8583:1987 messages over TCP or TLS.

Vocabulary: a *frame* is one length-prefixed unit on the connection, a *TPDU* its five routing bytes, a
*message* what follows them, a *data element* (DE) one numbered field of a message. A *terminal* (DE41)
stands in the shop of an *acceptor* (DE42). A *flow* answers one kind of message, chosen by message type and
processing code. The *STAN* (DE11) counts a terminal's messages, the *KSN* names the key of one
transmission.

Invariants: nothing is decided before the MAC over the received bytes has been verified. Every request gets
one answer that echoes DE11 and DE41. The same request twice moves money once. No business rule lives here:
flows call services and translate what comes back. Card numbers, keys and PIN blocks never reach a log, a
trace or the text of an exception.
"""
