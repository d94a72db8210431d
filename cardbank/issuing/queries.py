"""Reads of limits, issues and exceptions, and the lock under which issues are counted."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, text, true
from sqlalchemy.orm import Session

from cardbank.cards.models import Card, Member
from cardbank.cards.rules import CardStatus
from cardbank.issuing.errors import IssuingExceptionNotFound
from cardbank.issuing.models import CardIssue, IssuingException, IssuingLimit
from cardbank.issuing.rules import Counted, Limit, Period, Subject

_WHOSE = {Subject.PERSON: CardIssue.person_id, Subject.BRANCH: CardIssue.branch_id, Subject.OPERATOR: CardIssue.account_id}
_HELD = (CardStatus.ISSUED, CardStatus.ACTIVE, CardStatus.BLOCKED)


def limits_in_force(session: Session) -> list[Limit]:
    rows = session.scalars(select(IssuingLimit).where(IssuingLimit.ends_at.is_(None)).order_by(IssuingLimit.id))
    return [Limit(one.id, Subject(one.subject), one.kind, Period(one.period), one.most) for one in rows]


def limits_page(session: Session, most: int = 100) -> Sequence[IssuingLimit]:
    """Those in force first, then what has ended, the newest first."""
    in_order = select(IssuingLimit).order_by(IssuingLimit.ends_at.desc().nulls_first(), IssuingLimit.id.desc())
    return session.scalars(in_order.limit(most)).all()


def lock_counts(session: Session, counted: Sequence[Counted]) -> None:
    """Issues that fall under one limit of one subject come one after the other until their commits."""
    for one in counted:
        key = f"issuing {one.limit.id} {one.whose or ''}"
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": key})


def handed_out(session: Session, one: Counted) -> int:
    """How many cards count under a limit."""
    wanted = select(func.count()).select_from(CardIssue).where(_counts(one))
    if one.since is not None:
        wanted = wanted.where(CardIssue.at >= one.since)
    if one.limit.kind is not None:
        wanted = wanted.where(CardIssue.kind == one.limit.kind)
    return session.scalar(wanted) or 0


def _counts(one: Counted) -> ColumnElement[bool]:
    return true() if one.limit.subject is Subject.NETWORK else _WHOSE[one.limit.subject] == one.whose


def held_of_kind(session: Session, person_id: int, kind: str) -> int:
    """How many cards of a kind a person has in hand now."""
    mine = (Member.person_id == person_id) & (Card.product == kind) & Card.status.in_(_HELD)
    return session.scalar(select(func.count()).select_from(Card).join(Member, Member.id == Card.member_id).where(mine)) or 0


def lock_usable_exception(session: Session, person_id: int, kind: str, now: datetime) -> IssuingException | None:
    """What was allowed for a person and not used yet, locked."""
    mine = (IssuingException.person_id == person_id) & (IssuingException.kind == kind)
    usable = (IssuingException.state == "allowed") & (IssuingException.usable_until > now)
    return session.scalar(
        select(IssuingException).where(mine, usable).order_by(IssuingException.id).limit(1).with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip


def asked_exceptions(session: Session, *, person_id: int | None = None, most: int = 100) -> Sequence[IssuingException]:
    """What waits for a second person, the longest first; of one person if asked for."""
    asked = select(IssuingException).where(IssuingException.state == "asked")
    if person_id is not None:
        asked = asked.where(IssuingException.person_id == person_id)
    return session.scalars(asked.order_by(IssuingException.id).limit(most)).all()


def lock_asked_exception(session: Session, exception_id: int) -> IssuingException:
    """Raises IssuingExceptionNotFound, also where it is answered already."""
    wanted = select(IssuingException).where(IssuingException.id == exception_id, IssuingException.state == "asked")
    found = session.scalar(wanted.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise IssuingExceptionNotFound(exception_id=exception_id)
    return found
