"""One pass at two doors at once, by card and by number, and the last help card of an hour: shown twice without the lock, then once."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from reservations.bookings import queries
from reservations.bookings.models import Booking, DoorEntry
from reservations.bookings.services import admitting
from reservations.bookings.services.admitting import Door, Knock, admit_holder, admit_pass
from reservations.help import services as help_services
from reservations.help.rules import MOST_AN_HOUR, Shows, Wish
from reservations.help.services import Asking, keep_help_card, show_help
from reservations.lodging.rules import Party
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.factories import ACTOR
from tests.meeting import meet
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
def test_one_request_that_comes_twice_at_once_is_one_entry(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool
) -> None:
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


@pytest.mark.parametrize("is_locked", [False, True])
def test_two_who_ask_for_the_last_help_card_of_the_hour(session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool) -> None:
    lost, _ = factories.account(session)
    terminal = factories.terminal(session)
    keep_help_card(session, lost, lost.person_id, Wish(True, True, frozenset({Shows.NAME}), "x", "", "", ""))
    asking = lambda: Asking(str(uuid4()), 1, terminal.id, "fa", lost.person_id)  # noqa: E731
    for _ in range(MOST_AN_HOUR - 1):
        show_help(session, asking())
    session.commit()
    if not is_locked:
        monkeypatch.setattr(help_services, "_lock", lambda session, terminal_id: None)
    meet(monkeypatch, help_services, "asked_since")
    told: list[str] = []
    assert twice(lambda session: told.append(show_help(session, asking()).outcome)) == ["done", "done"]
    assert sorted(told) == (["shown", "too_often"] if is_locked else ["shown", "shown"])
