"""Check 19 of the proof, a funder's side: what was funded is in purses, spent, waiting or back, to the Rial."""

from cardbank.ledger.verify import by_sql

BUDGETS = (
    """SELECT format('funder %s has a budget of %s, its deposits, runs and returns say %s', s.organisation_id, held.budget,
                     coalesce(d.rial, 0) - coalesce(r.rial, 0) + coalesce(b.rial, 0))
       FROM sponsor s
       CROSS JOIN LATERAL (SELECT coalesce(sum(balance), 0) AS budget FROM ledger.account WHERE wallet_id = s.wallet_id AND kind = 30) AS held
       LEFT JOIN (SELECT organisation_id, sum(amount_rial) AS rial FROM benefit_deposit WHERE status = 'confirmed' GROUP BY 1) AS d USING (organisation_id)
       LEFT JOIN (SELECT p.organisation_id, sum(r.amount_rial) AS rial FROM benefit_run r JOIN benefit_plan p ON p.id = r.plan_id GROUP BY 1) AS r USING (organisation_id)
       LEFT JOIN (SELECT organisation_id, sum(amount_rial) AS rial FROM benefit_return GROUP BY 1) AS b USING (organisation_id)
       WHERE held.budget <> coalesce(d.rial, 0) - coalesce(r.rial, 0) + coalesce(b.rial, 0)""",
    """SELECT format('funder %s has set aside %s, its waiting members are to get %s', s.organisation_id, held.rial, coalesce(g.rial, 0))
       FROM sponsor s
       CROSS JOIN LATERAL (SELECT coalesce(sum(balance), 0) AS rial FROM ledger.account_now WHERE wallet_id = s.wallet_id AND kind = 31) AS held
       LEFT JOIN (SELECT p.organisation_id, sum(g.amount_rial) AS rial FROM benefit_grant g JOIN benefit_plan p ON p.id = g.plan_id
                  WHERE g.status = 'waiting' GROUP BY 1) AS g USING (organisation_id)
       WHERE held.rial <> coalesce(g.rial, 0)""",
    """SELECT format('run %s of plan %s is not the sum of its members', r.id, r.plan_id)
       FROM benefit_run r LEFT JOIN benefit_grant g ON g.run_id = r.id
       GROUP BY r.id HAVING (r.members, r.amount_rial) IS DISTINCT FROM (count(g.id), sum(g.amount_rial))""",
)

# A purse's postings: what came in as given, what was paid and came back, what lapsed.
PURSES = (
    """WITH moved AS (
            SELECT p.account_id, coalesce(sum(p.amount) FILTER (WHERE e.kind = 7), 0) AS given,
                   coalesce(sum(p.amount) FILTER (WHERE e.kind = 8), 0) AS lapsed
            FROM benefit_grant g
            JOIN ledger.account a ON a.id = g.account_id
            JOIN ledger.entry e ON e.wallet_id = a.wallet_id
            JOIN ledger.posting p ON p.business_date = e.business_date AND p.entry_id = e.id AND p.account_id = a.id
            GROUP BY p.account_id)
       SELECT format('grant %s put %s into purse %s, it should be %s', g.id, coalesce(m.given, 0), g.account_id, g.amount_rial)
       FROM benefit_grant g
       JOIN benefit_run r ON r.id = g.run_id
       JOIN sponsor s ON s.organisation_id = (SELECT organisation_id FROM benefit_plan WHERE id = g.plan_id)
       LEFT JOIN ledger.account a ON a.id = g.account_id
       LEFT JOIN moved m ON m.account_id = g.account_id
       WHERE g.status = 'given' AND r.funded_at >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'posting')
         AND (m.given, a.funder_id, a.kind, a.usable_until) IS DISTINCT FROM (g.amount_rial, s.wallet_id, 3::smallint, r.usable_until)""",
    """SELECT format('purse %s has a funder and no grant', a.id)
       FROM sponsor s JOIN ledger.account a ON a.funder_id = s.wallet_id AND a.kind = 3
       LEFT JOIN benefit_grant g ON g.account_id = a.id WHERE g.id IS NULL""",
    """SELECT format('funder %s: %s were given, %s are in purses, %s spent, %s lapsed', s.organisation_id, sums.given, sums.held,
                     sums.spent, sums.lapsed)
       FROM sponsor s
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(g.amount_rial), 0) AS given, coalesce(sum(a.balance), 0) AS held,
                  coalesce(sum(moved.spent), 0) AS spent, coalesce(sum(moved.lapsed), 0) AS lapsed
           FROM benefit_plan p
           JOIN benefit_grant g ON g.plan_id = p.id AND g.status = 'given'
           JOIN ledger.account a ON a.id = g.account_id
           CROSS JOIN LATERAL (
               SELECT -coalesce(sum(l.amount) FILTER (WHERE e.kind NOT IN (7, 8)), 0) AS spent,
                      -coalesce(sum(l.amount) FILTER (WHERE e.kind = 8), 0) AS lapsed
               FROM ledger.entry e
               JOIN ledger.posting l ON l.business_date = e.business_date AND l.entry_id = e.id AND l.account_id = a.id
               WHERE e.wallet_id = a.wallet_id) AS moved
           WHERE p.organisation_id = s.organisation_id) AS sums
       WHERE sums.given <> sums.held + sums.spent + sums.lapsed
         AND s.opened_at >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'posting')""",
    """SELECT format('funder %s got %s back of lapsed benefits, %s lapsed and %s wait', s.organisation_id, back.rial, gone.rial, held.rial)
       FROM sponsor s
       CROSS JOIN LATERAL (SELECT coalesce(sum(balance), 0) AS rial FROM ledger.account_now WHERE wallet_id = s.wallet_id AND kind = 32) AS held
       CROSS JOIN LATERAL (SELECT coalesce(sum(amount_rial), 0) AS rial FROM benefit_return WHERE organisation_id = s.organisation_id AND source = 'lapsed') AS back
       CROSS JOIN LATERAL (
           SELECT coalesce(sum(p.amount), 0) AS rial FROM ledger.account a JOIN ledger.posting p ON p.account_id = a.id
           WHERE a.wallet_id = s.wallet_id AND a.kind = 32 AND p.amount > 0) AS gone
       WHERE gone.rial <> back.rial + held.rial
         AND s.opened_at >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'posting')""",
)

FUNDERS = by_sql(*BUDGETS, *PURSES)
