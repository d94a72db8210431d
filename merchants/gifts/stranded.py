"""Money that left a card for a gift card and never arrived, because its till fell silent between the two entries: it goes back.

A till settles this itself by repeating or reversing its message; what it has not settled within an hour is settled here, by the same
requests under the same keys, so that whoever comes second finds it done.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.types import RIAL, Answer, EntryKind, Key, Original, PostingRequest, Source
from kernel import clock

WAITED = timedelta(hours=1)
LOOKED_BACK = timedelta(days=9)  # how long this may have stood still and still finds all
DEADLINE = timedelta(seconds=15)


class Stranded(Struct, frozen=True):
    """A departure without an arrival: the key of the till's message, and whose money it is."""

    key_date: date
    terminal_id: int
    stan: str
    wallet_id: int
    card_id: int | None
    amount_rial: int
    content_time: str


# By the block-range index on decided_at; what a message's second half is keyed by stands in buying.py.
_STRANDED = text("""
    SELECT r.key_date, r.source_id AS terminal_id, r.source_key AS stan, r.wallet_id, r.card_id, e.amount AS amount_rial, r.content_time
    FROM ledger.request r
    JOIN ledger.entry e ON e.business_date = r.business_date AND e.id = r.entry_id
    LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id
    WHERE r.key_date >= :first AND r.decided_at BETWEEN :since AND :until AND r.kind = :transfer AND r.reason = 0 AND r.source = :terminal
      AND a.reversed_by IS NULL
      AND NOT EXISTS (
          SELECT FROM ledger.request b
          WHERE b.key_date = r.key_date AND b.source = r.source AND b.source_id = r.source_id AND b.source_key = r.source_key || ' gift'
            AND b.reason = 0
      )
    ORDER BY r.decided_at
""")


def stranded(session: Session, now: datetime) -> list[Stranded]:
    since, until = now - LOOKED_BACK, now - WAITED
    facts = {
        "first": (since - timedelta(days=1)).date(), "since": since, "until": until, "transfer": EntryKind.TRANSFER,
        "terminal": Source.TERMINAL,
    }  # fmt: skip
    return [Stranded(**row) for row in session.execute(_STRANDED, facts).mappings()]


def send_back(session: Session, post: Callable[[PostingRequest], Answer]) -> int:
    """Return to its card what has waited for an hour. Returns how many departures that were."""
    found = stranded(session, clock.now())
    for one in found:
        post(_never_arrives(one))
        post(_back(one))
    return len(found)


def _never_arrives(one: Stranded) -> PostingRequest:
    """The arrival's reversal comes before it: a tombstone, which an arrival that is still under way meets."""
    arrival = Key(one.key_date, Source.TERMINAL, one.terminal_id, f"{one.stan} gift")
    return _request(one, f"{one.stan} gift stranded", Original(arrival, None, None, (), one.content_time, kind=EntryKind.TOP_UP))


def _back(one: Stranded) -> PostingRequest:
    departure = Key(one.key_date, Source.TERMINAL, one.terminal_id, one.stan)
    return _request(one, f"{one.stan} back", Original(departure, None, None, (), one.content_time, kind=EntryKind.TRANSFER))


def _request(one: Stranded, key: str, original: Original) -> PostingRequest:
    now = clock.now()
    return PostingRequest(
        key=Key(one.key_date, Source.TERMINAL, one.terminal_id, key),
        content_hash=0,
        kind=EntryKind.REVERSAL,
        wallet_id=one.wallet_id,
        member_id=None,
        card_id=one.card_id,
        shop_id=None,
        terminal_id=None,
        terminal_batch=None,
        unit=RIAL,
        amount=one.amount_rial,
        effective_at=now,
        deadline=now + DEADLINE,
        original=original,
        repeat=True,
    )
