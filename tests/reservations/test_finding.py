"""Finding a house: with room first, then what is full, as the classes of each house say by the rules."""

import random
from datetime import date, timedelta
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from kernel import clock
from kernel.errors import DomainError
from kernel.moon import COMPUTED, Month
from places.moon.services import move_month
from reservations.bookings.finding import Found, Sought, offers_of, search
from reservations.bookings.models import Booking
from reservations.bookings.rules.states import Wanted
from reservations.bookings.rules.waiting import SOON, first_kept
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.waiting import join
from reservations.lodging.models import LodgingClass, RoomCeiling
from reservations.lodging.rules import Nights, Party, choices, cost_rial, is_free
from reservations.lodging.services.licensing import grant_licence, revoke_licence
from reservations.lodging.services.pricing import decide_sheet, hand_in_sheet
from reservations.lodging.services.registering import close_unit
from tests import factories
from tests.factories import ACTOR
from tests.places.moon.test_moon import movable
from tests.portal.conftest import statements_sent
from tests.reservations import stays


def found_by(session: Session, party: Party, nights: Nights | None = None, **other: object) -> list[Found]:
    sought = Sought(factories.city(session).id, nights or stays.nights(), party, **other)  # type: ignore[arg-type]
    return search(session, sought, clock.now())


def keep(session: Session, of: LodgingClass, quantity: int, party: Party, nights: Nights | None = None) -> None:
    who, _ = factories.account(session)
    hold(session, who, Ask(str(uuid4()), nights or stays.nights(), (Wanted(of.id, quantity, party),)))


def test_the_search_shows_who_takes_the_whole_party_the_cheapest_first(session: Session) -> None:
    dear, cheap, dormitory, closed = (stays.lodging(session) for _ in range(4))
    room = stays.rooms(session, dear, 2, people=3)
    stays.price(session, dear, room, rate=1_100_000)
    stays.price(session, cheap, stays.rooms(session, cheap, 1, people=4), rate=500_000)
    parts = (stays.beds(session, dormitory, 3, for_whom="men"), stays.beds(session, dormitory, 3, for_whom="women"))
    stays.price(session, dormitory, *parts, rate=200_000)
    never = stays.rooms(session, closed)
    stays.price(session, closed, never)
    close_unit(session, ACTOR, stays.unit_of(session, never), stays.nights().first)

    def found(party: Party, **other: object) -> list[tuple[int, int]]:
        return [(one.lodging_id, one.least_rial) for one in found_by(session, party, **other)]

    assert found(Party(men=1, women=2)) == [
        (cheap.lodging.id, 1_000_000), (dormitory.lodging.id, 1_200_000), (dear.lodging.id, 2_200_000),
    ]  # fmt: skip
    assert found(Party(men=2, women=2, children=1)) == [(dear.lodging.id, 4_400_000)], "two rooms, and no child in a dormitory"
    assert found(Party(men=1, women=1), most_rial=900_000) == [(dormitory.lodging.id, 800_000)]
    assert found(Party(men=7)) == [], "never room for seven men, so nothing to wait for"


def test_what_is_full_comes_behind_what_has_room_page_by_page(session: Session) -> None:
    full, free, dear = (stays.lodging(session) for _ in range(3))
    rooms = [stays.rooms(session, one) for one in (full, free, dear)]
    for stay, of, rate in zip((full, free, dear), rooms, (100_000, 800_000, 900_000), strict=True):
        stays.price(session, stay, of, rate=rate)
    keep(session, rooms[0], 1, Party(men=1))
    for men in (1, 2):
        who, _ = factories.account(session)
        join(session, who, Ask(str(uuid4()), stays.nights(), (Wanted(rooms[0].id, 1, Party(men=men)),)))
    told = [(one.lodging_id, one.is_free, one.least_rial, one.waiting) for one in found_by(session, Party(men=2))]
    assert told == [
        (free.lodging.id, True, 1_600_000, 0),
        (dear.lodging.id, True, 1_800_000, 0),
        (full.lodging.id, False, 200_000, 2),
    ]
    assert [one.is_free for one in found_by(session, Party(men=2), only_free=True)] == [True, True]
    sought, seen, after = Sought(factories.city(session).id, stays.nights(), Party(men=2)), [], None
    with statements_sent() as sent:
        while page := search(session, sought, clock.now(), after=after, limit=1):
            seen, after = [*seen, page[0].lodging_id], page[0].cursor
        offers_of(session, full.lodging.id, stays.nights(), clock.now())
    assert seen == [one[0] for one in told]
    assert len(sent) == 4 * 2 + 5
    assert len(search(session, sought, clock.now(), after="no.cursor.at all")) == 3


def test_what_is_kept_for_who_waits_is_full_for_who_comes_now(session: Session) -> None:
    """Two beds come free under a line for three: the page says full, as the booking would."""
    stay = stays.lodging(session)
    bed = stays.beds(session, stay, 3, for_whom="men")
    stays.price(session, stay, bed)
    keep(session, bed, 1, Party(men=1))
    who, _ = factories.account(session)
    join(session, who, Ask(str(uuid4()), stays.nights(), (Wanted(bed.id, 3, Party(men=3)),)))
    told = offers_of(session, stay.lodging.id, stays.nights(), clock.now())
    assert ([(one.places, one.free) for one in told.offers], told.waiting) == ([(3, 0)], 1)
    assert [(one.is_free, one.waiting) for one in found_by(session, Party(men=1))] == [(False, 1)]
    elsewhere = stays.nights(20)
    assert [(one.is_free, one.waiting) for one in found_by(session, Party(men=1), elsewhere)] == [(True, 0)]
    with clock.frozen(stays.nights().arrival - SOON):
        assert [one.is_free for one in found_by(session, Party(men=1))] == [True], "a day before, a line blocks nobody"


def test_a_stay_stands_when_the_moon_is_sighted_a_day_later(session: Session) -> None:
    """Nights are evenings of the sun's calendar: nothing of a booking follows the moon."""
    stay = stays.lodging(session)
    room = stays.rooms(session, stay)
    stays.price(session, stay, room)
    now = COMPUTED.lunar(stays.today())
    month, later = movable(Month(now.year, now.month).later(1))
    first = later - timedelta(days=2)
    nights = Nights(first, first + timedelta(days=3))
    keep(session, room, 1, Party(men=1), nights)
    booking = session.scalars(select(Booking)).one()
    before = (booking.nights, booking.starts_at, booking.ends_at, booking.price_rial)
    before_line = found_by(session, Party(men=1), nights)
    move_month(session, ACTOR, month, later, "announced by the office")
    session.refresh(booking)
    assert (booking.nights, booking.starts_at, booking.ends_at, booking.price_rial) == before
    assert found_by(session, Party(men=1), nights) == before_line
    assert not before_line[0].is_free


def test_an_evening_is_kept_from_the_minute_that_a_day_is_left() -> None:
    arrival = stays.nights().arrival
    assert first_kept(arrival - SOON) == stays.nights().first + timedelta(days=1)
    assert first_kept(arrival - SOON - timedelta(seconds=1)) == stays.nights().first


def test_a_city_read_as_a_whole_is_what_each_house_says(session: Session) -> None:
    """Licences, sheets and ceilings that change in the middle of a stay, rooms taken, closed and waited for, at random."""
    dice = random.Random(1405)
    city = factories.city(session)

    def some(longest: int = 12) -> Nights:
        return stays.nights(dice.randrange(2, 9), dice.randrange(1, longest))

    houses = []
    for number in range(6):
        stay = stays.lodging(session, is_licensed=dice.random() < 0.6)
        kinds = [
            stays.rooms(session, stay, dice.randrange(1, 3), people=dice.randrange(1, 5), for_whom=dice.choice(("anyone", "family"))),
            stays.beds(session, stay, dice.randrange(1, 4), for_whom="men"), stays.beds(session, stay, dice.randrange(1, 4), for_whom="women"),
        ]  # fmt: skip
        stays.price(session, stay, *kinds, rate=dice.randrange(500, 999) * 1_000)
        if dice.random() < 0.4:
            late = some()
            with clock.frozen(clock.now() + timedelta(minutes=number + 1)):
                sheet = hand_in_sheet(
                    session, ACTOR, stay.lodging, late, {one.id: dice.randrange(500, 999) * 1_000 for one in kinds}
                )
                decide_sheet(session, ACTOR, stay.lodging, sheet.id, is_approved=True)
        if dice.random() < 0.3:
            one, low = kinds[0], some()
            session.add(RoomCeiling(
                authority_id=stay.union.id, kind="guesthouse", grade=2, lets=one.lets, people=one.people, nights=stays_range(low),
                amount_rial=300_000, made_at=clock.now(),
            ))  # fmt: skip
        licence = grant_licence(
            session, ACTOR, stay.lodging, "1", stays.nights(dice.randrange(0, 4)).first, stays.nights(dice.randrange(6, 16)).first
        )
        if dice.random() < 0.2:
            revoke_licence(session, ACTOR, stay.lodging, licence.id, "x")
        if dice.random() < 0.3:
            close_unit(session, ACTOR, stays.unit_of(session, kinds[1]), stays.nights(dice.randrange(0, 9)).first)
        session.flush()
        for of in dice.sample(kinds, 2):
            take(session, dice, of, some(3))
        houses.append(stay.lodging.id)
    met: set[tuple[bool, bool]] = set()
    for _ in range(12):
        nights, party = some(6), Party(dice.randrange(0, 3), dice.randrange(1, 3), dice.randrange(0, 2))
        told = {
            one.lodging_id: (one.is_free, one.least_rial, one.waiting)
            for one in search(session, Sought(city.id, nights, party), clock.now(), limit=99)
        }
        for house in houses:
            offered = offers_of(session, house, nights, clock.now())
            ways = choices(offered.offers, party)
            free = [way for way in ways if is_free(way)]
            expected = (bool(free), cost_rial((free or ways)[0]), offered.waiting) if ways else None
            assert told.get(house) == expected, (house, nights, party)
            met.add((bool(ways), bool(free)))
    assert met == {(False, False), (True, False), (True, True)}, "nothing, full and free were all met"


def take(session: Session, dice: random.Random, of: LodgingClass, nights: Nights) -> None:
    """Places for some nights, or a place in the line where they cannot be had."""
    quantity, who = dice.randrange(1, 3), factories.account(session)[0]
    party = (
        Party(men=1, women=1)
        if of.for_whom == "family"
        else Party(women=quantity)
        if of.for_whom == "women"
        else Party(men=quantity)
    )
    ask = Ask(str(uuid4()), nights, (Wanted(of.id, quantity, party),))
    for use in (hold, join):
        try:
            with session.begin_nested():
                use(session, who, ask)
        except DomainError:
            continue
        return


def stays_range(nights: Nights) -> Range[date]:
    return Range(nights.first, nights.until)
