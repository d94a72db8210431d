"""What a web till's basket says of a sale that is being priced: which goods, and what of the sale each of them is."""

from collections.abc import Collection
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from merchants.settlement.rules.prices import ALL_GOODS, Tiers, tiers_of

Ref = tuple[date, int]

# A basket that was paid at once is worth what is left of each line after the discount.
_BASKETS = text("""
    SELECT wanted.business_date, wanted.entry_id, g.path, p.marks,
           sum(CAST(item ->> 'count' AS bigint) * CAST(item ->> 'each_rial' AS bigint)
               - CASE WHEN e.amount < s.amount_rial THEN coalesce(CAST(item ->> 'off_rial' AS bigint), 0) ELSE 0 END)::bigint AS worth_rial
    FROM unnest(CAST(:days AS date[]), CAST(:entries AS bigint[])) AS wanted (business_date, entry_id)
    JOIN ledger.entry e ON e.business_date = wanted.business_date AND e.id = wanted.entry_id
    JOIN till_sale s ON s.key = CASE WHEN e.source_key ~ '^[0-9a-f]{8}-[0-9a-f-]{27}$' THEN CAST(e.source_key AS uuid) END
    CROSS JOIN jsonb_array_elements(s.lines) AS item
    LEFT JOIN product p ON p.id = CAST(item ->> 'product_id' AS bigint)
    LEFT JOIN product_group g ON g.id = p.group_id
    WHERE e.source = 3 AND e.kind = 1
    GROUP BY wanted.business_date, wanted.entry_id, p.id, g.path
    ORDER BY wanted.business_date, wanted.entry_id, p.id NULLS LAST
""")


def baskets(session: Session, refs: Collection[Ref]) -> dict[Ref, list[tuple[Tiers, int]]]:
    """Sale → its goods, each with its categories and what of the sale it is; nothing for what no web till sold. One query.

    A product counts as what the catalogue calls it now, which is a minute after the sale.
    """
    found: dict[Ref, list[tuple[Tiers, int]]] = {}
    if not refs:
        return found
    days, entries = zip(*refs, strict=True)
    for row in session.execute(_BASKETS, {"days": list(days), "entries": list(entries)}):
        tiers = ALL_GOODS if row.marks is None else tiers_of(row.path or (), row.marks)
        found.setdefault((row.business_date, row.entry_id), []).append((tiers, row.worth_rial))
    return found
