"""What a terminal's entries are, found by the terminal: the ledger has no index for it, so its requests lead to them."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from cardbank.ledger.rules.keys import MAY_BE_NEWER, MAY_BE_OLDER
from cardbank.ledger.types import EntryKind, Source

REQUESTS_ARE_KEPT = timedelta(days=35)


class TerminalEntry(Struct, frozen=True):
    """An entry with the kinds of its original and of that one's; what credit paid of it, what of it loaded a gift."""

    business_date: date
    entry_id: int
    decided_at: datetime
    stan: str
    batch: int
    kinds: tuple[EntryKind, ...]
    amount_rial: int
    credit_rial: int
    gift_rial: int
    original: tuple[date, int] | None


class ClosedBatch(Struct, frozen=True):
    terminal_id: int
    number: int
    opened_at: datetime | None  # when the one before it was closed
    closed_at: datetime


_ENTRY = """
    SELECT e.business_date, e.id AS entry_id, e.decided_at, e.source_key AS stan, e.terminal_batch AS batch, e.kind,
           o.kind AS of_kind, oo.kind AS of_of_kind, e.amount AS amount_rial, e.original_date, e.original_id, legs.*
    FROM {entries}
    LEFT JOIN ledger.entry o ON o.business_date = e.original_date AND o.id = e.original_id
    LEFT JOIN ledger.entry oo ON oo.business_date = o.original_date AND oo.id = o.original_id
    CROSS JOIN LATERAL (
        SELECT coalesce(-sum(p.amount) FILTER (WHERE a.kind = 4 AND p.amount < 0 AND p.rule_id IS NULL), 0)::bigint AS credit_rial,
               coalesce(sum(p.amount) FILTER (WHERE a.kind = 2 AND p.amount > 0), 0)::bigint AS gift_rial
        FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id
        WHERE p.business_date = e.business_date AND p.entry_id = e.id
    ) AS legs
    WHERE e.terminal_batch BETWEEN :lowest AND :highest AND {wanted}
    ORDER BY e.decided_at, e.id
"""
_ENTRIES = text(_ENTRY.format(
    entries="ledger.request r JOIN ledger.entry e ON e.business_date = r.business_date AND e.id = r.entry_id",
    wanted="""r.key_date BETWEEN :first AND :last AND r.source = :terminal AND r.source_id = :terminal_id
              AND r.reason IN (0, 2)""",
))  # fmt: skip
_ONE_ENTRY = text(_ENTRY.format(
    entries="ledger.entry e", wanted="e.business_date = :day AND e.id = :entry_id AND e.terminal_id = :terminal_id"
))  # fmt: skip


def entries_of_batches(
    session: Session, terminal_id: int, lowest: int, highest: int, since: datetime | None, until: datetime
) -> Iterator[TerminalEntry]:
    """Entries of a terminal's batches `lowest` to `highest`, in the order they were decided; `since` None = from its beginning.

    A message may be ten days older than the batch it falls in. What is older than the ledger keeps its requests is not found.
    """
    facts = {
        "first": ((since or until - REQUESTS_ARE_KEPT) - MAY_BE_OLDER).date(), "last": (until + MAY_BE_NEWER).date(),
        "terminal": Source.TERMINAL, "terminal_id": terminal_id, "lowest": lowest, "highest": highest,
    }  # fmt: skip
    return map(_entry, session.execute(_ENTRIES, facts))


def entry_of_batches(session: Session, terminal_id: int, lowest: int, highest: int, ref: tuple[date, int]) -> TerminalEntry | None:
    """One entry, if it is of these batches of the terminal."""
    facts = {"day": ref[0], "entry_id": ref[1], "terminal_id": terminal_id, "lowest": lowest, "highest": highest}
    row = session.execute(_ONE_ENTRY, facts).one_or_none()
    return _entry(row) if row else None


def _entry(row: Row[Any]) -> TerminalEntry:
    kinds = tuple(EntryKind(kind) for kind in (row.kind, row.of_kind, row.of_of_kind) if kind is not None)
    original = (row.original_date, row.original_id) if row.original_id is not None else None
    return TerminalEntry(
        row.business_date, row.entry_id, row.decided_at, row.stan, row.batch, kinds, row.amount_rial, row.credit_rial,
        row.gift_rial, original,
    )  # fmt: skip


_CLOSED = """
    SELECT terminal_id, number, closed_at,
           (SELECT b.closed_at FROM ledger.closed_batch b WHERE b.terminal_id = c.terminal_id AND b.number = c.number - 1) AS opened_at
    FROM ledger.closed_batch c
"""
_ONE = text(f"{_CLOSED} WHERE terminal_id = :terminal_id AND number = :number")
_SINCE = text(f"{_CLOSED} WHERE closed_at >= :since ORDER BY terminal_id, number")
_LAST = text("""
    SELECT number, closed_at FROM ledger.closed_batch WHERE terminal_id = :terminal_id ORDER BY number DESC LIMIT 1
""")


def closed_batch(session: Session, terminal_id: int, number: int) -> ClosedBatch | None:
    row = session.execute(_ONE, {"terminal_id": terminal_id, "number": number}).one_or_none()
    return ClosedBatch(row.terminal_id, row.number, row.opened_at, row.closed_at) if row else None


def open_batch(session: Session, terminal_id: int) -> tuple[int, datetime | None]:
    """The number of a terminal's open batch, and when the one before it was closed."""
    last = session.execute(_LAST, {"terminal_id": terminal_id}).one_or_none()
    return (last.number + 1, last.closed_at) if last else (1, None)


def batches_closed_since(session: Session, since: datetime) -> list[ClosedBatch]:
    return [
        ClosedBatch(row.terminal_id, row.number, row.opened_at, row.closed_at) for row in session.execute(_SINCE, {"since": since})
    ]


_LONG_OPEN = text("""
    SELECT DISTINCT r.source_id AS terminal_id, e.terminal_batch AS number
    FROM ledger.request r
    JOIN ledger.entry e ON e.business_date = r.business_date AND e.id = r.entry_id
    WHERE r.key_date BETWEEN :first AND :last AND r.decided_at BETWEEN :since AND :until AND r.source = :terminal
      AND r.reason IN (0, 2) AND e.terminal_batch IS NOT NULL
      AND e.terminal_batch > coalesce((SELECT max(number) FROM ledger.closed_batch c WHERE c.terminal_id = r.source_id), 0)
    ORDER BY 1
""")


def batches_open_since(session: Session, since: datetime, until: datetime) -> list[tuple[int, int]]:
    """(terminal, number) of the open batches that have an entry decided between the two."""
    facts = {
        "since": since, "until": until, "first": (since - MAY_BE_OLDER).date(), "last": (until + MAY_BE_NEWER).date(),
        "terminal": Source.TERMINAL,
    }  # fmt: skip
    return [(row.terminal_id, row.number) for row in session.execute(_LONG_OPEN, facts)]
