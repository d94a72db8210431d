"""What a sponsor may see of the use of its benefits: trades and sums of a month, no names and no small groups."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from insights.rules import Cell, publishable, publishable_total


class Use(Struct, frozen=True):
    """One Jalali month: by trade of the shop, and in all."""

    first: date
    last: date
    cells: Sequence[Cell]
    total: Cell


# Whole months and all plans together: narrower questions could be subtracted from each other until one person is left.
_USE = text("""
    SELECT m.kind, count(DISTINCT g.person_id) AS people,
           count(DISTINCT (p.business_date, p.entry_id)) FILTER (WHERE p.amount < 0) AS purchases,
           coalesce(-sum(p.amount), 0)::bigint AS amount_rial, GROUPING(m.kind) AS is_total
    FROM benefit_grant g
    JOIN benefit_plan plan ON plan.id = g.plan_id AND plan.organisation_id = :organisation_id
    JOIN ledger.account a ON a.id = g.account_id
    JOIN ledger.entry e ON e.wallet_id = a.wallet_id AND e.business_date BETWEEN :first AND :last AND e.kind NOT IN (7, 8)
    JOIN ledger.posting p ON p.business_date = e.business_date AND p.entry_id = e.id AND p.account_id = a.id
    JOIN merchant m ON m.wallet_id = e.shop_id
    WHERE g.status = 'given'
    GROUP BY GROUPING SETS ((m.kind), ())
    ORDER BY amount_rial DESC, m.kind
""")


def benefits_by_trade(session: Session, organisation_id: int, first: date, last: date) -> Use:
    """What members of a sponsor spent of their benefits between two business days, less what they brought back. One query."""
    facts = {"organisation_id": organisation_id, "first": first, "last": last}
    rows = session.execute(_USE, facts).all()
    cells = [Cell(row.kind, row.people, row.purchases, row.amount_rial) for row in rows if not row.is_total]
    [total] = [Cell(None, row.people, row.purchases, row.amount_rial) for row in rows if row.is_total]
    return Use(first, last, publishable(cells), publishable_total(total))
