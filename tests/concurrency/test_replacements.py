"""Two clerks who replace one card at once, and two who reach for one blank."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.cards import services as cards
from cardbank.cards.models import Card
from cardbank.cards.services import stock_card
from cardbank.replacing import queries, services
from cardbank.replacing.services import replace_at_desk
from kernel.db import unit_of_work
from kernel.errors import DomainError
from tests import factories


@pytest.fixture
def old(session: Session) -> list[Card]:
    """Two damaged cards of two holders, who work until they are replaced."""
    made = [factories.card(session) for _ in range(2)]
    session.commit()
    return made


def blank(session: Session) -> str:
    uid = b"\x04" + os.urandom(6)
    stock_card(session, factories.keystore(), factories.ACTOR, uid)
    session.commit()
    return uid.hex()


def at_once(*asked: tuple[int, str]) -> list[str]:
    def replace(one: tuple[int, str]) -> str:
        try:
            with unit_of_work() as session:
                return replace_at_desk(session, factories.keystore(), factories.ACTOR, one[0], "damaged", one[1]).status
        except DomainError as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        return sorted(call.result() for call in [pool.submit(replace, one) for one in asked])


def without_lock(monkeypatch: pytest.MonkeyPatch, check: str) -> None:
    """Each reads the card as it stands, and goes on only when the other has looked, too."""
    both, real = threading.Barrier(2), getattr(services, check)

    def look(session: Session, card_id: int) -> Card:
        return session.get_one(Card, card_id)

    def waiting(*facts: object) -> None:
        real(*facts)
        both.wait(10)

    for module in (cards, queries, services):
        monkeypatch.setattr(module, "lock_card", look)
    monkeypatch.setattr(services, check, waiting)


def active(session: Session) -> int:
    session.rollback()
    return session.scalar(select(func.count()).where(Card.status == "active")) or 0


def test_without_the_lock_one_old_card_becomes_two(session: Session, old: list[Card], monkeypatch: pytest.MonkeyPatch) -> None:
    blanks = [blank(session) for _ in range(2)]
    without_lock(monkeypatch, "check_replaceable")
    assert at_once(*((old[0].id, one) for one in blanks)) == ["active", "active"]
    assert active(session) == 3


def test_with_the_lock_the_second_clerk_hears_of_the_first(session: Session, old: list[Card]) -> None:
    blanks = [blank(session) for _ in range(2)]
    assert at_once(*((old[0].id, one) for one in blanks)) == ["active", "card_is_replaced"]
    assert active(session) == 2


def test_without_the_lock_one_blank_goes_to_two_holders(session: Session, old: list[Card], monkeypatch: pytest.MonkeyPatch) -> None:
    one = blank(session)
    without_lock(monkeypatch, "check_blank")
    assert at_once(*((card.id, one) for card in old)) == ["active", "active"]
    assert active(session) == 1


def test_with_the_lock_it_goes_to_one(session: Session, old: list[Card]) -> None:
    one = blank(session)
    assert at_once(*((card.id, one) for card in old)) == ["active", "blank_not_in_stock"]
    assert active(session) == 2
