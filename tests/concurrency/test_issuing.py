"""Two clerks who reach for the last card within a limit, and for the last of its kind that a person may hold."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.orm import Session

from cardbank.issuing import services
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
def clerks(session: Session) -> list[Identity]:
    made = [factories.account(session, Role.OPERATOR)[0] for _ in range(2)]
    terms = KindTerms({"fa": "نقره‌ای", "en": "Silver"}, local_day(clock.now()), 12, Technology.QR, most_per_person=1)
    define_kind(session, factories.ACTOR, "silver", terms)
    services.set_limit(session, factories.ACTOR, "network", None, "day", 1)
    session.commit()
    return made


def at_once(clerks: list[Identity], people: list[int]) -> list[str]:
    def give(clerk: Identity, person_id: int) -> str:
        try:
            with unit_of_work() as session:
                return services.hand_out_at_desk(session, factories.keystore(), clerk, person_id, "fa", "silver", "").status
        except DomainError as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        return sorted(call.result() for call in [pool.submit(give, *one) for one in zip(clerks, people, strict=True)])


def meet(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each goes on from here only when the other is here, too."""
    both, real = threading.Barrier(2), getattr(services, name)

    def waiting(*facts: object) -> object:
        found = real(*facts)
        both.wait(10)
        return found

    monkeypatch.setattr(services, name, waiting)


def people(session: Session) -> list[int]:
    made = [factories.person(session).id for _ in range(2)]
    session.commit()
    return made


def test_without_the_lock_the_network_passes_its_limit(
    session: Session, clerks: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "lock_counts", lambda session, counted: None)
    meet(monkeypatch, "handed_out")
    assert at_once(clerks, people(session)) == ["active", "active"]
    assert session.query(CardIssue).count() == 2


def test_with_the_lock_the_last_card_goes_out_once(session: Session, clerks: list[Identity]) -> None:
    assert at_once(clerks, people(session)) == ["active", "issuing_limit_reached"]
    assert session.query(CardIssue).count() == 1


def test_without_the_lock_a_person_gets_two_of_a_kind(
    session: Session, clerks: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "lock_counts", lambda session, counted: None)
    monkeypatch.setattr(services, "lock_kind", lambda session, key: None)
    monkeypatch.setattr(services, "lock_wishes", lambda session, person_id: None)
    meet(monkeypatch, "held_of_kind")
    meet(monkeypatch, "handed_out")
    assert at_once(clerks, people(session)[:1] * 2) == ["active", "active"]


def test_with_the_lock_the_second_clerk_hears_that_the_person_has_one(session: Session, clerks: list[Identity]) -> None:
    assert at_once(clerks, people(session)[:1] * 2) == ["active", "kind_held_already"]
