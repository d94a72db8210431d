"""Check 13 of the proof: what is open of every schedule is what its credit line owes in the ledger."""

from cardbank.ledger.verify import Finder, by_sql

SCHEDULES = (
    """SELECT format('line %s owes %s, its schedules say %s', a.id, -a.balance, coalesce(s.open, 0))
       FROM ledger.account a
       LEFT JOIN credit_line l ON l.account_id = a.id
       LEFT JOIN (SELECT p.line_id, sum(i.amount_rial - i.paid_rial - i.returned_rial) AS open
                  FROM instalment_plan p JOIN instalment i ON i.plan_id = p.id GROUP BY p.line_id) AS s ON s.line_id = l.id
       WHERE a.kind = 9 AND -a.balance <> coalesce(s.open, 0)""",
    """SELECT format('plan %s says %s, its entry %s', p.id, p.amount_rial, coalesce(e.amount::text, 'is missing'))
       FROM instalment_plan p
       LEFT JOIN ledger.entry e ON e.business_date = p.entry_date AND e.id = p.entry_id AND e.kind = 1
       WHERE e.amount IS DISTINCT FROM p.amount_rial
         AND p.entry_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'entry')""",
    """SELECT format('the instalments of plan %s are not its amount', p.id)
       FROM instalment_plan p LEFT JOIN instalment i ON i.plan_id = p.id
       GROUP BY p.id HAVING p.amount_rial IS DISTINCT FROM sum(i.amount_rial)""",
    """SELECT format('plan %s counts %s paid, its payments %s', p.id, i.paid, coalesce(m.paid, 0))
       FROM instalment_plan p
       JOIN (SELECT plan_id, sum(paid_rial) AS paid FROM instalment GROUP BY plan_id) AS i ON i.plan_id = p.id
       LEFT JOIN (SELECT plan_id, sum(amount_rial) AS paid FROM instalment_payment GROUP BY plan_id) AS m ON m.plan_id = p.id
       WHERE i.paid <> coalesce(m.paid, 0)""",
)

CREDIT_LINES: Finder = (13, "what is open of schedules is what credit lines owe", by_sql(*SCHEDULES))
