"""Check 18 of the proof: a closed batch is the sum of its terminal's entries, and what differs stands in suspense."""

from cardbank.ledger.verify import Finder, by_sql

# The side of an entry by its kind, its original's and that one's; see rules.side_of.
SIDES = """
    WITH batched AS MATERIALIZED (
        SELECT terminal_id, terminal_batch, business_date, id, kind, amount, original_date, original_id
        FROM ledger.entry WHERE terminal_batch IS NOT NULL AND source = 1
    ), sided AS MATERIALIZED (
        SELECT b.terminal_id, b.terminal_batch, b.amount, b.kind, b.business_date, b.id, s.root, s.turns,
               CASE WHEN s.root NOT IN (1, 2, 3, 6) OR s.root IS NULL THEN NULL
                    WHEN s.turns = 0 THEN CASE WHEN s.root IN (1, 6) THEN 'debits' ELSE 'credits' END
                    WHEN s.turns = 1 THEN CASE WHEN s.root IN (1, 6) THEN 'debit_reversals' ELSE 'credit_reversals' END
                    ELSE CASE WHEN s.root IN (1, 6) THEN 'credit_reversals' ELSE 'debit_reversals' END END AS side
        FROM batched b
        LEFT JOIN ledger.entry o ON o.business_date = b.original_date AND o.id = b.original_id
        LEFT JOIN ledger.entry oo ON oo.business_date = o.original_date AND oo.id = o.original_id
        CROSS JOIN LATERAL (
            SELECT CASE WHEN b.kind NOT IN (4, 5) THEN b.kind WHEN o.kind NOT IN (4, 5) THEN o.kind ELSE oo.kind END AS root,
                   CASE WHEN b.kind NOT IN (4, 5) THEN 0 WHEN o.kind NOT IN (4, 5) THEN 1 ELSE 2 END AS turns) AS s
    )
"""
_SUMS = ", ".join(
    f"count(*) FILTER (WHERE side = '{side}') AS {side}, coalesce(sum(amount) FILTER (WHERE side = '{side}'), 0) AS {side}_rial"
    for side in ("debits", "debit_reversals", "credits", "credit_reversals")
)
_NAMES = (
    "debits, debits_rial, debit_reversals, debit_reversals_rial, credits, credits_rial, credit_reversals, credit_reversals_rial"
)
_OF = ", ".join(f"coalesce(s.{name}, 0)" for name in _NAMES.split(", "))

_OUR_SUMS = ", ".join(f"t.{name}" for name in _NAMES.split(", "))

TOTALS = (
    f"""{SIDES}
        SELECT format('batch %s of terminal %s is not the sum of its entries', t.number, t.terminal_id)
        FROM terminal_batch t
        LEFT JOIN (SELECT terminal_id, terminal_batch, {_SUMS} FROM sided GROUP BY 1, 2) AS s
               ON s.terminal_id = t.terminal_id AND s.terminal_batch = t.number
        WHERE coalesce(t.opened_at, t.closed_at) >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'entry')
          AND ({_OUR_SUMS}) IS DISTINCT FROM ({_OF})""",
    """SELECT format('entry %s/%s was posted after its terminal''s batch was closed', e.business_date, e.id)
       FROM ledger.closed_batch c
       JOIN ledger.entry e ON e.terminal_id = c.terminal_id AND e.terminal_batch = c.number AND e.decided_at > c.closed_at""",
    """SELECT format('terminal %s has closed %s batches, the last of them is %s', terminal_id, count(*), max(number))
       FROM ledger.closed_batch GROUP BY terminal_id HAVING count(*) <> max(number)""",
    """SELECT format('batch %s of terminal %s is on record and not closed', t.number, t.terminal_id)
       FROM terminal_batch t
       WHERE NOT EXISTS (SELECT FROM ledger.closed_batch c WHERE c.terminal_id = t.terminal_id AND c.number = t.number)""",
)

CASES = (
    """SELECT format('batch %s of terminal %s is %s with %s exceptions', t.number, t.terminal_id, t.state, count(x.id))
       FROM terminal_batch t LEFT JOIN terminal_batch_exception x ON x.batch_id = t.id
       GROUP BY t.id HAVING (t.state IN ('case', 'decided')) <> (count(x.id) > 0)
          OR (t.state = 'case') <> (count(x.id) FILTER (WHERE x.word IS NULL) > 0)""",
    """SELECT format('shop wallet %s has %s held back, its exceptions say %s', m.wallet_id, coalesce(a.balance, 0), coalesce(w.amount, 0))
       FROM merchant m
       LEFT JOIN ledger.account a ON a.wallet_id = m.wallet_id AND a.kind = 21 AND a.unit = 1 AND a.closed_at IS NULL
       LEFT JOIN (SELECT b.merchant_id, sum(x.terminal_rial - x.bank_rial) AS amount
                  FROM terminal_batch_exception x
                  JOIN terminal_batch t ON t.id = x.batch_id
                  JOIN terminal n ON n.id = t.terminal_id
                  JOIN branch b ON b.id = n.branch_id
                  WHERE x.word IS NULL AND x.bank_rial < x.terminal_rial GROUP BY 1) AS w ON w.merchant_id = m.id
       WHERE coalesce(a.balance, 0) <> coalesce(w.amount, 0)""",
    """SELECT format('exception %s left no trace on what its shop is paid', x.id)
       FROM terminal_batch_exception x
       LEFT JOIN settlement_adjustment a ON a.exception_id = x.id AND a.kind = 'suspended'
       WHERE (x.bank_rial > x.terminal_rial) <> (a.id IS NOT NULL) OR a.amount_rial <> x.terminal_rial - x.bank_rial""",
)

# What the exceptions left in suspense, less what has gone back to holders, and what a return could not give to a closed purse.
SUSPENSE = (
    """WITH waiting AS (
           SELECT x.id, x.bank_rial - x.terminal_rial AS amount, x.word, (x.word = 'found') = (x.finding = 'terminal_lacks') AS is_banks
           FROM terminal_batch_exception x
       ), told AS (
           SELECT sum(CASE WHEN w.word IS NULL THEN w.amount WHEN w.amount > 0 AND NOT w.is_banks THEN w.amount - coalesce(r.amount_rial, 0)
                           WHEN w.amount < 0 AND NOT w.is_banks THEN w.amount ELSE 0 END) AS amount
           FROM waiting w LEFT JOIN holder_return r ON r.exception_id = w.id AND r.state = 'paid'
       ), closed AS (
           SELECT sum(p.amount) AS amount
           FROM ledger.posting_case c
           JOIN ledger.posting p ON p.business_date = c.business_date AND p.entry_id = c.entry_id
           JOIN ledger.account a ON a.id = p.account_id AND a.kind = 44
           WHERE c.kind = 6
       )
       SELECT format('suspense holds %s, exceptions and cases say %s', held.amount, coalesce(told.amount, 0) + coalesce(closed.amount, 0))
       FROM told, closed, (SELECT coalesce(sum(balance), 0) AS amount FROM ledger.account_now WHERE kind = 44 AND unit = 1) AS held
       WHERE held.amount <> coalesce(told.amount, 0) + coalesce(closed.amount, 0)""",
    """SELECT format('return %s out of suspense is %s, its entry is not', r.id, r.amount_rial)
       FROM holder_return r
       LEFT JOIN ledger.entry e ON e.business_date = r.posted_date AND e.id = r.posted_entry
       WHERE r.state = 'paid' AND e.amount IS DISTINCT FROM r.amount_rial
         AND r.posted_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'entry')""",
)

TERMINAL_BATCHES: Finder = (18, "closed batches are the sum of their terminals' entries", by_sql(*TOTALS, *CASES, *SUSPENSE))
