"""Dates that follow the moon: they move with their month once, tell everybody once, lose nobody, and come back."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Identity
from kernel import clock
from kernel.calendar import TEHRAN, local_day
from kernel.messages.queries import facts_sent_to
from kernel.moon import COMPUTED, Month
from kernel.outbox import Relay
from places.moon.services import move_month, undo_move
from reservations.bookings.models import Booking
from reservations.bookings.queries import cancelling_costs, follows_moon
from reservations.bookings.services.admitting import Admission, Door, Knock, admit_pass
from reservations.bookings.services.doors import door_list, is_old_print, pass_text
from reservations.bookings.services.paying import pay
from reservations.errors import EntryRefused
from reservations.handlers import HANDLERS
from reservations.lodging.rules import Party, Step, Terms
from reservations.programmes.models import ShrineProgramme, ShrineSession, Turn
from reservations.programmes.rules import Prices
from reservations.programmes.services.following import follow_moon
from reservations.programmes.services.planning import add_programme, add_session, set_prices
from reservations.programmes.services.seating import take_seats
from reservations.programmes.services.waiting import join
from tests import factories
from tests.factories import ACTOR
from tests.places.moon.test_moon import movable
from tests.reservations import stays

DAY = timedelta(days=1)


class Month29:
    """Two dates of a programme on the 9th and 21st of a month that may begin a day later, with seats for two."""

    def __init__(self, session: Session, days_between: int | None = None) -> None:
        self.session = session
        now = COMPUTED.lunar(stays.today())
        self.month, self.later = movable(Month(now.year, now.month).later(1))
        office = factories.organisation(session, "city_office")
        city = factories.city(session)
        names = {"fa": "شب قدر نمونه", "en": "Sample night"}
        self.programme: ShrineProgramme = add_programme(
            session, ACTOR, office.id, city.id, names, kind="night", days_between=days_between
        )
        self.dates = [self.date(number) for number in (9, 21)]

    def date(self, number: int, *, follows_moon: bool = True) -> ShrineSession:
        day = COMPUTED.day(self.month.year, self.month.number, number)
        starts = clock.now().astimezone(TEHRAN).replace(year=day.year, month=day.month, day=day.day, hour=20)
        return add_session(
            self.session, ACTOR, self.programme, starts, starts + timedelta(hours=4), {"men": 2}, follows_moon=follows_moon
        )

    def days(self) -> list[int]:
        return [COMPUTED.lunar(local_day(one.starts_at)).number for one in self.dates]


@pytest.fixture
def relay() -> Relay:
    made = Relay()
    for event, handler in HANDLERS:
        made.on(event, handler)
    return made


def pilgrim(session: Session, number: int) -> Identity:
    who, _ = factories.account(session)
    session.get_one(Person, who.person_id).mobile = f"+98915123456{number}"
    return who


def test_a_month_that_moves_takes_its_dates_along_and_brings_them_back(session: Session, relay: Relay) -> None:
    month = Month29(session)
    fixed = month.date(10, follows_moon=False)
    first, second, waits = (pilgrim(session, number) for number in range(3))
    ask: Any = stays.seats_of
    booked = [take_seats(session, who, ask(session, month.dates[1], ("men", Party(men=1)))) for who in (first, second)]
    join(session, waits, ask(session, month.dates[1], ("men", Party(men=2))))
    before = [(one.starts_at, one.ends_at) for one in (*booked, fixed)]
    session.commit()
    move = move_month(session, ACTOR, month.month, month.later, "announced by the office")
    while relay.deliver(session):
        pass
    session.expire_all()
    assert month.days() == [10, 22]
    assert [(one.starts_at, one.ends_at) for one in booked] == [(start + DAY, end + DAY) for start, end in before[:2]]
    assert (fixed.starts_at, fixed.ends_at) == before[2]
    assert follow_moon(session, move.id, month.month) == 0, "told twice, it moves once"
    for number in range(3):
        [told] = facts_sent_to(session, f"+98915123456{number}", "programme_moved")
        assert (told["house"], str(told["time"])[:2]) in (("شب قدر نمونه", "۲۰"), ("Sample night", "20"))
    undo_move(session, ACTOR, move.id)
    while relay.deliver(session):
        pass
    session.expire_all()
    assert (month.days(), [(one.starts_at, one.ends_at) for one in booked]) == ([9, 21], before[:2])


def test_who_paid_for_a_date_that_moved_may_cancel_free_of_charge(session: Session) -> None:
    month = Month29(session)
    shop = factories.merchant(session, "travel")
    month.programme.organisation_id = shop.organisation_id
    set_prices(session, ACTOR, month.programme, shop, Prices(stays.RATE, 0), Terms((Step(24, 5_000),)))
    who, _ = factories.account(session)
    card = factories.card(session, person_id=who.person_id, money_rial=9_000_000)
    booking = take_seats(session, who, stays.seats_of(session, month.dates[0], ("men", Party(men=1))))
    pay(session, who, booking.id, card.id, "00000000-0000-4000-8000-000000000001")
    session.commit()
    assert cancelling_costs(booking, clock.now()) == (stays.RATE // 2, stays.RATE // 2)
    move = move_month(session, ACTOR, month.month, month.later, "announced by the office")
    assert follow_moon(session, move.id, month.month) == 2
    assert cancelling_costs(session.get_one(Booking, booking.id), clock.now()) == (0, stays.RATE)


def test_an_old_print_counts_at_the_new_hour_and_the_door_says_which_that_is(session: Session) -> None:
    month = Month29(session)
    who, _ = factories.account(session)
    booking = take_seats(session, who, stays.seats_of(session, month.dates[0], ("men", Party(men=2))))
    printed, before = pass_text(session, booking), booking.starts_at
    follow_moon(session, move_month(session, ACTOR, month.month, month.later, "announced by the office").id, month.month)
    session.expire_all()
    door = Door("door", frozenset({month.programme.organisation_id}))

    def knock(shown: str) -> Admission:
        return admit_pass(session, ACTOR, Knock(str(uuid4()), 1, door, 1), shown)

    with clock.frozen(before):
        for shown, fault in ((printed, "moved"), (pass_text(session, booking), "other_day"), (booking.code, "other_day")):
            with pytest.raises(EntryRefused) as refused:
                knock(shown)
            assert (refused.value.facts["fault"], refused.value.facts["day"]) == (fault, local_day(before + DAY))
    with clock.frozen(before + DAY):
        assert (is_old_print(booking.starts_at, printed), is_old_print(booking.starts_at, booking.code)) == (True, False)
        assert (knock(printed).starts_at, follows_moon(session, booking)) == (before + DAY, True)
        [listed] = door_list(session, month.programme.organisation_id)[0].bookings
        assert (listed.code, listed.starts_at) == (booking.code, before + DAY)
    with clock.frozen(booking.ends_at + DAY), pytest.raises(EntryRefused) as refused:
        knock(printed)
    assert refused.value.facts["fault"] == "moved_over"


def test_turns_move_along_and_never_meet(session: Session) -> None:
    """One guest has both dates of the month, each a turn of twelve days: the second moves first."""
    month = Month29(session, days_between=12)
    who, _ = factories.account(session)
    for one in month.dates:
        take_seats(session, who, stays.seats_of(session, one, ("men", Party(men=1))))

    def turns() -> list[int]:
        rows = session.scalars(select(Turn).order_by(Turn.id))
        return [COMPUTED.lunar(one.days.lower).number for one in rows]

    assert turns() == [9, 21]
    move = move_month(session, ACTOR, month.month, month.later, "announced by the office")
    follow_moon(session, move.id, month.month)
    session.expire_all()
    assert turns() == [10, 22]
    with clock.frozen(month.dates[0].starts_at):
        follow_moon(session, undo_move(session, ACTOR, move.id).id, month.month)
        session.expire_all()
        assert month.days() == [10, 21], "what has begun stays"
