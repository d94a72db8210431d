"""Dialect A of ISO 8583:1987 as far as a terminal speaks it: BCD numerics, binary bitmaps, BER-TLV in DE48/63.

A message is an MTI of four digits and a mapping of data element to text (or bytes for the binary elements).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

Value = str | bytes
MAX_FRAME = 4096


class WireError(Exception):
    """A message cannot be read or built; names the element, never its content."""


class Kind(Enum):
    """How an element is packed; the number beside it in the table is its (greatest) length."""

    NUMERIC = "digits, packed two to a byte"
    TEXT = "ISO-8859-1 bytes"
    BINARY = "raw bytes"
    SIGNED = "C or D, then digits, packed two to a byte"


FIXED: dict[int, tuple[Kind, int]] = {
    3: (Kind.NUMERIC, 6),
    4: (Kind.NUMERIC, 12),
    7: (Kind.NUMERIC, 10),
    11: (Kind.NUMERIC, 6),
    12: (Kind.NUMERIC, 6),
    13: (Kind.NUMERIC, 4),
    14: (Kind.NUMERIC, 4),
    15: (Kind.NUMERIC, 4),
    22: (Kind.NUMERIC, 3),
    24: (Kind.NUMERIC, 3),
    25: (Kind.NUMERIC, 2),
    37: (Kind.TEXT, 12),
    38: (Kind.TEXT, 6),
    39: (Kind.TEXT, 2),
    41: (Kind.TEXT, 8),
    42: (Kind.TEXT, 15),
    49: (Kind.TEXT, 3),
    64: (Kind.BINARY, 8),
    66: (Kind.NUMERIC, 1),
    70: (Kind.NUMERIC, 3),
    **dict.fromkeys((74, 75, 76, 77), (Kind.NUMERIC, 10)),
    **dict.fromkeys((86, 87, 88, 89), (Kind.NUMERIC, 16)),
    90: (Kind.NUMERIC, 42),
    95: (Kind.TEXT, 42),
    97: (Kind.SIGNED, 17),
    128: (Kind.BINARY, 8),
}
# Element → kind, greatest length, bytes of the BCD length before it.
VARIABLE: dict[int, tuple[Kind, int, int]] = {
    2: (Kind.NUMERIC, 19, 1),
    44: (Kind.TEXT, 25, 1),
    48: (Kind.BINARY, 999, 2),
    54: (Kind.TEXT, 120, 2),
    60: (Kind.TEXT, 999, 2),
    62: (Kind.TEXT, 999, 2),
    63: (Kind.BINARY, 999, 2),
}


@dataclass(frozen=True)
class Message:
    """A decoded message with the bytes that its MAC covers (all but the last eight)."""

    mti: str
    fields: dict[int, Value]
    covered: bytes
    mac: bytes

    def text(self, element: int) -> str:
        """A text or numeric element, empty when absent."""
        value = self.fields.get(element, "")
        return value if isinstance(value, str) else ""


def encode(mti: str, fields: Mapping[int, Value]) -> bytes:
    """Everything up to the MAC, with the MAC's bit set; the caller appends its eight bytes.

    Raises WireError for an element outside the dialect or a value that does not fit it.
    """
    mac_element = 128 if max(fields) > 64 else 64
    present = {1} if mac_element == 128 else set()
    bitmap = sum(1 << 128 - element for element in present | set(fields) | {mac_element}).to_bytes(16)
    head = bytes.fromhex(mti) + (bitmap if mac_element == 128 else bitmap[:8])
    return head + b"".join(_pack(element, fields[element]) for element in sorted(fields))


def _pack(element: int, value: Value) -> bytes:
    if element in FIXED:
        kind, length = FIXED[element]
        if len(value) != length:
            raise WireError(f"DE{element} has a fixed length of {length}")
        return _pack_value(element, kind, value, pad_left=True)
    if element not in VARIABLE:
        raise WireError(f"DE{element} is not in the dialect")
    kind, longest, prefix = VARIABLE[element]
    if len(value) > longest:
        raise WireError(f"DE{element} is longer than {longest}")
    return bytes.fromhex(f"{len(value):0{prefix * 2}d}") + _pack_value(element, kind, value, pad_left=False)


def _pack_value(element: int, kind: Kind, value: Value, *, pad_left: bool) -> bytes:
    if isinstance(value, bytes) != (kind is Kind.BINARY):
        raise WireError(f"DE{element} has the wrong type")
    if isinstance(value, bytes):
        return value
    if kind is Kind.TEXT:
        try:
            return value.encode("latin-1")
        except UnicodeEncodeError:
            raise WireError(f"DE{element} holds letters outside ISO-8859-1") from None
    if kind is Kind.SIGNED:
        if value[0] not in "CD":
            raise WireError(f"DE{element} has no sign")
        return value[0].encode() + _pack_value(element, Kind.NUMERIC, value[1:], pad_left=True)
    if not (value.isascii() and value.isdigit()):
        raise WireError(f"DE{element} holds other than digits")
    pad = "0" * (len(value) % 2)
    return bytes.fromhex(pad + value if pad_left else value + pad)


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.offset = data, 0

    def take(self, count: int) -> bytes:
        part = self.data[self.offset : self.offset + count]
        if len(part) != count:
            raise WireError("the message ends too early")
        self.offset += count
        return part

    def digits(self, count: int) -> str:
        text = self.take(count).hex()
        if not text.isdigit():
            raise WireError("a numeric element holds other than digits")
        return text


def decode(body: bytes) -> Message:
    """Read a message without its TPDU. Raises WireError on anything outside the dialect."""
    cursor = _Cursor(body)
    mti = cursor.digits(2)
    bitmap = int.from_bytes(cursor.take(8)) << 64
    if bitmap >> 127:
        bitmap |= int.from_bytes(cursor.take(8))
    elements = [element for element in range(2, 129) if bitmap >> 128 - element & 1]
    if not elements or elements[-1] not in (64, 128):
        raise WireError("the message carries no MAC")
    fields = {element: _unpack(cursor, element) for element in elements[:-1]}
    covered, mac = body[: cursor.offset], cursor.take(8)
    if cursor.offset != len(body):
        raise WireError("bytes follow the MAC")
    return Message(mti, fields, covered, mac)


def _unpack(cursor: _Cursor, element: int) -> Value:
    if element in FIXED:
        kind, length = FIXED[element]
        pad_left = True
    elif element in VARIABLE:
        kind, longest, prefix = VARIABLE[element]
        length, pad_left = int(cursor.digits(prefix)), False
        if length > longest:
            raise WireError(f"DE{element} is longer than {longest}")
    else:
        raise WireError(f"DE{element} is not in the dialect")
    if kind is Kind.BINARY:
        return cursor.take(length)
    if kind is Kind.TEXT:
        return cursor.take(length).decode("latin-1")
    if kind is Kind.SIGNED:
        sign = cursor.take(1)
        if sign not in (b"C", b"D"):
            raise WireError(f"DE{element} has no sign")
        return sign.decode() + cursor.digits(length // 2)
    text = cursor.digits((length + 1) // 2)
    pad, value = (text[: len(text) - length], text[len(text) - length :]) if pad_left else (text[length:], text[:length])
    if pad.strip("0"):
        raise WireError(f"DE{element} has a pad other than zero")
    return value


def encode_tlv(values: Mapping[int, bytes]) -> bytes:
    """BER-TLV with two-byte tags, in ascending order of tag. Raises WireError above 65535 bytes."""
    return b"".join(tag.to_bytes(2) + _tlv_length(len(values[tag])) + values[tag] for tag in sorted(values))


def _tlv_length(length: int) -> bytes:
    if length < 0x80:
        return bytes([length])
    if length > 0xFFFF:
        raise WireError("a TLV value is too long")
    return b"\x81" + bytes([length]) if length < 0x100 else b"\x82" + length.to_bytes(2)


def decode_tlv(data: bytes) -> dict[int, bytes]:
    """The values by tag. Raises WireError on a malformed or doubled tag."""
    cursor, values = _Cursor(data), {}
    while cursor.offset < len(data):
        tag = int.from_bytes(cursor.take(2))
        length = cursor.take(1)[0]
        if length > 0x82 or length == 0x80:
            raise WireError("a TLV length has an unsupported form")
        if length > 0x80:
            length = int.from_bytes(cursor.take(length - 0x80))
        if tag >> 8 & 0x1F != 0x1F or tag in values:
            raise WireError("a TLV tag is malformed or doubled")
        values[tag] = cursor.take(length)
    return values
