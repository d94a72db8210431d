"""Proves that the ledger keeps its promises, from its rows alone, in one snapshot of the database.

Each check looks for faults; none found = it holds. The numbers are those of the ledger's list of promises (docs/data.md).
Nothing is repaired here, and nothing personal stands in a detail: ids, dates and amounts only.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

import psycopg
from msgspec import DecodeError, Struct
from msgspec.msgpack import Decoder

from cardbank.ledger.types import Answer
from cardbank.ledger.verify_replay import replay_faults
from cardbank.ledger.verify_seals import seal_faults

Connection = psycopg.Connection[Any]
Faults = Iterator[str]
Finder: TypeAlias = tuple[int, str, Callable[[Connection], Faults]]  # number, name, what finds the faults
MOST_FAULTS = 1000  # what is counted; one is shown


class Check(Struct, frozen=True):
    """One promise: its number, what it says, whether it holds, and one line on what was looked at or what is wrong."""

    number: int
    name: str
    ok: bool
    detail: str


def verify(connection: Connection, further: Sequence[Finder] = ()) -> list[Check]:
    """All checks in one REPEATABLE READ, READ ONLY transaction; `connection` must not be in one. Never raises for faults.

    `further` are checks of what higher packages keep beside the ledger, so that all are made on the same snapshot.
    A check that cannot even be computed (a missing table, an unreadable row) does not hold, and says so.
    """
    checks = []
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        connection.execute("SET LOCAL work_mem = '256MB'")
        connection.execute("SET LOCAL jit = off")
        for number, name, find in sorted((*CHECKS, *further), key=lambda check: check[0]):
            try:
                with connection.transaction():
                    faults = [fault for fault, _ in zip(find(connection), range(MOST_FAULTS), strict=False)]
            except psycopg.Error as error:
                faults = [f"cannot be computed ({error.sqlstate})"]
            checks.append(Check(number, name, not faults, _detail(faults)))
    return checks


def _detail(faults: Sequence[str]) -> str:
    if not faults:
        return "holds"
    more = "" if len(faults) == 1 else f" (and {len(faults) - 1}{'+' if len(faults) == MOST_FAULTS else ''} more)"
    return faults[0] + more


def by_sql(*queries: str) -> Callable[[Connection], Faults]:
    """A check whose queries each give one line of text per fault."""

    def find(connection: Connection) -> Faults:
        for query in queries:
            for row in connection.execute(f"{query}\nLIMIT {MOST_FAULTS}"):
                yield row[0]

    return find


SUMS = (
    """SELECT format('entry %s/%s is off by %s in unit %s', business_date, entry_id, sum(amount), unit)
       FROM ledger.posting GROUP BY business_date, entry_id, unit HAVING sum(amount) <> 0""",
    """SELECT format('all balances of unit %s add up to %s', unit, sum(balance))
       FROM ledger.account_now GROUP BY unit HAVING sum(balance) <> 0""",
)

# Balances of before the first partition that is still there.
OPENING = """opening AS (
    SELECT DISTINCT ON (account_id) account_id, balance FROM ledger.day_balance
    WHERE business_date < (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'posting')
    ORDER BY account_id, business_date DESC)"""

BALANCES = (
    f"""WITH {OPENING}, moved AS (SELECT account_id, sum(amount) AS amount FROM ledger.posting GROUP BY account_id)
        SELECT format('account %s holds %s, its postings add up to %s', a.id, a.balance,
                      coalesce(opening.balance, 0) + coalesce(moved.amount, 0))
        FROM ledger.account_now a
        LEFT JOIN opening ON opening.account_id = a.id
        LEFT JOIN moved ON moved.account_id = a.id
        WHERE a.balance <> coalesce(opening.balance, 0) + coalesce(moved.amount, 0)""",
    f"""WITH {OPENING}, daily AS (
            SELECT account_id, business_date, sum(amount) AS amount FROM ledger.posting
            WHERE business_date <= (SELECT max(business_date) FROM ledger.day_balance) GROUP BY 1, 2
        ), running AS (
            SELECT daily.account_id, business_date, coalesce(opening.balance, 0)
                   + sum(amount) OVER (PARTITION BY daily.account_id ORDER BY business_date) AS balance
            FROM daily LEFT JOIN opening ON opening.account_id = daily.account_id
        ), kept AS (
            SELECT account_id, business_date, balance FROM ledger.day_balance
            WHERE business_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'posting'))
        SELECT format('account %s closed %s with %s, its postings say %s', account_id, business_date,
                      coalesce(kept.balance::text, 'nothing'), coalesce(running.balance::text, 'nothing'))
        FROM running FULL JOIN kept USING (account_id, business_date)
        WHERE running.balance IS DISTINCT FROM kept.balance
          AND business_date IN (SELECT business_date FROM ledger.day_balance)""",
)

CHAINS = (
    f"""WITH {OPENING}, chain AS (
            SELECT p.account_id, account_version, amount, balance_after,
                   lag(account_version) OVER versions AS version_before,
                   lag(balance_after) OVER versions AS balance_before
            FROM ledger.posting p WHERE account_version IS NOT NULL
            WINDOW versions AS (PARTITION BY p.account_id ORDER BY account_version))
        SELECT format('account %s does not chain at version %s', chain.account_id, account_version)
        FROM chain LEFT JOIN opening ON version_before IS NULL AND opening.account_id = chain.account_id
        WHERE account_version = version_before
           OR balance_after <> coalesce(balance_before, opening.balance, 0) + amount""",
    """SELECT format('account %s is at version %s, a posting at %s', a.id, a.version, last.version)
       FROM (SELECT account_id, max(account_version) AS version FROM ledger.posting
             WHERE account_version IS NOT NULL GROUP BY account_id) AS last
       JOIN ledger.account a ON a.id = last.account_id WHERE a.version < last.version""",
)

FLOORS = (
    "SELECT format('account %s is at %s, its floor is %s', id, balance, floor) FROM ledger.account WHERE balance < floor",
    """SELECT format('entry %s/%s took account %s to %s, its floor is %s', business_date, entry_id, a.id, balance_after, floor)
       FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id WHERE balance_after < floor""",
)

LEGS = (
    """SELECT CASE WHEN e.id IS NULL THEN format('postings of %s/%s have no entry', p.business_date, p.entry_id)
                   WHEN p.entry_id IS NULL THEN format('entry %s/%s has no postings', e.business_date, e.id)
                   ELSE format('legs of entry %s/%s are not 1 to n', e.business_date, e.id) END
       FROM (SELECT business_date, entry_id, count(*) AS legs, min(leg) AS first, max(leg) AS last
             FROM ledger.posting GROUP BY 1, 2) AS p
       FULL JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id
       WHERE e.id IS NULL OR p.entry_id IS NULL OR first <> 1 OR last <> legs""",
    """SELECT format('leg %s of entry %s/%s does not agree with account %s', leg, business_date, entry_id, p.account_id)
       FROM ledger.posting p
       LEFT JOIN ledger.account a ON a.id = p.account_id
       LEFT JOIN ledger.account_kind k ON k.id = a.kind
       WHERE a.id IS NULL OR a.unit <> p.unit OR k.is_lazy <> (p.account_version IS NULL)
          OR (p.balance_after IS NULL) <> (p.account_version IS NULL)""",
)

REQUESTS = (
    """SELECT format('approved request for %s/%s has no entry of its own', r.business_date, r.entry_id)
       FROM ledger.request r
       LEFT JOIN ledger.entry e ON e.business_date = r.business_date AND e.id = r.entry_id
        AND (e.key_date, e.source, e.source_key, e.kind, e.wallet_id)
          = (r.key_date, r.source, r.source_key, r.kind, r.wallet_id)
       WHERE r.reason IN (0, 2) AND e.id IS NULL
         AND r.business_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'entry')""",
    """SELECT format('entry %s/%s has %s approved requests', e.business_date, e.id, coalesce(r.requests, 0))
       FROM ledger.entry e
       LEFT JOIN (SELECT business_date, entry_id, count(*) AS requests FROM ledger.request WHERE reason IN (0, 2)
                  GROUP BY 1, 2) AS r ON r.business_date = e.business_date AND r.entry_id = e.id
       WHERE r.requests IS DISTINCT FROM 1
         AND e.key_date >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'request')""",
    """SELECT format('entry %s/%s stands under a declined request or a tombstone', e.business_date, e.id)
       FROM ledger.request r JOIN ledger.entry e ON e.business_date = r.business_date AND e.id = r.entry_id
       WHERE r.reason NOT IN (0, 2)""",
)

AMENDS = (
    """SELECT format('amend of %s/%s is not what its entries returned', a.original_date, a.original_id)
       FROM ledger.entry_amend a
       LEFT JOIN ledger.entry o ON o.business_date = a.original_date AND o.id = a.original_id
       LEFT JOIN LATERAL (
           SELECT coalesce(sum(stands), 0) AS returned, coalesce(sum(1 + further), 0) AS entries,
                  count(*) FILTER (WHERE kind IN (4, 5) AND stands > 0) AS whole,
                  min(id) FILTER (WHERE kind IN (4, 5) AND stands > 0) AS reversed_by
           FROM standing e WHERE e.original_date = a.original_date AND e.original_id = a.original_id) AS by_entries ON true
       WHERE o.id IS NULL OR a.returned > o.amount OR a.returned <> by_entries.returned OR by_entries.whole > 1
          OR a.version <> by_entries.entries OR a.reversed_by IS DISTINCT FROM by_entries.reversed_by""",
    """SELECT format('entry %s/%s returns something of an original without an amend row', e.business_date, e.id)
       FROM returns e
       LEFT JOIN ledger.entry_amend a ON a.original_date = e.original_date AND a.original_id = e.original_id
       WHERE a.original_id IS NULL""",
    """SELECT format('amend of %s/%s returned more of a leg than was posted', a.original_date, a.original_id)
       FROM ledger.entry_amend a
       JOIN (SELECT p.business_date, p.entry_id, array_agg(abs(p.amount) ORDER BY leg) AS most
             FROM ledger.posting p JOIN ledger.entry_amend ON business_date = original_date AND entry_id = original_id
             GROUP BY 1, 2) AS p ON p.business_date = a.original_date AND p.entry_id = a.original_id
       WHERE cardinality(most) <> cardinality(returned_by_leg)
          OR EXISTS (SELECT FROM unnest(most, returned_by_leg) AS leg (most, back) WHERE back NOT BETWEEN 0 AND most)""",
    """SELECT format('amend of %s/%s: its legs gave back %s and took back %s of %s', original_date, original_id, given, taken,
                     returned)
       FROM (SELECT a.original_date, a.original_id, a.returned,
                    coalesce(sum(back) FILTER (WHERE p.amount < 0), 0) AS given,
                    coalesce(sum(back) FILTER (WHERE p.amount > 0), 0) AS taken
             FROM ledger.entry_amend a
             JOIN ledger.entry e ON e.business_date = a.original_date AND e.id = a.original_id AND e.kind IN (1, 2, 3, 4, 6)
             CROSS JOIN LATERAL unnest(a.returned_by_leg) WITH ORDINALITY AS r (back, leg)
             JOIN ledger.posting p ON p.business_date = a.original_date AND p.entry_id = a.original_id AND p.leg = r.leg
             WHERE p.rule_id IS NULL GROUP BY 1, 2, 3) AS sums
       WHERE given <> returned OR taken <> returned""",
)

LOTS = (
    """SELECT format('entry %s/%s spent lot %s outside its time', e.business_date, e.id, a.id)
       FROM ledger.posting p
       JOIN ledger.account a ON a.id = p.account_id AND a.kind IN (3, 4)
       JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id AND e.kind IN (1, 6)
       WHERE p.amount < 0 AND NOT (e.effective_at >= a.usable_from AND e.effective_at < a.usable_until)""",
    # The category that a purchase had is no row of the ledger: who knows shops looks at that.
    """SELECT format('entry %s/%s spent purse %s outside its scope', e.business_date, e.id, a.id)
       FROM ledger.posting p
       JOIN ledger.account a ON a.id = p.account_id AND a.scope_id IS NOT NULL
       JOIN ledger.entry e ON e.business_date = p.business_date AND e.id = p.entry_id AND e.kind IN (1, 6)
       LEFT JOIN ledger.scope s ON s.id = a.scope_id
       WHERE p.amount < 0 AND (s.id IS NULL OR e.shop_id <> ALL(s.shops) OR e.member_id IS DISTINCT FROM coalesce(a.member_id, e.member_id))""",
    # The offline window, and one whole business day for the sweep.
    """SELECT format('lot %s expired at %s and still holds %s', id, usable_until, balance) FROM ledger.account a
       WHERE kind IN (3, 4) AND balance > 0 AND closed_at IS NULL AND EXISTS (
           SELECT FROM ledger.business_day d WHERE d.closed_at IS NOT NULL AND d.opened_at >= a.usable_until + interval '72 hours')""",
)

BATCHES = (
    """SELECT format('batch %s/%s counts %s entries, there are %s', b.business_date, b.id, b.entries, coalesce(e.entries, 0))
       FROM ledger.post_batch b
       FULL JOIN (SELECT business_date, batch_id, count(*) AS entries, min(id) AS first, max(id) AS last
                  FROM ledger.entry GROUP BY 1, 2) AS e ON e.business_date = b.business_date AND e.batch_id = b.id
       WHERE coalesce(b.business_date, e.business_date) >= (SELECT min(lower) FROM ledger.partition_range WHERE parent = 'entry')
         AND (b.entries, b.first_entry, b.last_entry) IS DISTINCT FROM (e.entries, e.first, e.last)""",
    """SELECT format('batch %s/%s of a closed day is not %s', b.business_date, b.id,
                     CASE WHEN rolled_at IS NULL THEN 'rolled up' ELSE 'sealed' END)
       FROM ledger.post_batch b JOIN ledger.business_day d ON d.day = b.business_date
       WHERE d.closed_at < now() - interval '10 minutes' AND (rolled_at IS NULL OR seal_no IS NULL)""",
    """SELECT format('batch %s/%s names a day that does not exist', business_date, id)
       FROM ledger.post_batch WHERE business_date NOT IN (SELECT day FROM ledger.business_day)""",
)

# Decided at the poster's clock, closed at the database's.
CLOSED_DAYS = (
    """SELECT format('entry %s/%s was posted after its day was closed', e.business_date, e.id)
       FROM ledger.entry e JOIN ledger.business_day d ON d.day = e.business_date
       WHERE e.decided_at > d.closed_at + interval '1 second'""",
    """SELECT format('entry %s/%s lies on a day that was never opened', business_date, id)
       FROM ledger.entry WHERE business_date NOT IN (SELECT day FROM ledger.business_day)""",
)

PARTITIONS = (
    """SELECT format('%s has no partition for %s', parent, day)
       FROM unnest(ARRAY['request', 'entry', 'posting']) AS parent,
            LATERAL (SELECT (current_date + n)::date AS day FROM generate_series(0, 3) AS n) AS days
       WHERE NOT EXISTS (SELECT FROM ledger.partition_range r WHERE r.parent = parent.parent AND day >= lower AND day < upper)""",
)

_answer_of = Decoder(Answer).decode
ANSWERS = """
    SELECT r.business_date, r.entry_id, r.reason, r.answer, e.amount
    FROM ledger.request r
    LEFT JOIN ledger.entry e ON r.reason IN (0, 2) AND e.business_date = r.business_date AND e.id = r.entry_id
    WHERE r.answer <> ''"""


def request_faults(connection: Connection) -> Faults:
    """Requests and entries name each other, and each stored answer says what its row and its entry say."""
    yield from by_sql(*REQUESTS)(connection)
    with connection.cursor("answers", binary=True) as cursor:
        cursor.itersize = 20_000
        for day, entry_id, reason, stored, amount in cursor.execute(ANSWERS):
            try:
                answer = _answer_of(stored)
            except DecodeError:
                yield f"the answer of {day}/{entry_id} cannot be read"
                continue
            if (answer.business_date, answer.entry_id, answer.reason) != (day, entry_id, reason):
                yield f"the answer of {day}/{entry_id} names {answer.business_date}/{answer.entry_id}"
            elif amount is not None and answer.amount != amount:
                yield f"the answer of {day}/{entry_id} says {answer.amount}, its entry {amount}"


# What gives back to an original; the arrival of a transfer does to its departure. A refund that was voided or reversed does
# not stand, and stands again where its void was reversed; each of them changed the row of what the refund had returned.
_RETURNS = """
    WITH returns AS MATERIALIZED (SELECT * FROM ledger.entry WHERE original_id IS NOT NULL),
    undone AS (SELECT original_date, original_id, sum(amount) AS amount, count(*) AS entries FROM returns GROUP BY 1, 2),
    voids AS (
        SELECT e.original_date, e.original_id, sum(e.amount - coalesce(u.amount, 0)) AS amount,
               sum(1 + coalesce(u.entries, 0)) AS entries
        FROM returns e LEFT JOIN undone u ON u.original_date = e.business_date AND u.original_id = e.id GROUP BY 1, 2),
    standing AS MATERIALIZED (
        SELECT e.original_date, e.original_id, e.id, e.kind, e.amount - coalesce(v.amount, 0) AS stands,
               coalesce(v.entries, 0) AS further
        FROM returns e LEFT JOIN voids v ON v.original_date = e.business_date AND v.original_id = e.id)
"""

CHECKS: tuple[Finder, ...] = (
    (1, "each entry sums to zero, and so do all balances", by_sql(*SUMS)),
    (2, "a balance is the sum of its postings", by_sql(*BALANCES)),
    (3, "postings of an account chain by version", by_sql(*CHAINS)),
    (4, "no purse was ever below its floor", by_sql(*FLOORS)),
    (5, "postings, entries and accounts agree", by_sql(*LEGS)),
    (6, "one entry per approved request, none under a decline", request_faults),
    (7, "returns do not exceed what was paid", by_sql(*(_RETURNS + query for query in AMENDS))),
    (8, "lots and benefits are spent in their time and scope and lapse after it", by_sql(*LOTS)),
    (10, "batches are complete, rolled up and sealed", by_sql(*BATCHES)),
    (11, "batch hashes and the seal chain recompute", seal_faults),
    (12, "nothing was posted into a closed day", by_sql(*CLOSED_DAYS)),
    (15, "partitions stand ready", by_sql(*PARTITIONS)),
    (17, "decisions replay to the same legs", replay_faults),
)
