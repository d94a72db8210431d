"""A message's bytes to typed values and back, driven by the table in `fields`.

A message is its type (two packed bytes), one or two bitmaps of eight bytes, then the elements the bitmaps
announce, in order. n and z values are strings of digits (z also holds the separator `D`), an and ans values
ISO-8859-1 strings with their padding, x values a `C` or `D` with its digits, b values bytes.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import NamedTuple

from pos_gateway.wire import tlv
from pos_gateway.wire.errors import FormatError, Reason
from pos_gateway.wire.fields import FIELDS, UNUSED, Format

MAC_BYTES = 8

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(repr=False)
class Message:
    """`mti` is four digits, `fields` maps data element numbers to values; bitmaps are implied.

    `received` are the bytes a decoded message came from and `mac_at` is where its MAC field starts in them,
    0 when it carries none; both are empty in a message that is about to be sent. The MAC stands last, so its
    place is known even in the partial message of a FormatError: an honest sender can be told from a forger.
    """

    mti: str
    fields: dict[int, str | bytes]
    received: bytes = field(default=b"", compare=False)
    mac_at: int = field(default=0, compare=False)

    @cached_property
    def private(self) -> dict[int, str | bytes]:
        """The tags of DE48, empty without one; raises FormatError for field 48.

        They are read once: a later change of DE48 does not show here.
        """
        data = self.fields.get(48, b"")
        if not isinstance(data, bytes):
            raise FormatError(Reason.WRONG_VALUE_TYPE, 48, self)
        try:
            return tlv.decode(data, 48)
        except FormatError as error:
            raise FormatError(error.reason, 48, self) from None

    @property
    def key_serial(self) -> bytes | None:
        """DF31 of DE48, even where the rest of DE48 is refused: the refusal has to be signed too."""
        data = self.fields.get(48)
        try:
            value = self.private.get(tlv.Tag.KSN)
        except FormatError:
            value = tlv.salvage(data, tlv.Tag.KSN) if isinstance(data, bytes) else None
        return value if isinstance(value, bytes) else None

    def __repr__(self) -> str:
        """Numbers only: values hold card numbers and PIN blocks, and representations end up in logs."""
        return f"<Message {self.mti} DE {sorted(self.fields)}>"


class _Cursor:
    """Where reading stands: `at` counts the hexadecimal digits, two to a byte, already taken."""

    __slots__ = ("at", "body", "digits")

    def __init__(self, body: bytes, at: int) -> None:
        self.body = body
        self.digits = body.hex()
        self.at = at

    def take(self, count: int) -> str:
        """The next `count` hexadecimal digits."""
        start = self.at
        self.at = end = start + count
        if end > len(self.digits):
            raise FormatError(Reason.TRUNCATED)
        return self.digits[start:end]

    def take_bytes(self, count: int) -> bytes:
        start = self.at >> 1
        end = start + count
        if end > len(self.body):
            raise FormatError(Reason.TRUNCATED)
        self.at = end << 1
        return self.body[start:end]

    def length(self, form: Format) -> int:
        """The length in front of a variable field, or the fixed one."""
        if not form.prefix:
            return form.maximum
        digits = self.take(2 * form.prefix)
        if not digits.isdigit():
            raise FormatError(Reason.NOT_DECIMAL)
        length = int(digits)
        if length > form.maximum:
            raise FormatError(Reason.WRONG_LENGTH)
        return length


def _read_digits(cursor: _Cursor, form: Format) -> str:
    """A fixed numeric field, padded on the left when odd."""
    count = form.maximum
    digits = cursor.take(count + (count & 1))
    if not digits.isdigit():
        raise FormatError(Reason.NOT_DECIMAL)
    if count & 1:
        if digits[0] != "0":
            raise FormatError(Reason.PAD_NOT_ZERO)
        return digits[1:]
    return digits


def _read_counted_digits(cursor: _Cursor, form: Format) -> str:
    """A variable numeric or track field, padded on the right when odd."""
    count = cursor.length(form)
    packed = cursor.take(count + (count & 1))
    digits = packed[:count]
    decimal = digits.replace("d", "0") if form.kind == "z" else digits
    if count and not decimal.isdigit():
        raise FormatError(Reason.NOT_DECIMAL)
    if packed[count:] not in ("", "0"):
        raise FormatError(Reason.PAD_NOT_ZERO)
    return digits.upper()


def _read_signed(cursor: _Cursor, form: Format) -> str:
    sign = cursor.take_bytes(1)
    if sign not in (b"C", b"D"):
        raise FormatError(Reason.WRONG_SIGN)
    return sign.decode("ascii") + _read_digits(cursor, form)


def _read_text(cursor: _Cursor, form: Format) -> str:
    text = cursor.take_bytes(cursor.length(form)).decode("latin-1")
    if _CONTROL.search(text):
        raise FormatError(Reason.CONTROL_CHARACTER)
    return text


def _read_bytes(cursor: _Cursor, form: Format) -> bytes:
    return cursor.take_bytes(cursor.length(form))


_Reader = Callable[[_Cursor, Format], str | bytes]


def _reader(form: Format) -> _Reader:
    if form.kind in ("n", "z"):
        return _read_counted_digits if form.prefix else _read_digits
    return _read_bytes if form.kind == "b" else _read_signed if form.kind == "x+n" else _read_text


class _Plan(NamedTuple):
    """How to read what one pair of bitmaps announces; `refusal` is what is wrong with the bitmaps
    themselves.
    """

    steps: tuple[tuple[int, _Reader, Format], ...]
    refusal: tuple[int, Reason] | None
    has_mac: bool


@lru_cache(maxsize=512)
def _plan(bitmaps: bytes) -> _Plan:
    width = 8 * len(bitmaps)
    bits = int.from_bytes(bitmaps, "big")
    numbers = [number for number in range(2, width + 1) if bits >> (width - number) & 1]
    refused = {number: Reason.UNDEFINED_FIELD for number in numbers if number not in FIELDS}
    if 64 in numbers and numbers[-1] > 64:
        refused[64] = Reason.MAC_MISPLACED
    has_mac = bool(numbers) and numbers[-1] in (64, 128)
    if 65 in numbers:
        numbers = numbers[: numbers.index(65)]
    formats = {number: FIELDS.get(number) or UNUSED[number] for number in numbers}
    steps = tuple((number, _reader(form), form) for number, form in formats.items())
    return _Plan(steps, min(refused.items()) if refused else None, has_mac)


def decode(body: bytes) -> Message:
    """Read a message (what follows the TPDU); raises FormatError for all but exactly one well-formed message.

    An empty second bitmap is accepted, since some libraries always send one. A refused bitmap does not stop
    the reading, so that the error's `partial` message can be answered.
    """
    if len(body) < 10:
        raise FormatError(Reason.TRUNCATED)
    mti = body[:2].hex()
    if not mti.isdigit():
        raise FormatError(Reason.NOT_DECIMAL)
    message = Message(mti, {}, body)
    start = 18 if body[2] & 0x80 else 10
    if len(body) < start:
        raise FormatError(Reason.TRUNCATED, 1, message)
    plan = _plan(body[2:start])
    if plan.has_mac and len(body) >= start + MAC_BYTES:
        message.mac_at = len(body) - MAC_BYTES
    fault = _read_fields(message, plan, start)
    if plan.refusal and (fault is None or plan.refusal[0] <= fault[0]):
        fault = plan.refusal
    if fault:
        raise FormatError(fault[1], fault[0], message)
    return message


def _read_fields(message: Message, plan: _Plan, start: int) -> tuple[int, Reason] | None:
    """Fill `message` and return the first fault, if any, with the number of its field."""
    cursor = _Cursor(message.received, 2 * start)
    fields = message.fields
    number = 1
    try:
        for number, read, form in plan.steps:
            fields[number] = read(cursor, form)
    except FormatError as error:
        return number, error.reason
    if cursor.at != len(cursor.digits) and not plan.refusal:
        return number, Reason.TRAILING_BYTES
    return None


def _check_length(length: int, form: Format) -> None:
    if length != form.maximum and not (form.prefix and length < form.maximum):
        raise FormatError(Reason.WRONG_LENGTH)


def _write_length(length: int, form: Format) -> bytes:
    return bytes.fromhex(f"{length:0{2 * form.prefix}d}") if form.prefix else b""


def _write_digits(value: str, form: Format) -> bytes:
    """n and z, the pad on the left of a fixed field and on the right of a variable one."""
    length = len(value)
    _check_length(length, form)
    decimal = value.replace("D", "0") if form.kind == "z" else value
    if length and not (decimal.isascii() and decimal.isdigit()):
        raise FormatError(Reason.NOT_DECIMAL)
    if length & 1:
        value = value + "0" if form.prefix else "0" + value
    return _write_length(length, form) + bytes.fromhex(value)


def _write_signed(value: str, form: Format) -> bytes:
    if value[:1] not in ("C", "D"):
        raise FormatError(Reason.WRONG_SIGN)
    return value[:1].encode("ascii") + _write_digits(value[1:], form)


def _write_text(value: str, form: Format) -> bytes:
    _check_length(len(value), form)
    if _CONTROL.search(value):
        raise FormatError(Reason.CONTROL_CHARACTER)
    try:
        return _write_length(len(value), form) + value.encode("latin-1")
    except UnicodeEncodeError:
        raise FormatError(Reason.WRONG_VALUE_TYPE) from None


def _write_bytes(value: bytes, form: Format) -> bytes:
    _check_length(len(value), form)
    return _write_length(len(value), form) + value


_WRITERS: dict[str, Callable[[str, Format], bytes]] = {
    "n": _write_digits,
    "z": _write_digits,
    "x+n": _write_signed,
    "an": _write_text,
    "ans": _write_text,
}


def _write(value: str | bytes, form: Format) -> bytes:
    if isinstance(value, str) and form.kind != "b":
        return _WRITERS[form.kind](value, form)
    if isinstance(value, bytes) and form.kind == "b":
        return _write_bytes(value, form)
    raise FormatError(Reason.WRONG_VALUE_TYPE)


def encode(message: Message) -> bytes:
    """The bytes of a message, without TPDU; raises FormatError for a value that does not fit its field.

    The second bitmap is written only when an element above 64 is present. The MAC is written as it stands
    in the fields: see `mac.sign` for making it.
    """
    if not (len(message.mti) == 4 and message.mti.isascii() and message.mti.isdigit()):
        raise FormatError(Reason.NOT_DECIMAL)
    numbers = sorted(message.fields)
    width = 128 if numbers and numbers[-1] > 64 else 64
    if width == 128 and 64 in message.fields:
        raise FormatError(Reason.MAC_MISPLACED, 64)
    bits = 1 << 127 if width == 128 else 0
    parts = [b""]
    for number in numbers:
        form = FIELDS.get(number)
        if form is None:
            raise FormatError(Reason.UNDEFINED_FIELD, number)
        bits |= 1 << (width - number)
        try:
            parts.append(_write(message.fields[number], form))
        except FormatError as error:
            raise FormatError(error.reason, number) from None
    parts[0] = bytes.fromhex(message.mti) + bits.to_bytes(width // 8, "big")
    return b"".join(parts)
