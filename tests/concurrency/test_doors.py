"""One pass at two doors at once, by card and by number: shown to let in twice without the lock, then once with it."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reservations.bookings import queries
from reservations.bookings.models import Booking, DoorEntry
from reservations.bookings.services import admitting
from reservations.bookings.services.admitting import Door, Knock, admit_holder, admit_pass
from reservations.lodging.rules import Party
from tests.concurrency.test_settlement import meet, twice
from tests.factories import ACTOR
from tests.reservations.test_programmes import Office


@pytest.mark.parametrize("ways", [("card", "card"), ("card", "number")])
@pytest.mark.parametrize("is_locked", [False, True])
def test_a_pass_at_two_doors_lets_in_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, ways: tuple[str, str], is_locked: bool
) -> None:
    office = Office(session)
    booking = office.take(office.pilgrim, office.date(hours=1), ("men", Party(men=1)))
    session.commit()
    if not is_locked:
        monkeypatch.setattr(queries, "lock_booking", lambda session, booking_id: session.get_one(Booking, booking_id))
    meet(monkeypatch, admitting, "fault_of")
    doors = iter(enumerate(ways))

    def knock(session: Session) -> None:
        number, way = next(doors)
        asked = Knock(str(uuid4()), 1, Door(f"door {number}", frozenset({office.organisation.id})))
        if way == "card":
            admit_holder(session, ACTOR, asked, office.pilgrim.person_id)
        else:
            admit_pass(session, ACTOR, asked, booking.code)

    outcomes = twice(knock)
    let_in = session.scalar(select(func.sum(DoorEntry.people)))
    if is_locked:
        assert (outcomes, let_in) == (["done", "entry_refused"], 1)
    else:
        assert (outcomes, let_in) == (["done", "done"], 2), "both saw a pass that nobody had used"


@pytest.mark.parametrize("is_locked", [False, True])
def test_one_request_that_comes_twice_at_once_is_one_entry(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    office = Office(session)
    office.take(office.pilgrim, office.date(hours=1), ("family", Party(men=1, women=2)))
    session.commit()
    if not is_locked:
        monkeypatch.setattr(queries, "lock_booking", lambda session, booking_id: session.get_one(Booking, booking_id))
    meet(monkeypatch, admitting, "fault_of")
    asked = Knock(str(uuid4()), 1, Door("door", frozenset({office.organisation.id})), 1)
    outcomes = twice(lambda session: admit_holder(session, ACTOR, asked, office.pilgrim.person_id))
    assert outcomes == (["done", "done"] if is_locked else ["IntegrityError", "done"])
    assert session.scalar(select(func.sum(DoorEntry.people))) == 1
