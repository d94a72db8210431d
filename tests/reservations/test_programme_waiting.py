"""Waiting for a date that is full: the line of lodging, for seats of a programme."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import clock
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.queries import names_of_things, place_in_line, waitings_of
from reservations.bookings.services.cancelling import cancel
from reservations.bookings.services.paying import pay
from reservations.bookings.services.waiting import leave
from reservations.errors import (
    NothingToWaitFor,
    OtherBooking,
    OthersWait,
    PersonUnknown,
    TurnTaken,
    WaitsAlready,
)
from reservations.lodging.rules import Party
from reservations.programmes.models import ShrineProgramme, ShrineSession
from reservations.programmes.queries import Sought, session_row, sessions_page
from reservations.programmes.services.calling_off import call_off
from reservations.programmes.services.seating import take_seats
from reservations.programmes.services.waiting import join, offer_freed
from tests import factories
from tests.factories import ACTOR
from tests.reservations import stays


class Line:
    """A date of four seats for men, taken by two bookings of two."""

    def __init__(self, session: Session, **other: int) -> None:
        self.session = session
        office = factories.organisation(session, "city_office")
        self.of: ShrineSession = stays.planned(session, office.id, factories.city(session).id, men=4, hours=72, **other)
        self.holders = [factories.account(session)[0] for _ in range(2)]
        self.taken = [take_seats(session, who, self.ask(2, documents=self.guest())) for who in self.holders]

    def guest(self) -> tuple[tuple[str, str, str], ...]:
        return (("passport", "IRQ", f"A{uuid4().int % 10**7:07}"),) if self.programme.days_between else ()

    @property
    def programme(self) -> ShrineProgramme:
        return self.session.get_one(ShrineProgramme, self.of.programme_id)

    def ask(self, men: int, **other: object) -> object:
        return stays.seats_of(self.session, self.of, ("men", Party(men=men)), **other)

    def wait(self, men: int, **other: object) -> tuple[Identity, Waiting]:
        who, _ = factories.account(self.session)
        return who, join(self.session, who, self.ask(men, **other))

    def free(self, number: int) -> None:
        cancel(self.session, self.holders[number], self.taken[number].id)

    def states(self, *waiting: Waiting) -> list[str]:
        for one in waiting:
            self.session.refresh(one)
        return [one.state for one in waiting]


@pytest.fixture
def line(session: Session) -> Line:
    return Line(session)


def test_what_is_kept_for_who_waits_is_full_for_who_only_looks(session: Session, line: Line) -> None:
    line.wait(3)
    line.free(0)
    row = session_row(session, line.of.id, clock.now())
    assert ([pool[3] for pool in row.pools], [pool[3] for pool in row.open_pools], row.waiting) == ([2], [0], 1)
    with pytest.raises(OthersWait):
        take_seats(session, factories.account(session)[0], line.ask(1))
    other = stays.planned(session, factories.organisation(session, "city_office").id, factories.city(session).id, women=1)

    def free(now: datetime) -> list[tuple[int, int]]:
        return [(one.session.id, one.free) for one in sessions_page(session, now, Sought(only_free=True))]

    assert free(clock.now()) == [(other.id, 1)]
    assert (line.of.id, 2) in free(line.of.starts_at - timedelta(hours=24)), "a day before, a line blocks nobody"


def test_one_waits_only_for_what_is_full_and_could_be_free_once(session: Session, line: Line) -> None:
    who, waiting = line.wait(3)
    assert [one.id for one in waitings_of(session, who.person_id)] == [waiting.id]
    assert names_of_things(session, [waiting])[waiting.id]["en"] == "Sample meal"
    with pytest.raises(WaitsAlready):
        join(session, who, line.ask(1))
    with pytest.raises(NothingToWaitFor) as refusal:
        line.wait(5)
    assert refusal.value.facts == {"fault": "never", "most": 4}
    ask = line.ask(1)
    other, _ = factories.account(session)
    assert join(session, other, ask).id == join(session, other, ask).id
    with pytest.raises(OtherBooking):
        join(session, who, ask)
    line.free(0)
    line.free(1)
    leave(session, who, waiting.id)
    with pytest.raises(NothingToWaitFor):
        line.wait(3)


def test_a_group_at_the_head_keeps_its_place_until_a_day_before(session: Session, line: Line) -> None:
    _, group = line.wait(3)
    single, second = line.wait(1)
    assert place_in_line(session, second) == 2
    line.free(0)
    assert offer_freed(session) == 0, "two seats are free: too few for the group, and nobody overtakes it"
    stranger, _ = factories.account(session)
    with pytest.raises(OthersWait):
        take_seats(session, stranger, line.ask(1))
    with clock.frozen(line.of.starts_at - timedelta(hours=23)):
        assert offer_freed(session) == 1
        assert line.states(group, second) == ["waiting", "offered"], "what the group cannot use would stay empty"
        pay(session, single, second.booking_id, None, str(uuid4()))
        assert take_seats(session, stranger, line.ask(1)).state == "confirmed"
    assert line.states(second) == ["taken"]
    assert session_row(session, line.of.id, clock.now()).free == 0


def test_all_of_a_group_is_offered_at_once_and_goes_on_when_it_is_not_taken(session: Session, line: Line) -> None:
    _, group = line.wait(3)
    who, second = line.wait(4)
    line.free(0)
    line.free(1)
    assert (offer_freed(session), offer_freed(session)) == (1, 0)
    offer = session.get_one(Booking, group.booking_id)
    assert (offer.state, offer.price_rial) == ("held", 0)
    with clock.frozen(offer.held_until):
        assert offer_freed(session) == 1, "the hold has ended by itself, no sweep was needed"
    assert line.states(group, second) == ["lapsed", "offered"]
    cancel(session, who, second.booking_id)
    assert line.states(second) == ["left"], "an offer that was refused is none"


def test_a_date_that_has_begun_or_was_called_off_is_waited_for_by_nobody(session: Session, line: Line) -> None:
    (_, first), (_, second) = line.wait(1), line.wait(1)
    with clock.frozen(line.of.starts_at), session.begin_nested() as tried:
        assert (offer_freed(session), line.states(first)) == (0, ["lapsed"])
        tried.rollback()
    call_off(session, ACTOR, line.programme, line.of.id)
    line.free(0)
    assert (offer_freed(session), line.states(first, second)) == (0, ["lapsed", "lapsed"])


def test_where_everybody_has_one_turn_the_line_knows_its_guests(session: Session) -> None:
    line = Line(session, days_between=30)
    with pytest.raises(PersonUnknown):
        line.wait(2)
    with pytest.raises(TurnTaken):
        join(session, line.holders[0], line.ask(1))
    who, first = line.wait(1)
    _, second = line.wait(2, documents=line.guest())
    elsewhere = stays.planned(session, line.programme.organisation_id, line.programme.city_id, men=1)
    elsewhere.programme_id = line.programme.id
    session.flush()
    take_seats(session, who, stays.seats_of(session, elsewhere, ("men", Party(men=1))))
    line.free(0)
    assert offer_freed(session) == 1, "who had the turn meanwhile stands in nobody's way"
    assert line.states(first, second) == ["lapsed", "offered"]
    assert not any("IRQ" in guest for guest in second.guests)
