"""Columns of a batch as PostgreSQL arrays in binary form: the bytes that travel, and that a batch hash is made over.

Form: array_send of PostgreSQL 15 (src/backend/utils/adt/arrayfuncs.c): number of dimensions 1, flag of NULLs, element type,
length, lower bound 1, then per element its length (-1 = NULL) and value, all big-endian. Packing whole columns this way
costs a quarter of what a driver's element by element adaptation does.
"""

import struct
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cache
from typing import Any

from psycopg import pq
from psycopg.abc import AdaptContext
from psycopg.adapt import Dumper

_HEAD = struct.Struct(">iiIii")
_NULL = b"\xff\xff\xff\xff"
_FIRST_DAY = date(2000, 1, 1).toordinal()
_FIRST_INSTANT = datetime(2000, 1, 1, tzinfo=UTC)
# Element type: its oid, and for a number its struct code and size.
_NUMBERS = {
    "smallint": (21, "h", 2),
    "int": (23, "i", 4),
    "bigint": (20, "q", 8),
    "date": (1082, "i", 4),
    "timestamptz": (1184, "q", 8),
}
_STRINGS = {"text": 25, "bytea": 17}
_TID, _TID_LENGTH = 27, (6).to_bytes(4, "big")


class Packed(bytes):
    """An array in binary form; the SQL casts its placeholder to the array's type."""


class _PackedDumper(Dumper):
    format = pq.Format.BINARY

    def dump(self, packed: Packed) -> Packed:
        return packed


def register(context: AdaptContext) -> None:
    """Let a psycopg connection or cursor send Packed arguments."""
    context.adapters.register_dumper(Packed, _PackedDumper)


def days(day: date) -> int:
    return day.toordinal() - _FIRST_DAY


def microseconds(instant: datetime) -> int:
    since = instant - _FIRST_INSTANT
    return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds


def pack(kind: str, column: Sequence[Any]) -> Packed:
    """A column of numbers (dates as `days`, instants as `microseconds`), strings, bytes or tids; None is NULL.

    Raises struct.error for a number that its type cannot hold, UnicodeEncodeError for a string that is not text.
    """
    length = len(column)
    if kind in _STRINGS:
        encoded = [item.encode() for item in column] if kind == "text" else column
        body = b"".join([part for item in encoded for part in (len(item).to_bytes(4, "big"), item)])
        return Packed(_head(_STRINGS[kind], length, has_null=False) + body)
    if kind == "tid":
        has_null = None in column
        if has_null:
            body = b"".join([_NULL if item is None else _TID_LENGTH + item for item in column])
        else:
            body = _TID_LENGTH + _TID_LENGTH.join(column) if column else b""
        return Packed(_head(_TID, length, has_null=has_null) + body)
    oid, code, size = _NUMBERS[kind]
    nulls = column.count(None)
    if nulls == 0:
        flat = [size] * (2 * length)
        flat[1::2] = column
        body = _whole(code, length).pack(*flat)
    elif nulls == length:
        body = _NULL * length
    else:
        one = _whole(code, 1).pack
        body = b"".join([_NULL if item is None else one(size, item) for item in column])
    return Packed(_head(oid, length, has_null=nulls > 0) + body)


def tids(array: bytes) -> list[bytes]:
    """The elements of an array of tids without NULLs, as PostgreSQL sends it."""
    return [array[start + 4 : start + 10] for start in range(_HEAD.size, len(array), 10)]


def _head(oid: int, length: int, *, has_null: bool) -> bytes:
    if not length:
        return _HEAD.pack(0, 0, oid, 0, 0)[:12]
    return _HEAD.pack(1, has_null, oid, length, 1)


@cache
def _whole(code: str, length: int) -> struct.Struct:
    return struct.Struct(">" + ("i" + code) * length)
