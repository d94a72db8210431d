"""Check 21 of the proof: who left was paid what the ledger says, and nothing more; what is on its way to a bank is in no purse."""

from cardbank.ledger.verify import Finder, by_sql

PAID = (
    """SELECT format('leaving %s says %s, its entry %s', l.id, l.amount_rial, coalesce(e.amount::text, 'is missing'))
       FROM leaving l
       LEFT JOIN ledger.entry e ON e.business_date = l.business_date AND e.id = l.entry_id AND e.wallet_id = l.wallet_id
                                AND e.kind = CASE l.way WHEN 'gift' THEN 15 ELSE 12 END
       WHERE e.amount IS DISTINCT FROM l.amount_rial
         AND l.business_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'entry')""",
    """SELECT format('leaving %s left %s in the purse', l.id, p.balance_after)
       FROM leaving l
       JOIN ledger.posting p ON p.business_date = l.business_date AND p.entry_id = l.entry_id
       JOIN ledger.account a ON a.id = p.account_id AND a.kind = 1
       WHERE p.balance_after <> 0""",
    """SELECT format('wallet %s has %s on its way to a bank, its leavings say %s', w.id, coalesce(a.balance, 0), coalesce(l.amount, 0))
       FROM ledger.wallet w
       LEFT JOIN (SELECT wallet_id, sum(balance) AS balance FROM ledger.account WHERE kind = 22 GROUP BY wallet_id) AS a ON a.wallet_id = w.id
       LEFT JOIN (SELECT wallet_id, sum(amount_rial) AS amount FROM leaving WHERE payout_state IN ('waiting', 'sent')
                  GROUP BY wallet_id) AS l ON l.wallet_id = w.id
       WHERE w.kind IN (2, 3) AND coalesce(a.balance, 0) <> coalesce(l.amount, 0)""",
    """SELECT format('giving %s/%s says %s, its entry %s', g.business_date, g.entry_id, g.amount_rial, coalesce(e.amount::text, 'is missing'))
       FROM giving g
       JOIN merchant m ON m.id = g.receiver_id
       LEFT JOIN ledger.entry e ON e.business_date = g.business_date AND e.id = g.entry_id AND e.kind = 15 AND e.shop_id = m.wallet_id
       WHERE e.amount IS DISTINCT FROM g.amount_rial
         AND g.business_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'entry')""",
)

LEAVINGS: Finder = (21, "who left or gave has parted with what the ledger says", by_sql(*PAID))
