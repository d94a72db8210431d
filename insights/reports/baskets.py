"""A shop's priced lines by product and by person at the till: a web till knows both, a terminal tells its bank neither.

Each line is shared out among the products of its basket by what they cost there, in whole Rial that add up to the line. Goods that
came back take their own price of a return; what is more than that falls on the rest of the basket.
"""

from typing import Any

from sqlalchemy import Select, column, literal, null, select, text

from insights.reports.rules import Asked, By, Report, Scope, columns_of

_LINES = """
    WITH RECURSIVE line AS (
        SELECT p.business_date, p.entry_id, p.terminal_id, p.decided_at, p.part, p.gross_rial, p.credit_rial, p.earned_rial,
               p.original_date, p.original_id,
               CASE WHEN e.source = 3 THEN CAST(substring(e.source_key FROM '^[0-9a-f]{8}-[0-9a-f-]{27}') AS uuid) END AS till_key
        FROM priced_line p
        JOIN merchant m ON m.id = p.merchant_id AND m.organisation_id = :organisation_id
        LEFT JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id
        WHERE p.business_date BETWEEN :first AND :last AND (:kind = '' OR m.kind = :kind)
          AND (:terminal = '' OR p.terminal_id = (SELECT id FROM terminal WHERE code = :terminal))
          AND (CAST(:branches AS bigint[]) IS NULL
               OR p.terminal_id IN (SELECT id FROM terminal WHERE branch_id = ANY(CAST(:branches AS bigint[]))))
    )
"""
# A sale and what withdraws it name the shift by their key; of other acts at a web till, it is the one that was open then.
_BY_CASHIER = """
    SELECT coalesce(own.person_id, then_open.person_id) AS key, count(*) FILTER (WHERE line.part = 'sale') AS sale_entries,
           sum(line.gross_rial) FILTER (WHERE line.part = 'sale') AS sales_rial,
           sum(line.gross_rial) FILTER (WHERE line.part = 'return') AS returns_rial,
           sum(line.gross_rial) FILTER (WHERE line.part = 'reversal') AS reversals_rial,
           sum(line.gross_rial) FILTER (WHERE line.part = 'cash') AS cash_rial,
           sum(line.gross_rial - line.credit_rial - coalesce(gift.amount_rial, 0)) FILTER (WHERE line.part <> 'cash') AS card_rial,
           sum(line.credit_rial) AS credit_used_rial, sum(gift.amount_rial) AS gift_used_rial,
           sum(line.earned_rial) AS credit_given_rial
    FROM line
    LEFT JOIN till_sale sale ON sale.key = line.till_key
    LEFT JOIN till_shift own ON own.id = sale.shift_id
    LEFT JOIN LATERAL (
        SELECT shift.person_id FROM till_shift shift
        WHERE line.till_key IS NOT NULL AND sale.key IS NULL AND shift.terminal_id = line.terminal_id
          AND shift.opened_at <= line.decided_at AND (shift.closed_at IS NULL OR shift.closed_at >= line.decided_at)
        ORDER BY shift.opened_at DESC LIMIT 1
    ) AS then_open ON true
    LEFT JOIN LATERAL (
        SELECT -sum(leg.amount)::bigint AS amount_rial FROM ledger.posting leg
        JOIN ledger.account a ON a.id = leg.account_id AND a.kind = 2
        WHERE leg.business_date = line.business_date AND leg.entry_id = line.entry_id AND line.part <> 'cash'
    ) AS gift ON true
    GROUP BY 1
"""
_BY_PRODUCT = """
    , chain AS (
        SELECT business_date, entry_id, business_date AS sold_date, entry_id AS sold_id, gross_rial, original_date, original_id
        FROM line
        UNION ALL
        SELECT chain.business_date, chain.entry_id, l.business_date, l.entry_id, l.gross_rial, l.original_date, l.original_id
        FROM chain JOIN priced_line l ON l.business_date = chain.original_date AND l.entry_id = chain.original_id
    ), basket AS (
        SELECT chain.business_date, chain.entry_id, chain.gross_rial AS sold_rial,
               CAST(item ->> 'product_id' AS bigint) AS product_id, sum(CAST(item ->> 'count' AS bigint)) AS pieces,
               sum(CAST(item ->> 'count' AS bigint) * CAST(item ->> 'each_rial' AS bigint)
                   - CASE WHEN e.amount < sale.amount_rial THEN coalesce(CAST(item ->> 'off_rial' AS bigint), 0) ELSE 0 END) AS worth_rial
        FROM chain
        JOIN ledger.entry e ON e.business_date = chain.sold_date AND e.id = chain.sold_id
        JOIN till_sale sale
             ON sale.key = CASE WHEN e.source = 3 THEN CAST(substring(e.source_key FROM '^[0-9a-f]{8}-[0-9a-f-]{27}') AS uuid) END
        CROSS JOIN jsonb_array_elements(sale.lines) AS item
        WHERE chain.original_id IS NULL
        GROUP BY 1, 2, 3, 4
    ), told AS (
        SELECT line.*, b.product_id, b.sold_rial, b.pieces, b.worth_rial, coalesce(back.milli, 0) / 1000 AS back_pieces,
               coalesce(back.milli, 0) * b.worth_rial / (1000 * b.pieces) AS back_rial
        FROM line
        JOIN basket b USING (business_date, entry_id)
        LEFT JOIN stock_movement back ON line.part = 'return' AND back.kind = 'return' AND back.key = line.till_key
             AND back.product_id = b.product_id
    ), summed AS (
        SELECT told.*, sum(back_rial) OVER whole AS all_back_rial,
               sum(worth_rial) FILTER (WHERE back_rial = 0) OVER whole AS rest_rial
        FROM told WINDOW whole AS (PARTITION BY business_date, entry_id)
    ), weighed AS (
        SELECT summed.*,
               CASE WHEN all_back_rial = 0 THEN worth_rial
                    WHEN back_rial > 0 OR rest_rial IS NULL OR abs(gross_rial) <= all_back_rial THEN back_rial
                    ELSE (abs(gross_rial) - all_back_rial) * worth_rial / rest_rial END AS weight
        FROM summed
    ), placed AS (
        SELECT weighed.*, sum(weight) OVER whole AS total,
               sum(weight) OVER (whole ORDER BY product_id ROWS UNBOUNDED PRECEDING) AS until
        FROM weighed WINDOW whole AS (PARTITION BY business_date, entry_id)
    ), shared AS (
        SELECT product_id, part,
               CASE WHEN product_id IS NULL THEN 0 WHEN all_back_rial > 0 THEN -back_pieces
                    WHEN abs(gross_rial) = sold_rial THEN sign(gross_rial) * pieces ELSE 0 END AS pieces,
               round(gross_rial * until / total) - round(gross_rial * (until - weight) / total) AS gross_rial,
               round(credit_rial * until / total) - round(credit_rial * (until - weight) / total) AS credit_rial,
               round(earned_rial * until / total) - round(earned_rial * (until - weight) / total) AS earned_rial
        FROM placed WHERE part <> 'cash'
        UNION ALL
        SELECT NULL, part, 0, gross_rial, credit_rial, earned_rial FROM line
        WHERE part <> 'cash' AND NOT EXISTS (
            SELECT FROM basket WHERE basket.business_date = line.business_date AND basket.entry_id = line.entry_id
        )
    )
    SELECT shared.product_id AS key, sum(shared.pieces) AS piece_entries,
           sum(shared.gross_rial) FILTER (WHERE shared.part = 'sale') AS sales_rial,
           sum(shared.gross_rial) FILTER (WHERE shared.part = 'return') AS returns_rial,
           sum(shared.gross_rial) FILTER (WHERE shared.part = 'reversal') AS reversals_rial,
           sum(shared.gross_rial - shared.credit_rial) AS money_rial, sum(shared.credit_rial) AS credit_used_rial,
           sum(shared.earned_rial) AS credit_given_rial, sum(shared.pieces * product.points) AS point_entries
    FROM shared LEFT JOIN product ON product.id = shared.product_id
    GROUP BY 1
"""
_GROUPED = {By.GOOD: text(_LINES + _BY_PRODUCT), By.CASHIER: text(_LINES + _BY_CASHIER)}


def grouped_by_till(asked: Asked, scope: Scope) -> Select[Any]:
    """One row a product or person of one shop; no key for what no web till knows."""
    facts = {
        "organisation_id": scope.organisation_id, "first": asked.first, "last": asked.last, "kind": asked.kind,
        "terminal": asked.terminal, "branches": scope.branches_of(asked),
    }  # fmt: skip
    names = ("key", *columns_of(Report.SALES, asked.by))
    rows = _GROUPED[asked.by].bindparams(**facts).columns(*map(column, names)).subquery("rows")
    return select(*rows.c, literal(0).label("shop_count"), null().label("shops")).order_by(rows.c.key)
