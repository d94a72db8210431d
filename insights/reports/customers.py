"""What the card brings a shop: its sales to customers who are new to it and to those who had bought there before.

A customer is a wallet. One is new who bought nothing in the shop in the year before the period, in whatever branch. Of the credit
that was spent, the part is told apart that came from other clubs than the shop's own of that time, and what benefits paid.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, column, literal, null, select, text

from insights.reports.rules import Asked, Scope, columns_of

LOOKED_BACK = timedelta(days=365)

_BY_CUSTOMER = text("""
    WITH shop AS (
        SELECT id FROM merchant WHERE organisation_id = :organisation_id AND (:kind = '' OR kind = :kind)
    ), line AS (
        SELECT p.business_date, p.entry_id, p.part, p.gross_rial, p.credit_rial, p.earned_rial, e.wallet_id,
               (SELECT c.programme_id FROM contract c WHERE c.merchant_id = shop.id AND c.starts_at <= p.decided_at
                AND (c.ends_at IS NULL OR c.ends_at > p.decided_at)) AS programme_id
        FROM shop
        JOIN priced_line p ON p.merchant_id = shop.id AND p.business_date BETWEEN :first AND :last AND p.part <> 'cash'
        JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id
        WHERE (:terminal = '' OR p.terminal_id = (SELECT id FROM terminal WHERE code = :terminal))
          AND (CAST(:branches AS bigint[]) IS NULL
               OR p.terminal_id IN (SELECT id FROM terminal WHERE branch_id = ANY(CAST(:branches AS bigint[]))))
    ), known AS (
        SELECT DISTINCT e.wallet_id
        FROM shop
        JOIN priced_line p ON p.merchant_id = shop.id AND p.business_date >= :since AND p.business_date < :first AND p.part = 'sale'
        JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id
    )
    SELECT CASE WHEN known.wallet_id IS NULL THEN 'new' ELSE 'known' END AS key,
           count(DISTINCT line.wallet_id) FILTER (WHERE line.part = 'sale') AS customer_entries,
           count(*) FILTER (WHERE line.part = 'sale') AS sale_entries,
           sum(line.gross_rial) FILTER (WHERE line.part = 'sale') AS sales_rial,
           sum(line.gross_rial) FILTER (WHERE line.part = 'return') AS returns_rial,
           sum(line.gross_rial) FILTER (WHERE line.part = 'reversal') AS reversals_rial,
           sum(line.credit_rial) AS credit_used_rial, sum(leg.others_rial) AS others_credit_rial,
           sum(leg.benefit_rial) AS benefit_used_rial, sum(line.earned_rial) AS credit_given_rial
    FROM line
    LEFT JOIN known USING (wallet_id)
    LEFT JOIN LATERAL (
        SELECT -sum(p.amount) FILTER (WHERE a.kind = 4 AND p.rule_id IS NULL AND a.programme_id IS DISTINCT FROM line.programme_id) AS others_rial,
               -sum(p.amount) FILTER (WHERE a.kind = 3) AS benefit_rial
        FROM ledger.posting p
        JOIN ledger.account a ON a.id = p.account_id
        WHERE p.business_date = line.business_date AND p.entry_id = line.entry_id
    ) AS leg ON true
    GROUP BY 1
""")


def grouped_by_customer(asked: Asked, scope: Scope) -> Select[Any]:
    """Two rows at most, of one shop: `new` and `known`."""
    facts = {
        "organisation_id": scope.organisation_id, "first": asked.first, "last": asked.last, "since": asked.first - LOOKED_BACK,
        "kind": asked.kind, "terminal": asked.terminal, "branches": scope.branches_of(asked),
    }  # fmt: skip
    names = ("key", *columns_of(asked.report, asked.by))
    rows = _BY_CUSTOMER.bindparams(**facts).columns(*map(column, names)).subquery("rows")
    return select(*rows.c, literal(0).label("shop_count"), null().label("shops")).order_by(rows.c.key.desc())
