"""Dialect A as pyiso8583 sees it, written from the specification's table and not from the codec's.

pyiso8583 alone takes more than the dialect allows, so `decode` guards it: message size, undefined elements (a KeyError
there), a third bitmap, hexadecimal digits in packed fields, pads, control characters, and where the MAC stands.
"""

import iso8583


class RefusedError(Exception):
    """pyiso8583, with the guards, does not take these bytes."""


def _field(encoding: str, length: int, prefix: int = 0, **more: str) -> dict[str, object]:
    return {
        "data_enc": encoding,
        "len_enc": "bcd",
        "len_type": prefix,
        "max_len": length,
        "desc": "",
        **more,
    }


def _digits(length: int) -> dict[str, object]:
    return _field("b", length, len_count="nibbles", left_pad="0")


def _counted_digits(length: int) -> dict[str, object]:
    return _field("b", length, 1, len_count="nibbles", right_pad="0")


NUMERIC = {
    3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 14: 4, 15: 4, 18: 4, 22: 3, 23: 3, 24: 3, 25: 2, 53: 16, 66: 1, 70: 3,
    74: 10, 75: 10, 76: 10, 77: 10, 86: 16, 87: 16, 88: 16, 89: 16, 90: 42,
}  # fmt: skip
COUNTED_NUMERIC = {2: 19, 32: 11}
TRACK = {35: 37}
TEXT = {37: 12, 38: 6, 39: 2, 41: 8, 42: 15, 43: 40, 49: 3, 95: 42}
COUNTED_TEXT = {44: (25, 1), 54: (120, 2), 60: (999, 2), 62: (999, 2), 102: (28, 1), 103: (28, 1)}
BINARY = {52: 8, 64: 8, 128: 8}
COUNTED_BINARY = {48: 999, 55: 255, 63: 999}
SIGNED = {97: 17}

SPEC = {
    "h": _field("b", 0),
    "t": _field("b", 2),
    "p": _field("b", 8),
    "1": _field("b", 8),
    **{str(number): _digits(length) for number, length in NUMERIC.items()},
    **{str(number): _counted_digits(length) for number, length in {**COUNTED_NUMERIC, **TRACK}.items()},
    **{str(number): _field("latin-1", length) for number, length in TEXT.items()},
    **{str(number): _field("latin-1", length, prefix) for number, (length, prefix) in COUNTED_TEXT.items()},
    **{str(number): _field("b", length) for number, length in BINARY.items()},
    **{str(number): _field("b", length, 2) for number, length in COUNTED_BINARY.items()},
    "97": _field("b", 9),
}


def encode(mti: str, fields: dict[int, str | bytes]) -> bytes:
    """Pack values of the kinds our codec uses."""
    document = {"t": mti, **{str(number): _plain(number, value) for number, value in fields.items()}}
    packed, _ = iso8583.encode(document, SPEC)
    return bytes(packed)


def decode(body: bytes) -> tuple[str, dict[int, str | bytes]]:
    """Unpack to values of the kinds our codec uses; raises RefusedError."""
    if len(body) > 4091:
        raise RefusedError("size")
    try:
        document, raw = iso8583.decode(body, SPEC)
    except (iso8583.DecodeError, KeyError) as error:
        raise RefusedError(str(error)) from None
    if not document["t"].isdecimal() or len(document.get("1", "")) > 16:
        raise RefusedError("message type or third bitmap")
    numbers = {int(key) for key in document if key not in ("h", "t", "p", "1")}
    if 64 in numbers and max(numbers) > 64:
        raise RefusedError("MAC in the wrong place")
    return document["t"], {number: _checked(number, document[str(number)], raw[str(number)]["data"]) for number in numbers}


def _plain(number: int, value: str | bytes) -> str:
    if isinstance(value, bytes):
        return value.hex().upper()
    if number in SIGNED:
        return value[0].encode().hex() + value[1:]
    return value


def _checked(number: int, value: str, data: bytes) -> str | bytes:
    if number in BINARY or number in COUNTED_BINARY:
        return bytes.fromhex(value)
    if number in SIGNED:
        sign = chr(int(value[:2], 16))
        if sign not in "CD" or not value[2:].isdecimal():
            raise RefusedError("signed amount")
        return sign + value[2:]
    if number in TEXT or number in COUNTED_TEXT:
        if any(ord(letter) < 0x20 or 0x7F <= ord(letter) < 0xA0 for letter in value):
            raise RefusedError("control character")
        return value
    if value and not (value.replace("D", "") if number in TRACK else value).isdecimal() and set(value) != {"D"}:
        raise RefusedError("hexadecimal digit")
    if len(value) % 2 and data.hex()[0 if number in NUMERIC else -1] != "0":
        raise RefusedError("pad")
    return value
