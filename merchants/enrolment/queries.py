"""Reads of enrolments at tills."""

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.ledger.types import Key
from kernel.calendar import TEHRAN, end_of_day, local_day
from merchants.enrolment.models import TillEnrolment
from merchants.enrolment.rules import State
from merchants.models import Terminal


def begun_by_message(session: Session, terminal_id: int, key: Key) -> TillEnrolment | None:
    """What this message has begun already."""
    return session.scalar(
        select(TillEnrolment).where(
            TillEnrolment.terminal_id == terminal_id, TillEnrolment.key_date == key.day, TillEnrolment.key == key.key
        )
    )


def begun_today(session: Session, terminal_id: int, now: datetime) -> int:
    """How many this terminal has begun in the Tehran day of `now`, whatever came of them."""
    since = end_of_day(local_day(now) - timedelta(days=1), TEHRAN)
    wanted = select(func.count()).where(TillEnrolment.terminal_id == terminal_id, TillEnrolment.begun_at >= since)
    return session.scalar(wanted) or 0


def is_pending(session: Session, card_id: int, document_digest: bytes, now: datetime) -> bool:
    """Whether another till is at work on this card or with this document."""
    same = (TillEnrolment.card_id == card_id) | (TillEnrolment.document_digest == document_digest)
    alive = (TillEnrolment.state == State.PENDING) & (TillEnrolment.expires_at > now)
    return session.scalar(select(TillEnrolment.id).where(same, alive).limit(1)) is not None


def lock_terminal(session: Session, terminal_id: int) -> None:
    """Enrolments of one terminal come one after the other, so that its day's limit is counted right."""
    session.execute(select(Terminal.id).where(Terminal.id == terminal_id).with_for_update(key_share=True))


def lock_enrolment(session: Session, terminal_id: int, uid: bytes, code: str) -> TillEnrolment | None:
    """The enrolment that a till confirms, locked."""
    wanted = (
        select(TillEnrolment)
        .join(Card, Card.id == TillEnrolment.card_id)
        .where(TillEnrolment.terminal_id == terminal_id, TillEnrolment.code == code, Card.uid == uid)
        .order_by(TillEnrolment.id.desc())
        .limit(1)
        .with_for_update(of=TillEnrolment)
        .execution_options(populate_existing=True)
    )
    return session.scalar(wanted)


def lock_overdue(session: Session, now: datetime, most: int) -> list[TillEnrolment]:
    """Pending enrolments whose time is over, oldest first; what somebody confirms at this moment is left out."""
    overdue = (
        select(TillEnrolment)
        .where(TillEnrolment.state == State.PENDING, TillEnrolment.expires_at <= now)
        .order_by(TillEnrolment.expires_at)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(overdue))
