"""Two desks that put one document on record for two people, and one person who claims on two devices."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.claims import services
from identity.claims.models import Claim
from identity.models import Document, Person
from identity.permissions import Identity, Role
from kernel.db import unit_of_work
from kernel.errors import DomainError
from tests.factories import account

PASSPORT = {"number": "A7654321", "country": "IRQ", "expires_on": "2031-05-01"}
Act = Callable[[Session], object]


@pytest.fixture
def holders(session: Session) -> list[Identity]:
    made = [account(session)[0] for _ in range(2)]
    session.commit()
    return made


def at_once(*acts: Act) -> list[str]:
    def one(act: Act) -> str:
        try:
            with unit_of_work() as session:
                act(session)
                return "done"
        except DomainError as refusal:
            return refusal.code
        except IntegrityError:
            return "broken"

    with ThreadPoolExecutor(2) as pool:
        return sorted(call.result() for call in [pool.submit(one, act) for act in acts])


def meet(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Each goes on from here only when the other is here, too."""
    both, real = threading.Barrier(2), getattr(services, name)

    def waiting(*facts: object) -> object:
        found = real(*facts)
        both.wait(10)
        return found

    monkeypatch.setattr(services, name, waiting)


def confirming(session: Session, holders: list[Identity]) -> list[Act]:
    clerk = account(session, Role.OPERATOR)[0]
    claims = [services.claim_paper(session, one.actor, one.person_id, "passport", PASSPORT).id for one in holders]
    session.commit()
    return [lambda opened, number=number: services.confirm_claim(opened, clerk, number, is_paper_seen=True) for number in claims]


def test_without_the_lock_the_second_desk_breaks_on_the_index(
    session: Session, holders: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    acts = confirming(session, holders)
    monkeypatch.setattr(services, "keep_others_away", lambda session, facts: None)
    meet(monkeypatch, "person_of_document")
    assert at_once(*acts) == ["broken", "done"]


def test_with_the_lock_it_hears_that_somebody_has_the_document(session: Session, holders: list[Identity]) -> None:
    assert at_once(*confirming(session, holders)) == ["document_taken", "done"]
    assert session.query(Document).count() == 1


def asking(holder: Identity) -> Act:
    return lambda session: services.claim_paper(session, holder.actor, holder.person_id, "passport", PASSPORT)


def test_without_the_lock_the_second_device_breaks_on_the_index(
    session: Session, holders: list[Identity], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "lock_person", lambda session, person_id: session.get_one(Person, person_id))
    meet(monkeypatch, "open_claim")
    assert at_once(asking(holders[0]), asking(holders[0])) == ["broken", "done"]


def test_with_the_lock_both_devices_make_one_claim(session: Session, holders: list[Identity]) -> None:
    assert at_once(asking(holders[0]), asking(holders[0])) == ["done", "done"]
    assert session.query(Claim).count() == 1
