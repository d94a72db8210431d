"""How bookings came in, worked out of the bookings themselves once a day is over."""

from contextlib import AbstractContextManager
from datetime import datetime, time, timedelta

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.models import Coming
from insights.demand import arrivals, queries
from insights.demand.arrivals import learn_from_arrivals, learnt_of, note_arrivals
from insights.demand.expecting import forecast
from insights.demand.models import ArrivalDay
from insights.demand.rules.forecast import LEADS, Expected
from insights.demand.rules.showing import Hidden
from kernel import clock
from kernel.calendar import TEHRAN
from kernel.moon import COMPUTED
from reservations.bookings.models import Booking
from reservations.bookings.services.cancelling import cancel
from reservations.lodging.rules import Party
from tests import factories
from tests.insights.demand import town
from tests.reservations import stays


def test_a_day_knows_who_was_on_the_books_how_long_before(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    now = clock.now().astimezone(TEHRAN)

    def ago(days: int) -> AbstractContextManager[datetime]:
        """Noon, so that a booking stands between two mornings."""
        return clock.frozen((now - timedelta(days=days)).replace(hour=12, minute=0))

    with ago(40):
        _, kind = town.house(session, 5)
    with ago(30):
        given_up = town.booked(session, kind, 1, Party(men=2), stays.nights(20, 1))
    with ago(20):
        town.booked(session, kind, 1, Party(men=2), stays.nights(10, 2))
    with ago(15):
        who, _ = factories.account(session)
        session.execute(update(Booking).where(Booking.id == given_up.id).values(maker_id=who.person_id))
        session.expire_all()
        cancel(session, who, given_up.id)
    with ago(12):
        town.booked(session, kind, 1, Party(women=1), stays.nights(2, 1))
        town.held(session, kind, 1, Party(men=2), stays.nights(2, 1))
    monkeypatch.setattr(arrivals, "DAYS_A_TURN", 4)
    assert [note_arrivals(session) for _ in range(4)] == [1, 1, 1, 0], "nine days, four a turn"
    days = {(stays.today() - row.day).days: row for row in session.scalars(select(ArrivalDay))}
    assert sorted(days) == list(range(2, 11)), "from the first on which anybody came to the last that is settled"
    first, second = days[10], days[9]
    assert (first.arrivals, first.guests) == (3, 3)
    assert first.arrivals_by_lead == [3, 3] + [2] * 3 + [4] * 5 + [2] * 10 + [0] * 11
    assert (second.arrivals, second.guests) == (0, 2)
    assert second.guests_by_lead == [2] * 11 + [0] * 20
    assert len(first.guests_by_lead) == LEADS


def test_what_is_expected_is_learnt_from_days_that_are_over(session: Session) -> None:
    """A city of forty days with ten people each, none of whom had booked before the day."""
    city = factories.city(session)
    for number in range(2, 42):
        day, nobody = stays.today() - timedelta(days=number), [0] * LEADS
        session.add(ArrivalDay(city_id=city.id, day=day, arrivals=10, guests=20, arrivals_by_lead=nobody, guests_by_lead=nobody))
    assert learn_from_arrivals(session) == 1
    assert learn_from_arrivals(session) == 0, "what was learnt within the hour is not learnt again"
    assert [(one.days, one.later[7]) for one in learnt_of(session, city.id)] == [(40, 1), (40, 1)]
    _, kind = town.house(session, 2, people=12)
    town.booked(session, kind, 1, Party(men=5), stays.nights(3, 1))
    town.booked(session, kind, 1, Party(men=12), stays.nights(4, 1))
    town.look(session)
    days = queries.days_of_city(session, city.id, clock.now())
    told = forecast(session, city.id, city.code, days, COMPUTED, clock.now())
    assert (told.days[3].arriving, told.days[4].arriving) == (Hidden.FEW, 10)
    assert [told.days[number].arrivals for number in (3, 4, 5)] == [
        Expected(15, 15, 15),
        Expected(20, 20, 20),
        Expected(10, 10, 10),
    ]
    assert [one.beds for one in told.nearly_full] == [24] * 2, "where the books add to the twenty of every night"
    assert [(one.day - stays.today()).days for one in told.nearly_full] == [3, 4]


def test_who_said_it_is_counted_by_how_long_before(session: Session) -> None:
    """By the mornings of their own day and of those before: whoever said it on the day is on no list that morning."""
    today = stays.today()
    for number, (ago, before) in enumerate([(5, 0), (5, 1), (5, 1), (5, 3), (5, 200), (6, 2), (-1, 4)]):
        day = today - timedelta(days=ago)
        made_at = datetime.combine(day - timedelta(days=before), time(23, 30), TEHRAN)
        session.add(Coming(code=f"{number:08}", country="IRQ", language="ar", arrives_on=day, made_at=made_at))
    session.flush()
    said = arrivals.said_before(session)
    assert {(today - day).days for day in said} == {5, 6}, "of days that are over"
    assert said[today - timedelta(days=5)] == (4, 2, 2) + (1,) * 28
    assert said[today - timedelta(days=6)] == (1, 1) + (0,) * 29
