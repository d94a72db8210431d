"""Check 11: batch hashes and the seal chain, computed again from the rows.

A batch hash is SHA-256 over `ledger.canonical` (its form is described there): date and first id, then each column as an array
in PostgreSQL's binary form. All batches are recomputed in the database, and a sample here, so that an altered SQL function
cannot hide an altered row. A seal is SHA-256(previous seal ‖ hashes of its batches in id order).
"""

import hashlib
import json
import struct
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg

Connection = psycopg.Connection[Any]
SAMPLE = 40
EPOCH_DAY = date(2000, 1, 1)
EPOCH = datetime(2000, 1, 1, tzinfo=UTC)

EXPORTED = ("no", "prev_hash", "hash", "business_date", "batches", "entries")

INT2, INT4, INT8, DATE, TIMESTAMPTZ = 21, 23, 20, 1082, 1184  # type OIDs as they stand in an array's header
PACKERS = {INT2: struct.Struct(">ih"), INT4: struct.Struct(">ii"), INT8: struct.Struct(">iq")}
PACKERS |= {DATE: PACKERS[INT4], TIMESTAMPTZ: PACKERS[INT8]}

ENTRY_COLUMNS = {
    "decided_at": TIMESTAMPTZ, "wallet_id": INT8, "member_id": INT8, "coalesce(card_id, 0)": INT8, "shop_id": INT8,
    "terminal_id": INT8, "terminal_batch": INT4, "kind": INT2, "unit": INT4, "amount": INT8, "original_date": DATE,
    "original_id": INT8, "effective_at": TIMESTAMPTZ, "key_date": DATE, "source": INT2,
}  # fmt: skip
LEG_COLUMNS = {
    "entry_id": INT4, "leg": INT2, "account_id": INT8, "unit": INT4, "amount": INT8, "balance_after": INT8,
    "account_version": INT8, "line": INT4, "rule_id": INT8,
}  # fmt: skip
OF_BATCH = "FROM ledger.{} WHERE business_date = %s AND {} BETWEEN %s AND %s ORDER BY {}"
ENTRIES = f"SELECT {', '.join(ENTRY_COLUMNS)} {OF_BATCH.format('entry', 'id', 'id')}"
LEGS = f"SELECT {', '.join(LEG_COLUMNS)} {OF_BATCH.format('posting', 'entry_id', 'entry_id, leg')}"

KEPT = "business_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'posting')"
UNEQUAL = f"""
    SELECT business_date, id FROM ledger.post_batch
    WHERE {KEPT} AND sha256(ledger.batch_canonical(business_date, id)) IS DISTINCT FROM hash"""
# The newest batches, and some from all over.
SAMPLED = f"""
    (SELECT business_date, id, first_entry, last_entry, hash FROM ledger.post_batch WHERE {KEPT}
     ORDER BY business_date DESC, id DESC LIMIT {SAMPLE // 2})
    UNION
    (SELECT business_date, id, first_entry, last_entry, hash FROM ledger.post_batch WHERE {KEPT}
     ORDER BY random() LIMIT {SAMPLE // 2})"""


def seal_faults(connection: Connection) -> Iterator[str]:
    """One line per batch whose hash is not that of its rows, and per seal that does not follow from the one before."""
    for day, batch in connection.execute(UNEQUAL):
        yield f"batch {day}/{batch} is not what was hashed"
    for day, batch, first, last, stored in connection.execute(SAMPLED).fetchall():
        if hashlib.sha256(canonical(connection, day, first, last)).digest() != stored:
            yield f"batch {day}/{batch} is not what was hashed, recomputed outside the database"
    yield from _chain_faults(connection)


def _chain_faults(connection: Connection) -> Iterator[str]:
    batches: defaultdict[int, list[tuple[date, int, bytes]]] = defaultdict(list)
    for number, day, entries, stored in connection.execute(
        "SELECT seal_no, business_date, entries, hash FROM ledger.post_batch WHERE seal_no IS NOT NULL ORDER BY seal_no, id"
    ):
        batches[number].append((day, entries, stored))
    previous, expected = b"", 1
    for number, before, stored, day, count, entries in connection.execute(
        "SELECT no, prev_hash, hash, business_date, batches, entries FROM ledger.seal ORDER BY no"
    ):
        sealed = batches.pop(number, [])
        if number != expected:
            yield f"seal {expected} is missing"
        elif before != previous:
            yield f"seal {number} does not follow seal {number - 1}"
        if hashlib.sha256(before + b"".join(batch[2] for batch in sealed)).digest() != stored:
            yield f"seal {number} is not that of its batches"
        if (count, entries) != (len(sealed), sum(batch[1] for batch in sealed)) or {batch[0] for batch in sealed} - {day}:
            yield f"seal {number} does not count its batches"
        previous, expected = stored, number + 1
    for number in sorted(batches):
        yield f"seal {number} is missing"


def exported_faults(file: Path) -> Callable[[Connection], Iterator[str]]:
    """Holds the seals that were written to `file` (a JSON object a line, hashes in hex) against those of the database.

    One line per seal that was exported and is another one now, or is gone. No file = nothing was exported here.
    """

    def find(connection: Connection) -> Iterator[str]:
        if not file.exists():
            return
        query = "SELECT no, encode(prev_hash, 'hex'), encode(hash, 'hex'), business_date::text, batches, entries FROM ledger.seal"
        seals = {row[0]: row for row in connection.execute(query)}
        for position, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            try:
                seal = json.loads(line)
                exported = tuple(seal[name] for name in EXPORTED)
            except (ValueError, KeyError, TypeError):
                yield f"line {position} of the exported seals cannot be read"
                continue
            if seals.get(exported[0]) != exported:
                yield f"seal {exported[0]} is not the one that was exported"

    return find


def canonical(connection: Connection, day: date, first: int, last: int) -> bytes:
    """The bytes under a batch hash, from the rows of entries `first` to `last` of a business day."""
    entries = connection.execute(ENTRIES, (day, first, last)).fetchall()
    legs = connection.execute(LEGS, (day, first, last)).fetchall()
    legs = [(entry_id - first + 1, *rest) for entry_id, *rest in legs]
    parts = [struct.pack(">iq", (day - EPOCH_DAY).days, first)]
    for columns, rows in ((ENTRY_COLUMNS, entries), (LEG_COLUMNS, legs)):
        for oid, values in zip(columns.values(), zip(*rows, strict=True), strict=False):
            parts.append(_array(oid, values))
    return b"".join(parts)


def _array(oid: int, values: Sequence[Any]) -> bytes:
    """PostgreSQL's array_send of one dimension: header, then length and value of each element; length -1 is NULL."""
    pack, size = PACKERS[oid].pack, PACKERS[oid].size - 4
    header = struct.pack(">iiiii", 1, int(None in values), oid, len(values), 1)
    missing = struct.pack(">i", -1)
    return header + b"".join(missing if value is None else pack(size, _number(value)) for value in values)


def _number(value: Any) -> int:
    if isinstance(value, datetime):
        since = value - EPOCH
        return (since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds
    if isinstance(value, date):
        return (value - EPOCH_DAY).days
    return int(value)
