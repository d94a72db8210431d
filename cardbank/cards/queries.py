"""Named reads of cards."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import ColumnElement, Row, Select, select, text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card, CardChallenge, CardEvent, Member
from cardbank.cards.rules import BlockReason, CardProfile, CardStatus
from cardbank.errors import CardNotFound
from cardbank.keystore.ports import KeyStore
from cardbank.ledger.types import RIAL
from identity.models import Person


def card_profile(session: Session, card_id: int) -> CardProfile | None:
    return _one(session, Card.id == card_id)


def find_by_number(session: Session, keystore: KeyStore, number: str) -> CardProfile | None:
    return find_by_number_index(session, keystore.card_number_index(number))


def find_by_number_index(session: Session, index: bytes) -> CardProfile | None:
    return _one(session, Card.number_index == index)


def find_by_uid(session: Session, uid: bytes) -> CardProfile | None:
    return _one(session, Card.uid == uid)


def number_of_card(session: Session, keystore: KeyStore, uid: bytes) -> str:
    """The number of the card with this chip, opened: for whoever hands the card out. Raises CardNotFound."""
    card = session.scalar(select(Card).where(Card.uid == uid))
    if card is None:
        raise CardNotFound
    return keystore.open_card_number(card.number_sealed, card.token)


def number_without_chip(session: Session, keystore: KeyStore, card_id: int) -> str:
    """The number of an active card that has no chip, opened: it is all that its holder has. Raises CardNotFound for any other."""
    card = session.scalar(select(Card).where(Card.id == card_id, Card.uid.is_(None), Card.status == CardStatus.ACTIVE))
    if card is None:
        raise CardNotFound(card_id=card_id)
    return keystore.open_card_number(card.number_sealed, card.token)


def cards_of_person(session: Session, person_id: int) -> list[CardProfile]:
    """All cards a person ever held, the newest first; not those of a family that the person has left."""
    return [
        _profile(row)
        for row in session.execute(_profiles((Member.person_id == person_id) & Member.left_at.is_(None)).order_by(Card.id.desc()))
    ]


def cards_by_id(session: Session, card_ids: Iterable[int]) -> dict[int, CardProfile]:
    """The profiles of a page of entries, in one read."""
    rows = session.execute(_profiles(Card.id.in_(set(card_ids))))
    return {row.Card.id: _profile(row) for row in rows}


def persons_of_numbers(session: Session, indexes: Iterable[bytes]) -> dict[bytes, int]:
    """Keyed index of a card number → the person who holds it; anonymous cards are left out. One query, none without cards."""
    wanted = set(indexes)
    if not wanted:
        return {}
    rows = session.execute(
        select(Card.number_index, Member.person_id)
        .join(Member, Member.id == Card.member_id)
        .where(Card.number_index.in_(wanted), Member.person_id.is_not(None))
    )
    return {row.number_index: row.person_id for row in rows}


def card_of_challenge(session: Session, challenge_id: bytes) -> CardProfile | None:
    """The card that a challenge was made for, however long ago."""
    return _one(
        session,
        Card.id == select(CardChallenge.card_id).where(CardChallenge.id == challenge_id).scalar_subquery(),
    )


def card_history(session: Session, card_id: int) -> list[CardEvent]:
    return list(session.scalars(select(CardEvent).where(CardEvent.card_id == card_id).order_by(CardEvent.id)))


def cards_past_their_last_day(session: Session, today: date, most: int) -> list[int]:
    """Ids of cards that could still pay but for the calendar, oldest first."""
    alive = Card.status.in_([CardStatus.ISSUED, CardStatus.ACTIVE, CardStatus.BLOCKED])
    past = select(Card.id).where(Card.expires_on < today, alive).order_by(Card.expires_on, Card.id).limit(most)
    return list(session.scalars(past))


def money_left(session: Session, wallet_id: int) -> int:
    """Whole Rial of the holder's own money, gifts and credit on a wallet, less what it owes. Benefits are their funder's until spent."""
    total = text(
        "SELECT coalesce(sum(balance), 0)::bigint FROM ledger.account WHERE wallet_id = :wallet AND unit = :unit AND kind <> 3"
    )
    return int(session.execute(total, {"wallet": wallet_id, "unit": RIAL}).scalar_one())


def lock_card(session: Session, card_id: int) -> Card:
    """The card's row, locked against other changes of its state. Raises CardNotFound."""
    card = session.scalar(
        select(Card).where(Card.id == card_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if card is None:
        raise CardNotFound(card_id=card_id)
    return card


def _profiles(condition: ColumnElement[bool]) -> Select[Card, int | None, dict[str, str]]:
    return (
        select(Card, Member.person_id, Person.names)
        .outerjoin(Member, Member.id == Card.member_id)
        .outerjoin(Person, Person.id == Member.person_id)
        .where(condition)
    )


def _one(session: Session, condition: ColumnElement[bool]) -> CardProfile | None:
    row = session.execute(_profiles(condition)).one_or_none()
    return _profile(row) if row else None


def _profile(row: Row[Card, int | None, dict[str, str]]) -> CardProfile:
    card, person_id, names = row.Card, row.person_id, row.names or {}
    name = names.get(card.language) or next(iter(names.values()), "")
    return CardProfile(
        card.id, card.wallet_id, card.member_id, person_id, CardStatus(card.status),
        BlockReason(card.block_reason) if card.block_reason else None, card.masked, card.language, card.expires_on,
        card.uid, card.key_version, card.product, card.purchase_limit_rial, name[:1], card.holds_money,
    )  # fmt: skip
