"""Reads of what holders ask for, and the lock on a blank."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from cardbank.cards.finding import card_of_typed
from cardbank.cards.models import Card, Member
from cardbank.cards.queries import lock_card
from cardbank.keystore.ports import KeyStore
from cardbank.replacing.errors import BlankNotFound
from cardbank.replacing.models import CardReplacement
from cardbank.replacing.rules import Why, WishState

_New = aliased(Card)


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for, with the cards as a page may show them."""

    id: int
    card_id: int
    masked: str
    person_id: int | None
    city_id: int
    why: Why
    state: WishState
    asked_at: datetime
    new_masked: str | None


def waiting_wishes(session: Session, *, city_id: int | None = None, after: int = 0, limit: int = 50) -> list[Wish]:
    """What waits at the desks of a city, or of all, the longest first. One query."""
    waiting = _wishes().where(CardReplacement.state == WishState.WAITING, CardReplacement.id > after)
    if city_id is not None:
        waiting = waiting.where(CardReplacement.city_id == city_id)
    return [_wish(row) for row in session.execute(waiting.order_by(CardReplacement.id).limit(limit))]


def wishes_of_person(session: Session, person_id: int, most: int = 20) -> list[Wish]:
    """What a person asked for, the newest first. One query."""
    own = _wishes().where(Member.person_id == person_id).order_by(CardReplacement.id.desc()).limit(most)
    return [_wish(row) for row in session.execute(own)]


def open_wish(session: Session, card_id: int) -> CardReplacement | None:
    """What waits for a card. The caller holds the card's lock where it goes on to change it."""
    waiting = (CardReplacement.card_id == card_id) & (CardReplacement.state == WishState.WAITING)
    return session.scalar(select(CardReplacement).where(waiting).execution_options(populate_existing=True))


def masked_of(session: Session, card_id: int | None) -> str:
    return session.scalar(select(Card.masked).where(Card.id == card_id)) or ""


def lock_blank(session: Session, keystore: KeyStore, typed: str, now: datetime) -> Card:
    """The card that lies on the counter, locked. Raises BlankNotFound."""
    found = card_of_typed(session, keystore, typed, now)
    if found is None:
        raise BlankNotFound(field="blank")
    return lock_card(session, found.card_id)


def _wishes() -> Select[CardReplacement, str, int | None, str | None]:
    return (
        select(CardReplacement, Card.masked, Member.person_id, _New.masked.label("new_masked"))
        .join(Card, Card.id == CardReplacement.card_id)
        .outerjoin(Member, Member.id == Card.member_id)
        .outerjoin(_New, _New.id == CardReplacement.new_card_id)
    )


def _wish(row: Row[CardReplacement, str, int | None, str | None]) -> Wish:
    one = row.CardReplacement
    return Wish(
        one.id,
        one.card_id,
        row.masked,
        row.person_id,
        one.city_id,
        Why(one.why),
        WishState(one.state),
        one.asked_at,
        row.new_masked,
    )
