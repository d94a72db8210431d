"""Reads of kinds of card."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import GIFT_PRODUCT
from cardbank.kinds.errors import CardKindNotFound
from cardbank.kinds.models import CardKind


def kind_in_force(session: Session, code: str, day: date) -> CardKind:
    """The version of a kind that holds on a day. Raises CardKindNotFound."""
    begun = select(CardKind).where(CardKind.code == code, CardKind.starts_on <= day)
    found = session.scalar(begun.order_by(CardKind.version.desc()).limit(1))
    if found is None:
        raise CardKindNotFound(kind=code)
    return found


def kinds_in_force(session: Session, day: date) -> list[CardKind]:
    """Every kind as it holds on a day, by code. One query."""
    newest = select(CardKind).where(CardKind.starts_on <= day).ext(distinct_on(CardKind.code))
    return list(session.scalars(newest.order_by(CardKind.code, CardKind.version.desc())))


def offered_kinds(session: Session, day: date) -> list[CardKind]:
    """What a person may be given on a day: gift cards are sold without a name. One query."""
    return [one for one in kinds_in_force(session, day) if one.is_open and one.code != GIFT_PRODUCT]


def all_versions(session: Session) -> Sequence[CardKind]:
    """Every version of every kind, the newest of each first."""
    return session.scalars(select(CardKind).order_by(CardKind.code, CardKind.version.desc())).all()


def newest_version(session: Session, code: str) -> CardKind | None:
    return session.scalar(select(CardKind).where(CardKind.code == code).order_by(CardKind.version.desc()).limit(1))


def kind_of_card(session: Session, card_id: int) -> CardKind | None:
    """The version that a card was issued under; None for one of the stock."""
    return session.scalar(select(CardKind).join(Card, Card.kind_id == CardKind.id).where(Card.id == card_id))


def lock_kind(session: Session, code: str) -> None:
    """Versions of one kind are made one after the other."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"card kind {code}"})
