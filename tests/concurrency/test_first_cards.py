"""A pilgrim who asks for a first card on two devices at once, and two clerks who hand one over."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from cardbank.first_cards import queries, services
from cardbank.first_cards.models import FirstCardWish
from cardbank.issuing import services as issuing
from cardbank.issuing.models import CardIssue
from cardbank.kinds.rules import KindTerms, Technology
from cardbank.kinds.services import define_kind
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from kernel.db import unit_of_work
from kernel.errors import DomainError
from tests import factories


@pytest.fixture
def holder(session: Session) -> Identity:
    factories.city(session)
    terms = KindTerms({"fa": "نقره‌ای", "en": "Silver"}, local_day(clock.now()), 12, Technology.QR)
    define_kind(session, factories.ACTOR, "silver", terms)
    made = factories.account(session)[0]
    session.commit()
    return made


def at_once(act: Callable[[Session], str]) -> list[str]:
    def one() -> str:
        try:
            with unit_of_work() as session:
                return act(session)
        except DomainError as refusal:
            return refusal.code
        except IntegrityError:
            return "broken"

    with ThreadPoolExecutor(2) as pool:
        return sorted(call.result() for call in [pool.submit(one) for _ in range(2)])


def without_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each looks for the wish, and goes on only when the other has looked, too."""
    both, real = threading.Barrier(2), queries.open_wish_of
    met = threading.local()

    def looking(session: Session, person_id: int) -> FirstCardWish | None:
        found = real(session, person_id)
        if not getattr(met, "yet", False):
            met.yet = True
            both.wait(10)
        return found

    for module in (queries, services, issuing):
        monkeypatch.setattr(module, "lock_wishes", lambda session, person_id: None)
        monkeypatch.setattr(module, "open_wish_of", looking)
    monkeypatch.setattr(issuing, "lock_kind", lambda session, key: None)


def asking(holder: Identity) -> Callable[[Session], str]:
    def ask(session: Session) -> str:
        return services.ask_first_card(session, holder.actor, holder.person_id, "silver", "fa", factories.city(session).id).state

    return ask


def handing(session: Session, holder: Identity) -> Callable[[Session], str]:
    clerk = factories.account(session, Role.OPERATOR)[0]
    wish_id = services.ask_first_card(session, holder.actor, holder.person_id, "silver", "fa", factories.city(session).id).id
    session.commit()

    def hand(session: Session) -> str:
        return services.hand_over_first_card(session, factories.keystore(), clerk, wish_id, "", is_document_seen=True).status

    return hand


def test_without_the_lock_the_second_device_breaks_on_the_index(
    session: Session, holder: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_lock(monkeypatch)
    assert at_once(asking(holder)) == ["asked", "broken"]


def test_with_the_lock_both_devices_ask_for_one_card(session: Session, holder: Identity) -> None:
    assert at_once(asking(holder)) == ["asked", "asked"]
    assert session.query(FirstCardWish).count() == 1


def test_without_the_lock_one_wish_becomes_two_cards(session: Session, holder: Identity, monkeypatch: pytest.MonkeyPatch) -> None:
    hand = handing(session, holder)
    without_lock(monkeypatch)
    assert at_once(hand) == ["active", "active"]
    assert session.query(CardIssue).count() == 2


def test_with_the_lock_the_second_clerk_hears_that_nobody_waits(session: Session, holder: Identity) -> None:
    assert at_once(handing(session, holder)) == ["active", "first_card_not_found"]
    assert session.query(CardIssue).count() == 1
