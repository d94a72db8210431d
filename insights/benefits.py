"""What a sponsor may see of the use of its benefits: trades and sums of a month, no names and no small groups."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from insights.rules import Cell, cover, publishable, publishable_total


class Use(Struct, frozen=True):
    """One Jalali month: by trade of the shop, and in all."""

    first: date
    last: date
    cells: Sequence[Cell]
    total: Cell


# Whole months and all plans together: narrower questions could be subtracted from each other until one person is left.
_USE = text("""
    WITH used AS (
        SELECT m.kind, g.person_id, count(DISTINCT (p.business_date, p.entry_id)) FILTER (WHERE p.amount < 0) AS purchases, -sum(p.amount) AS amount
        FROM benefit_grant g
        JOIN benefit_plan plan ON plan.id = g.plan_id AND plan.organisation_id = :organisation_id
        JOIN ledger.account a ON a.id = g.account_id
        JOIN ledger.entry e ON e.wallet_id = a.wallet_id AND e.business_date BETWEEN :first AND :last AND e.kind NOT IN (7, 8)
        JOIN ledger.posting p ON p.business_date = e.business_date AND p.entry_id = e.id AND p.account_id = a.id
        JOIN merchant m ON m.wallet_id = e.shop_id
        WHERE g.status = 'given'
        GROUP BY m.kind, g.person_id
    ), part AS (
        SELECT kind, purchases, amount FROM used
        UNION ALL SELECT NULL, sum(purchases), sum(amount) FROM used GROUP BY person_id
    )
    SELECT kind, count(*) AS people, sum(purchases)::bigint AS purchases, sum(amount)::bigint AS amount_rial,
           CAST((array_agg(amount ORDER BY amount DESC))[1:2] AS bigint[]) AS largest_rial
    FROM part GROUP BY kind ORDER BY amount_rial DESC, kind
""")


def benefits_by_trade(session: Session, organisation_id: int, first: date, last: date) -> Use:
    """What members of a sponsor spent of their benefits between two business days, less what they brought back. One query."""
    facts = {"organisation_id": organisation_id, "first": first, "last": last}
    rows = session.execute(_USE, facts).all()
    cells = [
        Cell(row.kind, row.people, row.purchases, row.amount_rial, payer_cover_rial=cover(row.amount_rial, row.largest_rial)) for row in rows
    ]  # fmt: skip
    total = next((cell for cell in cells if cell.key is None), Cell(None, 0, 0, 0))
    return Use(first, last, publishable([cell for cell in cells if cell.key is not None]), publishable_total(total))
