"""Message authentication: AES-CMAC (NIST SP 800-38B), its leftmost 8 bytes, in DE64, or DE128 when an
element above 64 is present.

It covers the message from its type to the last byte before the MAC field; length and TPDU are outside.
"""

from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.cmac import CMAC
from cryptography.hazmat.primitives.constant_time import bytes_eq

from pos_gateway.wire.codec import MAC_BYTES, Message, encode


def cmac8(key: bytes, data: bytes) -> bytes:
    """The leftmost 8 bytes of AES-CMAC."""
    cmac = CMAC(AES(key))
    cmac.update(data)
    return cmac.finalize()[:MAC_BYTES]


def verify(message: Message, key: bytes) -> bool:
    """Whether a decoded message carries the MAC of the very bytes received; False when it carries none."""
    at = message.mac_at
    return at > 0 and bytes_eq(cmac8(key, message.received[:at]), message.received[at:])


def sign(message: Message, key: bytes) -> bytes:
    """The bytes to send, MAC included; a MAC in `message` is ignored. Raises FormatError like
    `codec.encode`.
    """
    fields = {number: value for number, value in message.fields.items() if number not in (64, 128)}
    fields[128 if fields and max(fields) > 64 else 64] = bytes(MAC_BYTES)
    unsigned = encode(Message(message.mti, fields))[:-MAC_BYTES]
    return unsigned + cmac8(key, unsigned)
