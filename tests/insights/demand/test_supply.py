"""A round finds what a booking would find."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from insights.demand import queries, supply
from insights.demand.models import SupplyDay, SupplySum
from insights.demand.rules.showing import Hidden
from kernel import clock
from kernel.calendar import end_of_day, local_day
from reservations.bookings.rules.states import HOLD
from reservations.lodging.queries import free_spots
from reservations.lodging.rules import Nights, Party
from reservations.lodging.services.pricing import set_ceiling
from reservations.lodging.services.registering import close_unit
from reservations.programmes.services.seating import take_seats
from tests import factories
from tests.factories import ACTOR
from tests.insights.demand import town
from tests.reservations import stays

PAIR = Party(men=1, women=1)


def nights_of(session: Session, lodging_id: int) -> dict[int, SupplyDay]:
    """By how many days from today."""
    rows = session.scalars(select(SupplyDay).where(SupplyDay.kind == "lodging", SupplyDay.owner_id == lodging_id))
    return {(row.day - stays.today()).days: row for row in rows}


def test_each_night_has_what_may_be_sold_and_what_is_taken_of_it(session: Session) -> None:
    stay, kind = town.house(session, 3)
    town.booked(session, kind, 1, PAIR, stays.nights(10, 2))
    town.held(session, kind, 1, Party(men=1), stays.nights(10, 1))
    town.booked(session, kind, 1, PAIR, stays.nights(10, 1))
    town.waited(session, kind, 2, Party(men=3), stays.nights(10, 1))
    close_unit(session, ACTOR, stays.unit_of(session, kind), stays.today() + timedelta(days=14))
    dearer = {"kind": "guesthouse", "grade": 2, "lets": "room", "people": 2, "amount_rial": stays.RATE - 1}
    set_ceiling(session, ACTOR, stay.union.id, nights=stays.nights(16, 1), **dearer)
    town.look(session)
    found = nights_of(session, stay.lodging.id)
    assert sorted(found) == list(range(31))
    full, next_night = found[10], found[11]
    assert (full.places, full.beds, full.free, full.booked, full.held, full.waiting) == (3, 6, 0, 2, 1, 2)
    assert (full.booked_people, full.held_people, full.waiting_people, full.arriving_people) == (4, 1, 3, 4)
    assert (next_night.free, next_night.booked, next_night.booked_people, next_night.arriving_people) == (2, 1, 2, 0)
    assert [found[number].places for number in (13, 14, 15, 16, 17)] == [3, 2, 2, 0, 2], (
        "a room closed, then a night above its ceiling"
    )
    now = clock.now()
    for number, one in found.items():
        if one.places:
            night = Nights(one.day, one.day + timedelta(days=1))
            assert one.free == len(free_spots(session, [kind.id], night, now)), number
    with clock.frozen(now + HOLD + timedelta(minutes=1)):
        town.look(session)
    session.expire_all()
    assert (nights_of(session, stay.lodging.id)[10].held, nights_of(session, stay.lodging.id)[10].free) == (0, 1)


def test_a_round_goes_on_where_it_was_and_forgets_what_is_over(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supply, "HOUSES_A_TURN", 1)
    city = factories.city(session)
    houses = [town.house(session, 2)[0].lodging.id for _ in range(3)]
    town.look(session)
    assert session.scalar(select(SupplySum.places).where(SupplySum.day == stays.today(), SupplySum.kind == "lodging")) == 6
    assert queries.looked_at(session) is not None
    with clock.frozen(clock.now() + timedelta(days=1)):
        town.look(session)
        rows = session.execute(select(SupplyDay.owner_id, SupplyDay.day)).all()
        assert {row.owner_id for row in rows} == set(houses)
        assert min(row.day for row in rows) == local_day(clock.now())
        assert len(rows) == 3 * supply.DAYS
        days = queries.days_of_city(session, city.id, clock.now())
    assert {one.lodging.places for one in days} == {6}


def test_seats_are_counted_by_kind_and_day(session: Session) -> None:
    city = factories.city(session)
    office = factories.organisation(session, "city_office")
    of = stays.planned(session, office.id, city.id, men=40, women=30)
    who, _ = factories.account(session)
    take_seats(session, who, stays.seats_of(session, of, ("men", Party(men=12)), ("women", Party(women=4))))
    town.look(session)
    [day] = [one for one in queries.days_of_city(session, city.id, clock.now()) if one.seats]
    assert end_of_day(day.day) > of.starts_at
    assert (day.seats["men"].places, day.seats["men"].booked, day.seats["men"].free) == (40, 10, 30)
    assert (day.seats["women"].booked, day.seats["women"].free) == (Hidden.FEW, Hidden.NEARLY_ALL)
