"""What an NFC tag on goods says: the texts and addresses of its NDEF message. Pure.

Source: NFC Forum, NDEF 1.0 (records), RTD Text 1.0, RTD URI 1.0. What a text means is the portal's to say; nothing is followed.
"""

from collections.abc import Iterator
from typing import NamedTuple

MOST_TEXTS, LONGEST_TEXT = 8, 300
SHORT_RECORD, HAS_ID, LAST_RECORD, CHUNKED = 0x10, 0x08, 0x40, 0x20
WELL_KNOWN = 1
UTF16 = 0x80
ABBREVIATIONS = ("", "http://www.", "https://www.", "http://", "https://", "tel:", "mailto:")
EPC_ADDRESSES = {0x1E: "urn:epc:id:", 0x1F: "urn:epc:tag:", 0x20: "urn:epc:pat:", 0x21: "urn:epc:raw:", 0x22: "urn:epc:"}


class GoodsTag(NamedTuple):
    """A tag that lies on the reader: its UID, and what it says of itself."""

    uid: bytes
    texts: tuple[str, ...]


def texts_of(message: bytes) -> tuple[str, ...]:
    """The texts and addresses of a message, in order; what cannot be read is left out, however it is damaged."""
    found = []
    for kind, payload in _records(message):
        text = _text(payload) if kind == b"T" else _address(payload) if kind == b"U" else ""
        if text and len(text) <= LONGEST_TEXT and text.isprintable():
            found.append(text)
    return tuple(found[:MOST_TEXTS])


def _records(message: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and content of each well-known record."""
    at = 0
    while at + 3 <= len(message):
        head, kind_length = message[at], message[at + 1]
        at += 2
        width = 1 if head & SHORT_RECORD else 4
        length = int.from_bytes(message[at : at + width])
        at += width
        id_length = 0
        if head & HAS_ID:
            id_length = message[at] if at < len(message) else 0
            at += 1
        kind = message[at : at + kind_length]
        at += kind_length + id_length
        payload = message[at : at + length]
        at += length
        if at > len(message) or head & CHUNKED:
            return
        if head & 0x07 == WELL_KNOWN:
            yield kind, payload
        if head & LAST_RECORD:
            return


def _text(payload: bytes) -> str:
    if not payload:
        return ""
    language_length = payload[0] & 0x3F
    encoding = "utf-16" if payload[0] & UTF16 else "utf-8"
    return payload[1 + language_length :].decode(encoding, "ignore").strip()


def _address(payload: bytes) -> str:
    if not payload:
        return ""
    code = payload[0]
    prefix = ABBREVIATIONS[code] if code < len(ABBREVIATIONS) else EPC_ADDRESSES.get(code, "")
    return prefix + payload[1:].decode("utf-8", "ignore").strip()
