"""Check 20 of the proof: what families say of limits is what binds in the ledger, and no member has spent beyond it."""

from cardbank.ledger.verify import Finder, by_sql

LIMITS = (
    """SELECT format('member %s may spend %s and %s by its family, %s and %s by the ledger', m.id, f.day_rial, f.month_rial, l.day, l.month)
       FROM member m
       LEFT JOIN family_member f ON f.member_id = m.id AND m.left_at IS NULL
       LEFT JOIN (SELECT wallet_id, member_id, -max(floor) FILTER (WHERE kind = 12) AS day, -max(floor) FILTER (WHERE kind = 13) AS month,
                         bool_or(scope_id IS NOT NULL) AS is_scoped, count(*) AS limits, count(DISTINCT kind) AS kinds, sum(balance) AS balance
                  FROM ledger.account WHERE kind IN (12, 13) AND closed_at IS NULL GROUP BY wallet_id, member_id) AS l
              ON l.member_id = m.id AND l.wallet_id = m.wallet_id
       WHERE (f.member_id IS NOT NULL OR l.member_id IS NOT NULL)
         AND ((f.day_rial, f.month_rial, coalesce(cardinality(f.kinds), 0) > 0)
              IS DISTINCT FROM (l.day, l.month, coalesce(l.is_scoped, false))
              OR l.limits <> l.kinds OR l.balance <> 0)""",
    """SELECT format('limit %s binds member %s, who is none of its wallet', a.id, a.member_id)
       FROM ledger.account a LEFT JOIN member m ON m.id = a.member_id AND m.wallet_id = a.wallet_id
       WHERE a.kind IN (12, 13) AND a.closed_at IS NULL AND m.id IS NULL""",
    # What was bought since the limit was set, of a day at a time: what came back since makes it less, an advice may make it more.
    """SELECT format('member %s spent %s on %s, more than %s', e.member_id, sum(e.amount), e.business_date, f.day_rial)
       FROM family_member f
       JOIN (SELECT subject_id, max(at) AS at FROM audit_entry WHERE subject = 'family member' AND act = 'set limits' GROUP BY subject_id)
            AS told ON told.subject_id = f.member_id::text
       JOIN ledger.entry e ON e.wallet_id = f.wallet_id AND e.member_id = f.member_id AND e.kind IN (1, 15) AND e.decided_at > told.at + interval '1 minute'
       LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id
       WHERE f.day_rial IS NOT NULL AND a.original_id IS NULL
       GROUP BY e.member_id, e.business_date, f.day_rial HAVING sum(e.amount) > f.day_rial""",
)

FAMILIES: Finder = (20, "members of families have spent within their limits", by_sql(*LIMITS))
