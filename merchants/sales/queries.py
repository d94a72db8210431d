"""What a shop sold on a day: its priced lines, and beside them the newest entries that are not priced yet.

The ledger keeps no index by shop, which would cost every tap; a shop's priced lines have one, and pricing is a minute behind.
"""

from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.types import EntryKind
from cardbank.statements import StatementLine, StatementPage
from kernel.calendar import local_day

# Ids of entries that a posting may lag behind what is priced: a desk takes its block of ids early and commits late.
LAG = 1 << 20
_FAR = datetime(9999, 1, 1, tzinfo=UTC)

_LINES = """
    WITH line AS (
        SELECT p.business_date, p.entry_id, p.decided_at, p.kind, abs(p.gross_rial) AS amount_rial, p.terminal_id,
               CASE WHEN p.part IN ('return', 'reversal') THEN -p.gross_rial ELSE 0 END AS returned_rial,
               CASE WHEN p.part = 'cash' THEN -p.gross_rial ELSE 0 END AS cash_rial, p.part = 'reversal' AS is_undone_sale
        FROM priced_line p
        JOIN merchant m ON m.id = p.merchant_id AND m.wallet_id = :shop_id
        WHERE p.business_date = :day
        UNION ALL
        SELECT e.business_date, e.id, e.decided_at, e.kind, e.amount, e.terminal_id,
               CASE WHEN o.kind IS NULL OR o.kind = 2 THEN 0
                    WHEN o.kind = 3 OR (o.kind = 4 AND before.kind <> 3) THEN -e.amount ELSE e.amount END,
               CASE WHEN e.kind = 2 THEN e.amount WHEN o.kind = 2 THEN -e.amount ELSE 0 END, e.kind = 5 AND o.kind = 1
        FROM ledger.post_batch b
        JOIN ledger.entry e ON e.business_date = b.business_date AND e.id BETWEEN b.first_entry AND b.last_entry
        LEFT JOIN ledger.entry o ON o.business_date = e.original_date AND o.id = e.original_id
        LEFT JOIN ledger.entry before ON before.business_date = o.original_date AND before.id = o.original_id
        WHERE b.business_date = :day AND e.shop_id = :shop_id
          AND b.id > (SELECT coalesce(max(batch_id), 0) FROM priced_batch WHERE business_date = :day) - :lag
          AND NOT EXISTS (SELECT FROM priced_batch n WHERE n.business_date = b.business_date AND n.batch_id = b.id)
          AND NOT EXISTS (SELECT FROM priced_day d WHERE d.business_date = b.business_date)
    ), shown AS (
        SELECT * FROM line
        WHERE CAST(:branches AS bigint[]) IS NULL
           OR terminal_id IN (SELECT id FROM terminal WHERE branch_id = ANY(CAST(:branches AS bigint[])))
    )
"""
_PAGE = """
    SELECT line.*, coalesce(a.reversed_by IS NOT NULL, false) AS is_reversed
    FROM (
        SELECT * FROM shown WHERE (decided_at, entry_id) < (:before_at, :before_id)
        ORDER BY decided_at DESC, entry_id DESC LIMIT :most
    ) AS line
    LEFT JOIN ledger.entry_amend a ON a.original_date = line.business_date AND a.original_id = line.entry_id
    ORDER BY line.decided_at DESC, line.entry_id DESC
"""
# A refund that was undone is returned no more, and cash that was given back was never sold.
_TOTALS = """
    SELECT kind, count(*) AS entries,
           sum(CASE WHEN kind IN (3, 4, 5) THEN returned_rial ELSE amount_rial END)::bigint AS amount_rial
    FROM shown GROUP BY kind
"""
# Sales that were withdrawn are no returns of goods.
_AT_TERMINAL = """
    SELECT coalesce(sum(returned_rial) FILTER (WHERE NOT is_undone_sale), 0)::bigint AS returned_rial,
           coalesce(sum(cash_rial), 0)::bigint AS cash_rial
    FROM line WHERE terminal_id = :terminal_id AND decided_at >= :since AND decided_at < :until
"""
SALES, TOTALS, AT_TERMINAL = (text(_LINES + what) for what in (_PAGE, _TOTALS, _AT_TERMINAL))


class TerminalTotals(Struct, frozen=True):
    """Goods returned to cards, and cash taken for cards."""

    returned_rial: int
    cash_rial: int


def shop_sales(
    session: Session,
    shop_id: int,
    day: date,
    *,
    branches: Collection[int] | None = None,
    before: str | None = None,
    most: int = 20,
) -> StatementPage:
    """Entries that moved what a shop (its wallet) is owed on one business day, newest first: at tills of some branches, or
    all if None. One query.

    Raises ValueError for a position that this function did not give.
    """
    before_at, before_id = _position(before) if before else (_FAR, 0)
    position = {"before_at": before_at, "before_id": before_id, "most": most + 1}
    rows = session.execute(SALES, _facts(shop_id, day, branches) | position).all()
    lines = tuple(
        StatementLine(
            row.business_date, row.entry_id, row.decided_at, EntryKind(row.kind), row.amount_rial, 0, 0, 0,
            row.is_reversed, shop_id, row.terminal_id, None,
        )
        for row in rows[:most]
    )  # fmt: skip
    older = f"{lines[-1].decided_at.isoformat()}_{lines[-1].entry_id}" if len(rows) > most else None
    return StatementPage(lines, older)


def shop_totals(
    session: Session, shop_id: int, day: date, *, branches: Collection[int] | None = None
) -> dict[EntryKind, tuple[int, int]]:
    """Kind → (entries, Rial) of one shop, or of some of its branches, on one business day. One query.

    Of refunds, voids and reversals together the Rial are what was returned in all: less what was undone, and without cash.
    """
    rows = session.execute(TOTALS, _facts(shop_id, day, branches))
    return {EntryKind(row.kind): (row.entries, row.amount_rial) for row in rows}


def terminal_totals(session: Session, shop_id: int, terminal_id: int, since: datetime, until: datetime) -> TerminalTotals:
    """What one terminal of a shop gave back and took in cash from `since` until before `until`, less what was undone of it.

    One query a business day; the day before is read too, since a business day may end a moment after midnight.
    """
    returned_rial = cash_rial = 0
    day, last = local_day(since) - timedelta(days=1), local_day(until)
    while day <= last:
        facts = _facts(shop_id, day, None) | {"terminal_id": terminal_id, "since": since, "until": until}
        row = session.execute(AT_TERMINAL, facts).one()
        returned_rial, cash_rial = returned_rial + row.returned_rial, cash_rial + row.cash_rial
        day += timedelta(days=1)
    return TerminalTotals(returned_rial, cash_rial)


def _facts(shop_id: int, day: date, branches: Collection[int] | None) -> dict[str, Any]:
    return {"shop_id": shop_id, "day": day, "lag": LAG, "branches": None if branches is None else sorted(branches)}


def _position(before: str) -> tuple[datetime, int]:
    instant, _, entry_id = before.rpartition("_")
    moment = datetime.fromisoformat(instant)
    if moment.tzinfo is None:
        raise ValueError("a position carries its time zone")
    return moment, int(entry_id)
