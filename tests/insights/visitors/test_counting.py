"""A closed day is counted from what the ledger and the bookings hold, and adds up to the ledger."""

from datetime import date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from cardbank.ledger import upkeep
from identity import services as identity
from insights.visitors.counting import count_day
from insights.visitors.models import VisitorCell, VisitorCount
from insights.visitors.queries import Filter, visitors
from insights.visitors.rules import (
    RECOUNTED_AT,
    Aside,
    Span,
    Standing,
    Told,
    period_of,
)
from insights.visitors.services import count_next_day
from kernel import clock
from kernel.calendar import TEHRAN
from merchants import services as merchants
from places import services as places
from reservations.bookings.models import Booking
from tests import factories
from tests.purchases import purchase, reverse
from tests.reservations import stays

GUESTS, OTHERS = 10, 10
PAID = 1_000_000


@pytest.fixture
def first(session: Session) -> date:
    """The business day that is open."""
    day: date = session.execute(text("SELECT max(day) FROM ledger.business_day")).scalar_one()
    return day


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 15, tzinfo=TEHRAN)


def close(session: Session, following: date) -> None:
    """Close the days before this one, which is open from now on."""
    upkeep.open_day(session, following)
    upkeep.close_days(session)
    session.commit()


def test_a_day_is_counted_and_counted_again(session: Session, first: date) -> None:
    city = factories.city(session)
    square = [(59.0, 36.0), (60.0, 36.0), (60.0, 37.0), (59.0, 37.0), (59.0, 36.0)]
    zone = places.draw_zone(session, factories.ACTOR, city.id, "centre", {"fa": "مرکز"}, square)
    inside, outside = ([_till(session, lon) for _ in range(3)] for lon in (59.61, 61.0))
    cards = [factories.card(session, money_rial=9 * PAID) for _ in range(GUESTS + OTHERS)]
    session.commit()
    with clock.frozen(at(first, 12)):
        for number, card in enumerate(cards):
            purchase(session, inside[number % 3], card, PAID)
    with clock.frozen(at(first, 13)):
        for number, card in enumerate(cards[:GUESTS]):
            purchase(session, outside[number % 3], card, 2 * PAID)
        key, _ = purchase(session, inside[0], cards[0], PAID)
        reverse(session, inside[0], cards[0], key, PAID)
    assert count_next_day(session) is None  # the day is open
    later = first + timedelta(days=3)
    close(session, later)
    with clock.frozen(at(later, 10)):
        for number, card in enumerate(cards[:GUESTS]):
            purchase(session, inside[number % 3], card, PAID)
    assert count_next_day(session) == first
    assert count_next_day(session) is None
    session.commit()
    assert _cells(session, first, Told.STAY) == {}  # not known before three weeks are over
    known = first + timedelta(days=RECOUNTED_AT[-1])
    close(session, known)
    close(session, known + timedelta(days=1))
    while count_next_day(session):
        session.commit()
    assert _cells(session, first, Told.DAY) == {("", ""): (20, 30, 40 * PAID)}
    assert _cells(session, first, Told.ZONE) == {("", str(zone.id)): (20, 20, 20 * PAID), ("", "0"): (10, 10, 20 * PAID)}
    assert _cells(session, first, Told.HOUR) == {(str(zone.id), "12"): (20, 20, 20 * PAID), ("0", "13"): (10, 10, 20 * PAID)}
    assert _cells(session, first, Told.MOVE) == {(str(zone.id), "0"): (10, 10, 0)}
    assert _cells(session, first, Told.STANDING) == {("arrived", "-"): (20, 30, 40 * PAID)}
    assert _cells(session, first, Told.STAY) == {("", "3"): (10, 20, 30 * PAID), ("", "0"): (10, 10, 10 * PAID)}
    assert _cells(session, later, Told.STANDING) == {("here", "-"): (10, 10, 10 * PAID)}
    _adds_up(session, city.id, first, later)
    kept = session.execute(select(VisitorCell.__table__).order_by(*VisitorCell.__table__.primary_key)).all()
    session.get_one(VisitorCount, first).age = RECOUNTED_AT[0]
    assert count_next_day(session) == first
    assert session.execute(select(VisitorCell.__table__).order_by(*VisitorCell.__table__.primary_key)).all() == kept


def _till(session: Session, lon: float) -> str:
    """Of a new shop, inside the zone or in none."""
    shop = factories.merchant(session, "sweets")
    factories.contract(session, shop.id)
    branch = merchants.open_branch(session, factories.ACTOR, shop.id, factories.place(session, lon=lon).id, {"fa": "شعبه"})
    return merchants.open_terminal(session, factories.ACTOR, branch.id).code


def _cells(session: Session, day: date, table: Told) -> dict[tuple[str, str], tuple[int, int, int]]:
    rows = session.scalars(select(VisitorCell).where(VisitorCell.day == day, VisitorCell.told_by == table))
    return {(one.within, one.key): (one.people, one.purchases, one.amount_rial) for one in rows}


def _adds_up(session: Session, city_id: int, first: date, later: date) -> None:
    """What is kept of both days is what the ledger has of them, and so is what a page says."""
    ledger = session.scalar(text("SELECT sum(e.amount) FROM ledger.entry e LEFT JOIN ledger.entry_amend a ON (a.original_date, a.original_id) = "
                                 "(e.business_date, e.id) WHERE e.kind = 1 AND a.reversed_by IS NULL AND e.business_date BETWEEN :first AND :last"),
                            {"first": first, "last": later})  # fmt: skip
    for table in (Told.DAY, Told.ZONE, Told.KIND, Told.STANDING):
        assert sum(rial for day in (first, later) for _, _, rial in _cells(session, day, table).values()) == ledger
    seen = [visitors(session, city_id, period_of(Span.DAY, day), Filter()) for day in (first, later)]
    assert sum(one.amount_rial or 0 for one in seen) == ledger
    assert [(one.arrivals, one.person_days, one.each_rial) for one in seen] == [(20, 20, 2 * PAID), (None, 10, PAID)]
    assert [(part.key, part.people) for part in seen[0].stays if part.people] == [("0", 10), ("3", 10)]
    of_zone = visitors(session, city_id, period_of(Span.DAY, first), Filter(Told.ZONE, "0"))
    assert (of_zone.purchases, of_zone.amount_rial, of_zone.person_days, of_zone.arrivals) == (10, 20 * PAID, None, None)


def test_a_booking_tells_the_arrival_and_the_nights(session: Session, first: date) -> None:
    city, till = factories.city(session), factories.terminal(session).code
    guest = identity.enrol_person(session, factories.ACTOR, {"fa": "زائر"}, "ar", passport=("IRQ", "A1234567"))
    _booked(session, city.id, guest.id, first - timedelta(days=1), first + timedelta(days=3))
    card = factories.card(session, person_id=guest.id, money_rial=PAID)
    session.commit()
    purchase(session, till, card, PAID)
    assert _groups(session, city.id, first - timedelta(days=1)) == {
        (Told.SEEN, Standing.ARRIVED, "IRQ"): (1, 0), (Told.SEEN_STAY, "", "4"): (1, 0),
    }  # fmt: skip
    assert _groups(session, city.id, first)[Told.STANDING, Standing.HERE, "IRQ"] == (1, PAID)
    assert _groups(session, city.id, first + timedelta(days=3)) == {(Told.SEEN, Standing.HERE, "IRQ"): (1, 0)}
    assert _groups(session, city.id, first + timedelta(days=4)) == {}


def test_who_was_seen_in_each_of_four_weeks_is_at_home(session: Session, first: date) -> None:
    city, till, card = factories.city(session), factories.terminal(session).code, factories.card(session, money_rial=9 * PAID)
    city_id = city.id
    session.commit()
    days = [first + timedelta(days=7 * week) for week in range(5)]
    for following in [*days[1:], None]:
        purchase(session, till, card, PAID)
        if following:
            close(session, following)
    standings = [next(iter(name[1] for name in _groups(session, city_id, day) if name[0] is Told.STANDING)) for day in days]
    assert standings == [Standing.ARRIVED, *[Standing.HERE] * 3, Standing.HOME]


def _groups(session: Session, city_id: int, day: date) -> dict[tuple[Told | Aside, str, str], tuple[int, int]]:
    groups = count_day(session, day, knows_stays=True).get(city_id, [])
    return {(one.told_by, one.within, one.key): (one.people, one.amount_rial) for one in groups}


def _booked(session: Session, city_id: int, person_id: int, comes: date, leaves: date) -> None:
    """A stay that was lived in to its last day."""
    house = stays.lodging(session).lodging
    session.add(
        Booking(
            key=str(uuid4()), content_hash=0, code=f"B{person_id:08d}", organisation_id=factories.organisation(session).id, lodging_id=house.id,
            person_id=person_id, holder_name="زائر", state="left", nights=Range(comes, leaves), starts_at=at(comes, 14), ends_at=at(leaves, 12),
            price_rial=0, charged_rial=0, deposit_rial=0, terms={}, made_at=at(comes, 9), arrived_at=at(comes, 15), ended_at=at(leaves, 11),
        )
    )  # fmt: skip
    session.flush()
