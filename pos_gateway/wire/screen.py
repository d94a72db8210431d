"""What only the terminal's screen may show, as it stands inside DF5F: nonce (12 bytes) ‖ AES-128-GCM ciphertext and tag.

The key is the terminal's data key to it (X9.24-3, usage 3001) of the very counter that the request carried, bound to terminal, DE7
and DE11. In clear it is a list of tags like those of DE48, each at most once.
"""

import os
from collections.abc import Mapping

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12
LONGEST = 240  # bytes of one value
FIELDS = {
    "name": 0xDF76, "places": 0xDF77, "language": 0xDF78, "lodging": 0xDF79, "leader": 0xDF7A, "mobile": 0xDF7B, "alert": 0xDF7C,
}  # fmt: skip


def seal_screen(told: Mapping[str, str], key: bytes, bound_to: bytes) -> bytes:
    """The fields that have a text, sealed."""
    clear = b"".join(_field(FIELDS[name], text) for name, text in told.items() if text)
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, clear, bound_to)


def _field(number: int, text: str) -> bytes:
    value = shortened(text, LONGEST).encode()
    return number.to_bytes(2, "big") + bytes([len(value)]) + value


def shortened(text: str, most: int) -> str:
    """At most so many bytes of UTF-8, no letter cut in two."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: most - 3].decode(errors="ignore").rstrip() + "…"
