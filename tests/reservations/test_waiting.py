"""Waiting for what is full: fair order, all or none, the offer and its time."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import clock
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.queries import place_in_line, waitings_of
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.cancelling import cancel, end_holds
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.bookings.services.waiting import join, leave, offer_freed
from reservations.errors import NothingToWaitFor, OthersWait, WaitingNotFound, WaitsAlready
from reservations.lodging.models import LodgingClass
from reservations.lodging.rules import Nights, Party
from tests import factories
from tests.reservations import stays


class Line:
    """A house of four men's beds, all of them taken by two bookings."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.stay = stays.lodging(session)
        self.bed = stays.beds(session, self.stay, 4, for_whom="men")
        stays.price(session, self.stay, self.bed)
        self.holders = [factories.account(session)[0] for _ in range(2)]
        self.taken = [hold(session, one, self.ask(2)) for one in self.holders]

    def ask(self, men: int, nights: Nights | None = None, of: LodgingClass | None = None) -> Ask:
        return Ask(str(uuid4()), nights or stays.nights(), (Wanted((of or self.bed).id, men, Party(men=men)),))

    def wait(self, men: int) -> tuple[Identity, Waiting]:
        who, _ = factories.account(self.session)
        return who, join(self.session, who, self.ask(men))

    def free(self, number: int) -> None:
        cancel(self.session, self.holders[number], self.taken[number].id)

    def states(self, *waiting: Waiting) -> list[str]:
        for one in waiting:
            self.session.refresh(one)
        return [one.state for one in waiting]


@pytest.fixture
def line(session: Session) -> Line:
    return Line(session)


def test_one_waits_only_for_what_is_full_and_could_be_free(session: Session, line: Line) -> None:
    who, waiting = line.wait(3)
    assert (waiting.state, place_in_line(session, waiting)) == ("waiting", 1)
    with pytest.raises(WaitsAlready):
        join(session, who, line.ask(1))
    for men, nights, fault in ((5, None, "never"), (2, stays.nights(30), "free")):
        with pytest.raises(NothingToWaitFor) as refusal:
            join(session, who, line.ask(men, nights))
        assert refusal.value.facts["fault"] == fault
    again = Ask(waiting.key, stays.nights(), line.ask(3).wanted)
    assert join(session, who, again).id == waiting.id
    assert waitings_of(session, who.person_id) == [waiting]


def test_the_family_is_served_first_and_whole(session: Session, line: Line) -> None:
    family, first = line.wait(3)
    single, second = line.wait(1)
    assert place_in_line(session, second) == 2
    line.free(0)
    assert offer_freed(session) == 0, "two beds are free: too few for the family, and nobody overtakes it"
    stranger, _ = factories.account(session)
    with pytest.raises(OthersWait):
        hold(session, stranger, line.ask(1))
    line.free(1)
    assert (offer_freed(session), offer_freed(session)) == (2, 0)
    assert line.states(first, second) == ["offered", "offered"]
    offer = session.get_one(Booking, first.booking_id)
    assert (offer.state, offer.person_id, offer.price_rial) == ("held", family.person_id, 3 * 2 * stays.RATE)
    assert offer.held_until > clock.now() + timedelta(minutes=59)
    card = factories.card(session, person_id=single.person_id, money_rial=9_000_000)
    pay(session, single, second.booking_id, card.id, str(uuid4()))
    assert line.states(second) == ["taken"]


def test_an_offer_that_is_not_taken_goes_to_the_next(session: Session, line: Line) -> None:
    _, first = line.wait(2)
    _, second = line.wait(2)
    line.free(0)
    assert offer_freed(session) == 1
    with clock.frozen(session.get_one(Booking, first.booking_id).held_until):
        assert offer_freed(session) == 1, "the hold has ended by itself, no sweep was needed"
        assert line.states(first, second) == ["lapsed", "offered"]
        assert (line.taken[1].state, end_holds(session)) == ("expired", 0), "what stood in the way in the same room ended with it"


def test_who_leaves_the_line_makes_room_for_the_next(session: Session, line: Line) -> None:
    who, first = line.wait(2)
    _, second = line.wait(2)
    stranger, _ = factories.account(session)
    with pytest.raises(WaitingNotFound):
        leave(session, stranger, first.id)
    line.free(0)
    offer_freed(session)
    leave(session, who, first.id)
    assert leave(session, who, first.id).state == "left"
    assert session.get_one(Booking, first.booking_id).state == "cancelled"
    assert offer_freed(session) == 1
    assert line.states(first, second) == ["left", "offered"]


def test_shortly_before_the_night_no_bed_stays_empty_for_a_family_that_does_not_fit(session: Session, line: Line) -> None:
    _, family = line.wait(3)
    _, single = line.wait(1)
    card = factories.card(session, person_id=line.holders[1].person_id, money_rial=9_000_000)
    pay(session, line.holders[1], line.taken[1].id, card.id, str(uuid4()))
    line.free(0)
    with clock.frozen(stays.nights().arrival - timedelta(hours=25)):
        assert offer_freed(session) == 0
    with clock.frozen(stays.nights().arrival - timedelta(hours=23)):
        stranger, _ = factories.account(session)
        assert hold(session, stranger, line.ask(1)).state == "held"
        assert offer_freed(session) == 1
    assert line.states(family, single) == ["waiting", "offered"]


def test_a_line_whose_nights_have_begun_is_over(session: Session, line: Line) -> None:
    _, first = line.wait(1)
    with clock.frozen(stays.nights().arrival + timedelta(hours=1)):
        assert offer_freed(session) == 0
    assert line.states(first) == ["lapsed"]
