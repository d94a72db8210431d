"""What keeps the ledger whole from day to day: partitions, roll-up, the business day, its seal, and lots that lapse.

Each function does one transaction's work in the session it is given and commits nothing, unless it says otherwise. All may
run again at any time: what is done already is left as it is.
"""

import json
import os
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import psycopg
from psycopg import sql
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.ledger.rules.give import OFFLINE_WINDOW
from cardbank.ledger.types import Answer, EntryKind, Key, PostingRequest, Source, Tender

AHEAD = timedelta(days=35)
BEHIND = timedelta(days=12)  # keys of the last ten days may still be new
REQUESTS_KEPT = timedelta(days=35)  # far longer than a key may still be new
RETURN_WINDOW = timedelta(days=180)  # an empty, expired lot closes when no return can reach it any more
SWEPT_WITHIN = timedelta(seconds=10)
OLDEST_KEY = timedelta(days=9)  # a lot that was forgotten for longer is swept under a key that may still be new
BATCHES_AT_ONCE = 2_000
LOTS_AT_ONCE = 1_000


def make_partitions(session: Session, today: date, by: str) -> int:
    """Make partitions from `today` to 35 days ahead. Returns how many were missing.

    `by` is month in one city, day at national scale; requests are always by day. Raises ProgrammingError for any other.
    """
    found = session.execute(
        text("SELECT ledger.make_partitions(:first, :last, :by)"),
        {"first": today - BEHIND, "last": today + AHEAD, "by": by},
    )
    return cast("int", found.scalar_one())


def drop_old_requests(owner_url: str, today: date) -> list[str]:
    """Drop request partitions that are older than 35 days. Returns their names.

    Needs the owner's address and commits by itself: detaching beside a working teller cannot be done in a transaction.
    """
    with psycopg.connect(owner_url, autocommit=True) as connection:
        old = connection.execute(
            "SELECT name FROM ledger.partition_range WHERE parent = 'request' AND upper <= %s ORDER BY lower",
            (today - REQUESTS_KEPT,),
        ).fetchall()
        for (name,) in old:
            partition = sql.Identifier("ledger", name)
            connection.execute(sql.SQL("ALTER TABLE ledger.request DETACH PARTITION {} CONCURRENTLY").format(partition))
            connection.execute(sql.SQL("DROP TABLE {}").format(partition))
    return [name for (name,) in old]


def roll_up(session: Session) -> int:
    """Add the lazy legs of batches that have none added yet to their accounts. Returns the number of batches."""
    rolled = session.execute(text("SELECT ledger.roll_up(:most)"), {"most": BATCHES_AT_ONCE})
    return cast("int", rolled.scalar_one())


def open_day(session: Session, today: date) -> bool:
    """Make `today` the current business day. False when it is current already, or a later one is."""
    return cast("bool", session.execute(text("SELECT ledger.open_day(:day)"), {"day": today}).scalar_one())


def close_days(session: Session) -> list[date]:
    """Close every day before the current one; waits only for batches that are being posted into it. Returns the days."""
    days = session.scalars(
        text(
            """SELECT day FROM ledger.business_day
               WHERE closed_at IS NULL AND day < (SELECT max(day) FROM ledger.business_day) ORDER BY day"""
        )
    ).all()
    return [day for day in days if session.execute(text("SELECT ledger.close_day(:day)"), {"day": day}).scalar_one()]


def settle_days(session: Session) -> list[int]:
    """Roll up, balance and seal the closed days that have batches without a seal. Returns the numbers of the seals."""
    while roll_up(session):
        pass
    days = session.scalars(
        text(
            """SELECT DISTINCT d.day FROM ledger.business_day d JOIN ledger.post_batch b ON b.business_date = d.day
               WHERE d.closed_at IS NOT NULL AND b.seal_no IS NULL ORDER BY d.day"""
        )
    ).all()
    seals = []
    for day in days:
        session.execute(text("SELECT ledger.balance_day(:day)"), {"day": day})
        seals.append(session.execute(text("SELECT ledger.seal_day(:day)"), {"day": day}).scalar_one())
    return seals


def seal_open_day(session: Session) -> int | None:
    """Roll up and seal what is visible of the current day, so that a day's work is not without a seal until it closes.

    Returns the seal's number, None where everything is sealed already. A day may have any number of seals.
    """
    while roll_up(session) == BATCHES_AT_ONCE:
        pass
    sealed = session.execute(text("SELECT ledger.seal_day(max(day)) FROM ledger.business_day"))
    return cast("int | None", sealed.scalar_one())


def export_seals(session: Session, file: Path) -> int:
    """Append new seals to a file that leaves this machine, one JSON object a line. Returns how many.

    A seal is marked as exported only after the line is on the disk; after a crash between the two it stands there twice.
    """
    rows = session.execute(
        text(
            """SELECT no, encode(prev_hash, 'hex'), encode(hash, 'hex'), business_date, batches, entries
               FROM ledger.seal WHERE exported_at IS NULL ORDER BY no"""
        )
    ).all()
    if not rows:
        return 0
    names = ("no", "prev_hash", "hash", "business_date", "batches", "entries")
    with file.open("a", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(dict(zip(names, row, strict=True)), default=str) + "\n")
        out.flush()
        os.fsync(out.fileno())
    for row in rows:
        session.execute(text("SELECT ledger.mark_exported(:no)"), {"no": row[0]})
    return len(rows)


def expired_lots(session: Session, now: datetime) -> list[PostingRequest]:
    """Requests that move what is left in lots and benefits to LAPSED of who gave them, once no offline advice can spend it."""
    rows = session.execute(
        text(
            """SELECT id, wallet_id, unit, balance, usable_until FROM ledger.account
               WHERE kind IN (3, 4) AND closed_at IS NULL AND balance > 0 AND usable_until <= :before
               ORDER BY usable_until, id LIMIT :most"""
        ),
        {"before": now - OFFLINE_WINDOW, "most": LOTS_AT_ONCE},
    )
    return [_expiry(row, now) for row in rows]


def _expiry(row: Any, now: datetime) -> PostingRequest:
    lot, wallet, unit, balance, until = row
    # What comes back into an expired lot lapses again: the balance tells the two apart.
    day = max(until.astimezone(UTC).date(), (now - OLDEST_KEY).astimezone(UTC).date())
    return PostingRequest(
        key=Key(day, Source.TASK, lot, f"lapse {balance} {now.date()}"),
        content_hash=balance,
        kind=EntryKind.EXPIRY,
        wallet_id=wallet,
        member_id=None,
        card_id=None,
        shop_id=None,
        terminal_id=None,
        terminal_batch=None,
        unit=unit,
        amount=balance,
        effective_at=now,
        deadline=now + SWEPT_WITHIN,
        tender=(Tender(None, lot, None, False),),
        repeat=True,
    )


def sweep_lots(session: Session, now: datetime, post: Callable[[PostingRequest], Answer]) -> int:
    """Let expired lots lapse through `post` (the teller's), and close the empty ones. Returns how many lapsed.

    Raises what `post` raises: the next sweep takes up what is left.
    """
    swept = sum(post(request).reason.is_approved for request in expired_lots(session, now))
    session.execute(text("SELECT ledger.close_lots(:before)"), {"before": now - RETURN_WINDOW})
    return swept
