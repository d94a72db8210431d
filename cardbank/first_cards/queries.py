"""Reads of what people without a card ask for, and the lock of one person's wishes."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.first_cards.errors import FirstCardNotFound
from cardbank.first_cards.models import OPEN, FirstCardWish
from cardbank.first_cards.rules import WishState


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, and the card that came of it as a page may show it."""

    wish: FirstCardWish
    masked: str | None


def lock_wishes(session: Session, person_id: int) -> None:
    """Whatever happens to a person's wish comes one after the other, also that there is none yet."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"first card of {person_id}"})


def open_wish_of(session: Session, person_id: int) -> FirstCardWish | None:
    """What a person waits for. The caller holds the lock of the person's wishes where it goes on to change it."""
    wanted = select(FirstCardWish).where(FirstCardWish.person_id == person_id, OPEN)
    return session.scalar(wanted.execution_options(populate_existing=True))


def open_wish(session: Session, wish_id: int, *, lock: bool = False) -> FirstCardWish:
    """Raises FirstCardNotFound, also for one that is decided. Locks the person's wishes first if asked to."""
    person_id = session.scalar(select(FirstCardWish.person_id).where(FirstCardWish.id == wish_id))
    if person_id is None:
        raise FirstCardNotFound
    if lock:
        lock_wishes(session, person_id)
    found = open_wish_of(session, person_id)
    if found is None or found.id != wish_id:
        raise FirstCardNotFound
    return found


def open_wishes(session: Session, *, city_id: int | None = None, after: int = 0, limit: int = 50) -> Sequence[FirstCardWish]:
    """What desks of a city, or of all, have to make ready or to hand over, the longest waiting first. One query."""
    waiting = select(FirstCardWish).where(OPEN, FirstCardWish.id > after)
    if city_id is not None:
        waiting = waiting.where(FirstCardWish.city_id == city_id)
    return session.scalars(waiting.order_by(FirstCardWish.id).limit(limit)).all()


def wishes_of(session: Session, person_id: int, most: int = 20) -> list[Wish]:
    """What a person asked for, the newest first. One query."""
    own = (
        select(FirstCardWish, Card.masked)
        .outerjoin(Card, Card.id == FirstCardWish.card_id)
        .where(FirstCardWish.person_id == person_id)
    )
    rows = session.execute(own.order_by(FirstCardWish.id.desc()).limit(most))
    return [Wish(row.FirstCardWish, row.masked) for row in rows]


def newest_desk(session: Session, city_id: int) -> str:
    """Where the last card of a city was made ready: the clerk most likely sits there again."""
    ready = select(FirstCardWish.desk).where(FirstCardWish.city_id == city_id, FirstCardWish.state == WishState.READY)
    return session.scalar(ready.order_by(FirstCardWish.id.desc()).limit(1)) or ""
