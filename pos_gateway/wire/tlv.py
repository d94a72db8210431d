"""BER-TLV (ISO/IEC 8825-1) of DE48 (private data) and DE63 (receipt): two-byte tags, definite lengths of 1
to 3 bytes.

Digits are ASCII inside a value and text is UTF-8; lengths count bytes. Order is free. An unknown tag is
ignored, unless it is critical (DF3x: security data that a receiver must understand); a repeated tag is
refused.
"""

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Self

from pos_gateway.wire.errors import FormatError, Reason

MAXIMUM_BYTES = 999

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


class Tag(IntEnum):
    """number, kind (n digits, t text, b bytes), shortest and longest value in bytes, and the unit a list
    repeats.
    """

    kind: str
    shortest: int
    longest: int
    unit: int

    def __new__(cls, number: int, kind: str, shortest: int, longest: int, unit: int = 1) -> Self:
        """An integer with its format."""
        tag = int.__new__(cls, number)
        tag._value_ = number
        tag.kind, tag.shortest, tag.longest, tag.unit = kind, shortest, longest, unit
        return tag

    # DE48 of requests
    APPLICATION_VERSION = 0xDF01, "t", 0, 16
    LOYALTY_AMOUNT = 0xDF02, "n", 12, 12
    POINTS = 0xDF03, "n", 10, 10
    CREDIT_MODE = 0xDF04, "b", 1, 1
    LAST_COMPLETED_STAN = 0xDF05, "n", 6, 6
    LAST_CLOSED_BATCH = 0xDF06, "n", 6, 6
    SHOP_REFERENCE = 0xDF07, "t", 0, 20
    CASHIER = 0xDF08, "t", 0, 8
    BASKET = 0xDF09, "t", 0, 255
    INSTALMENT_PLAN = 0xDF10, "n", 2, 2
    INSTALMENTS = 0xDF11, "n", 2, 2
    INSTALMENT_INTERVAL_DAYS = 0xDF12, "n", 3, 3
    FIRST_DUE_DATE = 0xDF13, "n", 8, 8
    PRICE = 0xDF14, "n", 12, 12
    ORIGINAL_DATE = 0xDF15, "n", 8, 8
    ORIGINAL_AMOUNT = 0xDF16, "n", 12, 12
    ENCRYPTED_IDENTITY = 0xDF17, "b", 1, 512
    CHIP_UID = 0xDF18, "b", 4, 10
    CONSENT = 0xDF19, "b", 1, 1
    PEOPLE = 0xDF1A, "n", 2, 2
    GIFT_OPERATION = 0xDF20, "t", 1, 1
    COUPON = 0xDF21, "t", 0, 20
    TERMINAL_CHARSETS = 0xDF22, "b", 1, 16
    PIN_BLOCK = 0xDF30, "b", 16, 16
    KSN = 0xDF31, "b", 12, 12
    KEY_SET = 0xDF32, "b", 5, 5
    CARD_AUTHENTICATION = 0xDF33, "b", 1, 64
    TR31_PIN_KEY = 0xDF34, "t", 16, 255
    TR31_MAC_KEY = 0xDF35, "t", 16, 255
    TERMINAL_NONCE = 0xDF36, "b", 16, 16

    # DE48 of responses
    POINTS_EARNED = 0xDF40, "n", 10, 10
    POINTS_SPENT = 0xDF41, "n", 10, 10
    POINTS_BALANCE = 0xDF42, "n", 10, 10
    PAID_FROM_CARD = 0xDF43, "n", 12, 12
    PAID_BY_CREDIT = 0xDF44, "n", 12, 12
    PAID_BY_GIFT = 0xDF45, "n", 12, 12
    TIER = 0xDF46, "t", 0, 8
    EXPIRING_POINTS = 0xDF47, "n", 18, 18
    INSTALMENT_SCHEDULE = 0xDF48, "n", 20, 720, 20
    MASKED_CARD = 0xDF49, "t", 0, 19
    CAMPAIGN_TEXT = 0xDF4A, "t", 0, 120
    SERVER_TIME = 0xDF4B, "n", 14, 14
    CONFIGURATION_VERSION = 0xDF4C, "n", 6, 6
    INTERNAL_REASON = 0xDF4D, "n", 4, 4
    REPLAYED = 0xDF4E, "n", 1, 1
    QUOTE_TOKEN = 0xDF4F, "b", 16, 16
    CREDIT_EARNED = 0xDF57, "n", 12, 12
    CREDIT_BALANCE = 0xDF58, "n", 12, 12
    EXPIRING_CREDIT = 0xDF59, "n", 20, 20
    CARD_STATUS = 0xDF5A, "b", 1, 1
    TIER_AND_INITIAL = 0xDF5B, "t", 0, 24
    LET_IN = 0xDF5C, "n", 6, 6
    CASH_DISCOUNT = 0xDF5D, "n", 4, 4
    SEALED_SCREEN = 0xDF5F, "b", 28, 800

    # DE48 of settlement
    TOTAL_POINTS_EARNED = 0xDF50, "n", 10, 10
    TOTAL_POINTS_SPENT = 0xDF51, "n", 10, 10
    TOTAL_LOYALTY_CREDIT = 0xDF52, "n", 12, 12
    TOTAL_TOP_UPS = 0xDF53, "n", 12, 12
    TOTAL_GIFTS = 0xDF54, "n", 12, 12

    # DE63: the copies are bytes, because their charset is what RECEIPT_CHARSET says
    RECEIPT_CHARSET = 0xDF60, "b", 1, 1
    CUSTOMER_COPY = 0xDF61, "b", 0, 600
    SHOP_COPY = 0xDF62, "b", 0, 600
    FOOTER = 0xDF63, "b", 0, 600
    RECEIPT_FLAGS = 0xDF64, "b", 1, 1
    RASTER_ADDRESS = 0xDF65, "t", 0, 255


_TAGS: dict[int, dict[int, Tag]] = {
    48: {int(tag): tag for tag in Tag if tag < 0xDF60},
    63: {int(tag): tag for tag in Tag if tag >= 0xDF60},
}


def decode(data: bytes, field: int = 48) -> dict[int, str | bytes]:
    """Known tags of DE48 or DE63 and their values: str for digits and text, bytes otherwise.

    Raises FormatError. Keys are integers, so `values[Tag.KSN]` and `values[0xDF31]` are the same.
    """
    known = _TAGS[field]
    values: dict[int, str | bytes] = {}
    ignored: set[int] = set()
    at, size = 0, len(data)
    while at < size:
        if at + 3 > size:
            raise FormatError(Reason.TLV_TRUNCATED, field)
        number = data[at] << 8 | data[at + 1]
        if number & 0x1F80 != 0x1F00:
            raise FormatError(Reason.TLV_TAG_MALFORMED, field)
        length, at = _read_length(data, at + 2, field)
        end = at + length
        if end > size:
            raise FormatError(Reason.TLV_TRUNCATED, field)
        if number in values or number in ignored:
            raise FormatError(Reason.TLV_TAG_REPEATED, field)
        tag = known.get(number)
        if tag is not None:
            values[number] = _read_value(tag, data[at:end], field)
        elif number & 0xFFF0 == 0xDF30:
            raise FormatError(Reason.TLV_CRITICAL_TAG_UNKNOWN, field)
        else:
            ignored.add(number)
        at = end
    return values


def salvage(data: bytes, wanted: Tag) -> bytes | None:
    """The value of the first such tag that has a length of its own, whatever is wrong with other tags; None without one.

    For answering what `decode` refuses; nothing may be decided on it.
    """
    at = 0
    while at + 3 <= len(data):
        number = data[at] << 8 | data[at + 1]
        try:
            length, at = _read_length(data, at + 2, 48)
        except FormatError:
            return None
        value = data[at : at + length]
        if number == wanted and len(value) == length and wanted.shortest <= length <= wanted.longest:
            return value
        at += length
    return None


def _read_length(data: bytes, at: int, field: int) -> tuple[int, int]:
    """The length at `at` and where the value starts."""
    first = data[at]
    if first < 0x80:
        return first, at + 1
    if first not in (0x81, 0x82):
        raise FormatError(Reason.TLV_LENGTH_MALFORMED, field)
    start = at + 1 + (first & 0x7F)
    return int.from_bytes(data[at + 1 : start], "big"), start


def _read_value(tag: Tag, value: bytes, field: int) -> str | bytes:
    if not tag.shortest <= len(value) <= tag.longest or len(value) % tag.unit:
        raise FormatError(Reason.TLV_VALUE_MALFORMED, field)
    if tag.kind == "b":
        return value
    if tag.kind == "n":
        if not value.isdigit():
            raise FormatError(Reason.TLV_VALUE_MALFORMED, field)
        return value.decode("ascii")
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        raise FormatError(Reason.TLV_VALUE_MALFORMED, field) from None
    if _CONTROL.search(text):
        raise FormatError(Reason.TLV_VALUE_MALFORMED, field)
    return text


def encode(values: Mapping[int, str | bytes], field: int = 48) -> bytes:
    """Tags in ascending order, shortest lengths; raises FormatError for what is not in the table."""
    parts: list[bytes] = []
    for number in sorted(values):
        tag = _TAGS[field].get(number)
        if tag is None:
            raise FormatError(Reason.TLV_TAG_MALFORMED, field)
        value = values[number]
        if isinstance(value, bytes) is not (tag.kind == "b"):
            raise FormatError(Reason.WRONG_VALUE_TYPE, field)
        raw = value if isinstance(value, bytes) else value.encode("utf-8")
        _read_value(tag, raw, field)
        parts += (number.to_bytes(2, "big"), _write_length(len(raw)), raw)
    data = b"".join(parts)
    if len(data) > MAXIMUM_BYTES:
        raise FormatError(Reason.WRONG_LENGTH, field)
    return data


def _write_length(length: int) -> bytes:
    if length < 0x80:
        return bytes((length,))
    if length < 0x100:
        return bytes((0x81, length))
    return bytes((0x82, length >> 8, length & 0xFF))
