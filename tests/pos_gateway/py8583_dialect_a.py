"""Dialect A spoken with py8583 1.3, as an independent codec: `pack` and `unpack` values of the kinds our codec uses.

py8583 reads fixed numeric fields as integers, pads variable ones on the wrong side for this dialect, and refuses to be
given a binary value because it counts the hexadecimal digits; the subclass mends just those three. It does not check
lengths against the bytes that are there, so it is no judge of malformed messages.
"""

from py8583.py8583 import DT, LT, Bcd2Str, Iso8583, Str2Bcd
from py8583.py8583spec import IsoSpec

_NUMERIC = {
    3: 6, 4: 12, 7: 10, 11: 6, 12: 6, 13: 4, 14: 4, 15: 4, 18: 4, 22: 3, 23: 3, 24: 3, 25: 2, 53: 16, 66: 1, 70: 3,
    74: 10, 75: 10, 76: 10, 77: 10, 86: 16, 87: 16, 88: 16, 89: 16, 90: 42,
}  # fmt: skip
_COUNTED_DIGITS = {2: 19, 32: 11, 35: 37}
_TEXT = {37: 12, 38: 6, 39: 2, 41: 8, 42: 15, 43: 40, 49: 3, 95: 42}
_COUNTED_TEXT = {44: (25, 1), 54: (120, 2), 60: (999, 2), 62: (999, 2), 102: (28, 1), 103: (28, 1)}
_BINARY = {52: 8, 64: 8, 97: 9, 128: 8}
_COUNTED_BINARY = {48: 999, 55: 255, 63: 999}
_PREFIX = {0: LT.FIXED, 1: LT.LLVAR, 2: LT.LLLVAR}


class DialectA(IsoSpec):
    """The specification object that py8583 asks for every field."""

    def SetContentTypes(self) -> None:
        self.ContentTypes = {}
        for number, length in _NUMERIC.items():
            self._add(number, "n", length)
        for number, length in _COUNTED_DIGITS.items():
            self._add(number, "z", length, 1)
        for number, length in _TEXT.items():
            self._add(number, "ans", length)
        for number, (length, prefix) in _COUNTED_TEXT.items():
            self._add(number, "ans", length, prefix)
        for number, length in _BINARY.items():
            self._add(number, "b", length)
        for number, length in _COUNTED_BINARY.items():
            self._add(number, "b", length, 2)

    def _add(self, number: int, content: str, length: int, prefix: int = 0) -> None:
        self.ContentTypes[number] = {"ContentType": content, "MaxLen": length, "LenType": _PREFIX[prefix]}

    def SetDataTypes(self) -> None:
        self.DataTypes = {}
        self.DataType("MTI", DT.BCD)
        self.DataType(1, DT.BIN)
        kinds = {"n": DT.BCD, "z": DT.BCD, "ans": DT.ASCII, "b": DT.BIN}
        for number, content in self.ContentTypes.items():
            self.DataType(number, kinds[content["ContentType"]])
            self.LengthDataType(number, DT.BCD)


class _Message(Iso8583):
    def FieldData(self, field: int, value: object = None) -> object:
        if value is None:
            return super().FieldData(field)
        self._Iso8583__FieldData[field] = value
        return None

    def ParseField(self, field: int, p: int) -> int:
        if field not in _COUNTED_DIGITS:
            return super().ParseField(field, p)
        iso = self._Iso8583__iso
        count = int(Bcd2Str(iso[p : p + 1]))
        end = p + 1 + (count + 1) // 2
        self._Iso8583__FieldData[field] = Bcd2Str(iso[p + 1 : end])[:count].upper()
        return end

    def BuildField(self, field: int) -> None:
        if field not in _COUNTED_DIGITS:
            super().BuildField(field)
            return
        digits = self._Iso8583__FieldData[field]
        self._Iso8583__iso += Str2Bcd(f"{len(digits):02d}") + Str2Bcd(digits + "0" * (len(digits) % 2))


def pack(mti: str, fields: dict[int, str | bytes]) -> bytes:
    """The bytes of a message, without TPDU."""
    message = _Message(IsoSpec=DialectA())
    message.MTI(mti)
    for number, value in fields.items():
        message.Field(number, 1)
        message.FieldData(number, _native(number, value))
    return message.BuildIso()


def unpack(body: bytes) -> tuple[str, dict[int, str | bytes]]:
    """Message type and fields of a well-formed message."""
    message = _Message(body, DialectA())
    present = [number for number, bit in message.Bitmap().items() if bit and number != 1]
    return message.MTI(), {number: _ours(number, message.FieldData(number)) for number in present}


def _native(number: int, value: str | bytes) -> object:
    if isinstance(value, bytes):
        return value.hex().upper()
    if number == 97:
        return value[0].encode().hex() + value[1:]
    return int(value) if number in _NUMERIC else value


def _ours(number: int, value: object) -> str | bytes:
    if number in _NUMERIC:
        return f"{value:0{_NUMERIC[number]}d}"
    if number == 97:
        return chr(int(str(value)[:2], 16)) + str(value)[2:]
    if number in _BINARY or number in _COUNTED_BINARY:
        return bytes.fromhex(str(value or ""))
    return str(value or "")
