"""A product's tag in software: an NTAG213 with one NDEF message, as far as a reader that only reads asks it.

Source: NXP NTAG213/215/216 data sheet (memory, GET_VERSION, READ) and NFC Forum Type 2 Tag (capability container, TLV blocks).
"""

from dataclasses import dataclass, field

PAGES = 45
PAGE = 4
USER_BYTES = 144
READ, GET_VERSION = 0x30, 0x60
VERSION = bytes.fromhex("0004040201000f03")
CAPABILITIES = bytes([0xE1, 0x10, USER_BYTES // 8, 0x00])
NDEF, END = 0x03, 0xFE
NAK = b"\x00"


@dataclass
class Ntag:
    """`message` is what its NDEF says; a command that it does not know sends it back to where it was before it was selected."""

    uid: bytes
    message: bytes
    is_active: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if len(self.uid) != 7 or len(self.message) > USER_BYTES - 3:
            raise ValueError("a tag has a UID of 7 bytes and room for 141 bytes")
        content = bytes([NDEF, len(self.message)]) + self.message + bytes([END])
        self._memory = (self.uid + bytes(5) + CAPABILITIES + content).ljust(PAGES * PAGE, b"\x00")

    def reset(self) -> None:
        """Nothing is remembered between two selections."""

    def receive(self, frame: bytes) -> bytes:
        """The answer to one command; NAK for what a reader has no need of."""
        if frame == bytes([GET_VERSION]):
            return VERSION
        if len(frame) == 2 and frame[0] == READ and frame[1] < PAGES:
            at = frame[1] * PAGE
            return (self._memory + self._memory)[at : at + 4 * PAGE]
        return NAK


def text_record(text: str) -> bytes:
    """An NDEF message of one text."""
    payload = b"\x02en" + text.encode()
    return bytes([0xD1, 1, len(payload)]) + b"T" + payload


def address_record(address: str) -> bytes:
    """An NDEF message of one address, not abbreviated."""
    payload = b"\x00" + address.encode()
    return bytes([0xD1, 1, len(payload)]) + b"U" + payload
