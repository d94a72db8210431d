"""Bytes of a terminal's message to typed values and back: pure functions, no input or output, no clock.

`framing` cuts the stream into frames, `fields` is the table of data elements, `codec` reads and writes a
message, `tlv` the private data of DE48 and DE63, `presence` says which elements a message type must carry
and which ones an answer echoes, `dukpt` derives the key of one transmission, `mac` signs and verifies.

Invariants: a malformed message ends in one exception, `FormatError`, which names a reason and a data
element and never a value. What is accepted has exactly one meaning: no trailing byte, no pad other than
zero, no digit that is not decimal.
"""
