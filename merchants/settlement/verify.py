"""Check 14 of the proof: statements, payout files and the ledger say the same, to the Rial."""

from cardbank.ledger.verify import Finder, by_sql

LINES = (
    """SELECT format('statement %s is not the sum of its lines', s.id)
       FROM settlement_statement s
       LEFT JOIN (SELECT statement_id, count(*) AS lines, sum(credit_rial) AS credit, sum(discount_rial) AS discount, sum(commission_rial) AS commission,
                         coalesce(sum(gross_rial) FILTER (WHERE part = 'sale'), 0) AS sales,
                         coalesce(sum(gross_rial) FILTER (WHERE part = 'return'), 0) AS returns,
                         coalesce(sum(gross_rial) FILTER (WHERE part = 'reversal'), 0) AS reversals,
                         coalesce(sum(gross_rial) FILTER (WHERE part = 'cash'), 0) AS cash
                  FROM priced_line WHERE statement_id IS NOT NULL GROUP BY statement_id) AS l ON l.statement_id = s.id
       WHERE (s.lines, s.sales_rial, s.returns_rial, s.reversals_rial, s.cash_rial, s.credit_rial, s.discount_rial, s.commission_rial)
          IS DISTINCT FROM (coalesce(l.lines, 0), coalesce(l.sales, 0), coalesce(l.returns, 0), coalesce(l.reversals, 0),
                            coalesce(l.cash, 0), coalesce(l.credit, 0), coalesce(l.discount, 0), coalesce(l.commission, 0))""",
    """SELECT format('the shares of entry %s are not its line', s.entry_id)
       FROM (SELECT business_date, entry_id, sum(gross_rial) AS gross FROM priced_share GROUP BY 1, 2) AS s
       LEFT JOIN priced_line l USING (business_date, entry_id)
       WHERE l.gross_rial IS DISTINCT FROM s.gross""",
    """SELECT format('statement %s is not the sum of what was left to it', s.id)
       FROM settlement_statement s
       LEFT JOIN (SELECT statement_id, coalesce(sum(amount_rial) FILTER (WHERE kind = 'carried'), 0) AS carried,
                         coalesce(sum(amount_rial) FILTER (WHERE kind <> 'carried'), 0) AS others
                  FROM settlement_adjustment WHERE statement_id IS NOT NULL GROUP BY statement_id) AS a ON a.statement_id = s.id
       WHERE (s.carried_in_rial, s.adjustments_rial) IS DISTINCT FROM (coalesce(a.carried, 0), coalesce(a.others, 0))""",
    """SELECT format('what statement %s left is not on record once', s.id)
       FROM settlement_statement s
       LEFT JOIN settlement_adjustment c ON c.origin_id = s.id AND c.kind = 'carried'
       LEFT JOIN settlement_adjustment r ON r.origin_id = s.id AND r.kind = 'payout_returned'
       WHERE coalesce(c.amount_rial, 0) <> s.carried_rial
          OR coalesce(r.amount_rial, 0) <> CASE s.payout_state WHEN 'returned' THEN s.payout_rial ELSE 0 END""",
    """SELECT format('payment %s of a due is not on the statements of both sides', p.id)
       FROM shop_due_payment p
       LEFT JOIN settlement_adjustment g ON g.due_payment_id = p.id AND g.kind = 'due_paid'
       LEFT JOIN settlement_adjustment t ON t.due_payment_id = p.id AND t.kind = 'due_received'
       WHERE (coalesce(-g.amount_rial, 0), coalesce(t.amount_rial, 0))
          <> (CASE p.way WHEN 'settlement' THEN p.amount_rial ELSE 0 END, CASE p.way WHEN 'settlement' THEN p.amount_rial ELSE 0 END)""",
    """SELECT format('due %s is %s and %s is paid of it', d.id, d.amount_rial, sum(p.amount_rial))
       FROM shop_due d JOIN shop_due_payment p ON p.due_id = d.id
       GROUP BY d.id HAVING sum(p.amount_rial) > d.amount_rial OR (sum(p.amount_rial) = d.amount_rial AND d.closed_at IS NULL)""",
)

PAYOUTS = (
    """SELECT format('batch %s is not the sum of its statements', b.reference)
       FROM settlement_batch b
       JOIN (SELECT batch_id, count(*) FILTER (WHERE NOT left_for_good) AS statements, count(*) FILTER (WHERE payout_rial > 0) AS payouts,
                    count(*) FILTER (WHERE payout_state = 'held') AS held,
                    count(*) FILTER (WHERE payout_state = 'accepted') AS accepted,
                    count(*) FILTER (WHERE payout_state = 'returned') AS returned, sum(payout_rial) AS payout, sum(commission_rial) AS commission
             FROM (SELECT batch_id, payout_rial, payout_state, commission_rial, false AS left_for_good FROM settlement_statement
                   UNION ALL SELECT batch_id, amount_rial, payout_state, 0, true FROM leaving WHERE batch_id IS NOT NULL) AS paid
             GROUP BY batch_id) AS s ON s.batch_id = b.id
       WHERE (b.statements, b.payouts, b.held, b.accepted, b.returned, b.payout_rial, b.commission_rial)
          IS DISTINCT FROM (s.statements, s.payouts, s.held, s.accepted, s.returned, s.payout, s.commission)""",
    """SELECT format('payout %s is %s, its entry is not', s.payout_reference, s.payout_rial)
       FROM settlement_statement s
       LEFT JOIN ledger.entry e ON e.business_date = s.payout_date AND e.id = s.payout_entry AND e.kind = 12
       WHERE s.payout_rial > 0 AND e.amount IS DISTINCT FROM s.payout_rial
         AND s.payout_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'entry')""",
    """SELECT format('payout file %s of batch %s is not what its hash says', form, batch_id)
       FROM payout_file WHERE sha256(content) <> sha256""",
    """SELECT format('payout file of batch %s says %s, its statements %s', b.reference, file.total, b.payout_rial)
       FROM settlement_batch b
       JOIN LATERAL (SELECT sum(split_part(payment, ',', -1)::bigint) AS total
                     FROM payout_file f, regexp_split_to_table(rtrim(convert_from(f.content, 'UTF8'), E'\\r\\n'), E'\\r\\n')
                          WITH ORDINALITY AS rows (payment, n)
                     WHERE f.batch_id = b.id AND f.form = 'csv' AND n > 1) AS file ON true
       WHERE b.payouts > 0 AND file.total IS DISTINCT FROM b.payout_rial""",
)

LEDGER = (
    """WITH unpriced AS (
            SELECT a.wallet_id, sum(p.amount) AS amount
            FROM ledger.post_batch b
            JOIN ledger.posting p ON p.business_date = b.business_date AND p.entry_id BETWEEN b.first_entry AND b.last_entry
            JOIN ledger.account a ON a.id = p.account_id AND a.kind = 20 AND a.unit = 1
            JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id AND e.kind <> 12
            WHERE b.business_date > coalesce((SELECT max(business_date) FROM priced_day), DATE '-infinity')
              AND NOT EXISTS (SELECT FROM priced_batch n WHERE n.business_date = b.business_date AND n.batch_id = b.id)
            GROUP BY a.wallet_id),
        waiting AS (SELECT merchant_id, sum(gross_rial) AS amount FROM priced_line WHERE statement_id IS NULL GROUP BY 1),
        left_over AS (SELECT merchant_id, sum(amount_rial) AS amount FROM settlement_adjustment
                      WHERE statement_id IS NULL GROUP BY 1)
        SELECT format('shop wallet %s is owed %s, its lines and statements say %s', m.wallet_id, a.balance,
                      coalesce(w.amount, 0) + coalesce(l.amount, 0) + coalesce(u.amount, 0))
        FROM merchant m
        JOIN ledger.account_now a ON a.wallet_id = m.wallet_id AND a.kind = 20 AND a.unit = 1
        LEFT JOIN waiting w ON w.merchant_id = m.id
        LEFT JOIN left_over l ON l.merchant_id = m.id
        LEFT JOIN unpriced u ON u.wallet_id = m.wallet_id
        WHERE a.balance <> coalesce(w.amount, 0) + coalesce(l.amount, 0) + coalesce(u.amount, 0)""",
    """SELECT format('shop wallet %s has %s on its way, its payouts say %s', m.wallet_id, coalesce(a.balance, 0),
                     coalesce(s.amount, 0))
       FROM merchant m
       LEFT JOIN ledger.account a ON a.wallet_id = m.wallet_id AND a.kind = 22 AND a.unit = 1 AND a.closed_at IS NULL
       LEFT JOIN (SELECT merchant_id, sum(payout_rial) AS amount FROM settlement_statement
                  WHERE payout_state = 'sent' GROUP BY 1) AS s ON s.merchant_id = m.id
       WHERE coalesce(a.balance, 0) <> coalesce(s.amount, 0)""",
    """SELECT format('commission earned is %s, statements and fees say %s', a.balance, s.amount + f.amount)
       FROM (SELECT sum(balance) AS balance FROM ledger.account_now WHERE wallet_id = 1 AND kind = 42 AND unit = 1) AS a,
            (SELECT coalesce(sum(commission_rial), 0) AS amount FROM settlement_statement) AS s,
            (SELECT coalesce(sum(amount), 0) AS amount FROM ledger.entry WHERE kind = 16) AS f
       WHERE a.balance <> s.amount + f.amount""",
)

SETTLEMENT: Finder = (14, "statement = payout = what the ledger moved", by_sql(*LINES, *PAYOUTS, *LEDGER))
