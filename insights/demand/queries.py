"""Demand beside capacity, as it may be shown: days of a city, cities of a day, houses of a day. Reads only."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from insights.demand.models import SearchCount, SupplyDay, SupplyRound, SupplySum
from insights.demand.rules.showing import (
    Figure,
    Shown,
    Supply,
    figure,
    figures_together,
    shown,
    shown_by_zone,
)
from insights.demand.supply import MEASURES, window
from places.models import Place
from reservations.lodging.models import Lodging

LODGING = "lodging"
SEATS = ("men", "women", "family", "accessible")
PARTIES = ("men", "women", "family")
LATELY = timedelta(days=7)
ELSEWHERE = 0  # the zone of a house that is in none


@dataclass(frozen=True, slots=True)
class Day:
    """A day of a city. `nothing` counts the searches for beds that found nothing free; seats are by kind, empty where there are none.

    `arriving` and `guests` are people of bookings on the books: whose stay begins, and who sleep there.
    """

    day: date
    lodging: Shown
    seats: Mapping[str, Shown]
    searches: Figure
    nothing: Figure
    seat_searches: Figure
    arriving: Figure
    guests: Figure


@dataclass(frozen=True, slots=True)
class Lately:
    """Nights that were looked for in the last seven days, and those among them for which nothing was free."""

    nights: Figure
    nothing: Figure


@dataclass(frozen=True, slots=True)
class House:
    lodging_id: int
    names: dict[str, str]
    zone_id: int
    told: Shown


@dataclass(frozen=True, slots=True)
class Opened:
    """A day by zones and houses, the full ones first; `zones` is empty where all houses are in one. Searches for its beds by party."""

    zones: Mapping[int, Shown]
    houses: Sequence[House]
    count: int
    searches: Mapping[str, Figure]


NOTHING = Supply()


def looked_at(session: Session) -> datetime | None:
    """Since when the round was under way that the figures are of; None before the first."""
    return session.scalar(select(SupplyRound.whole_since))


def days_of_city(session: Session, city_id: int, now: datetime) -> list[Day]:
    """Today and the coming thirty days. Two queries."""
    first, until = window(now)
    supply = _sums(session, [city_id], first, until).get(city_id, {})
    searches = _searches(session, city_id, first, until)
    return [_day(supply, searches, first + timedelta(days=number)) for number in range((until - first).days)]


def days_of_cities(session: Session, city_ids: Collection[int], now: datetime) -> dict[int, dict[date, Shown]]:
    """City → day → its lodging. One query."""
    first, until = window(now)
    told = _sums(session, city_ids, first, until)
    days = [first + timedelta(days=number) for number in range((until - first).days)]
    return {city: {day: shown(told.get(city, {}).get((day, LODGING), NOTHING)) for day in days} for city in city_ids}


def seats_of_cities(session: Session, city_ids: Collection[int], day: date) -> dict[int, dict[str, Shown]]:
    """City → kind of seat → what there is of it on a day. One query."""
    told = _sums(session, city_ids, day, day + timedelta(days=1))
    return {city: {kind: shown(one) for (_, kind), one in told.get(city, {}).items() if kind != LODGING} for city in city_ids}


def searches_lately(session: Session, city_id: int, today: date) -> Lately:
    """One query."""
    of_lodging = select(func.sum(SearchCount.searches), func.sum(SearchCount.nothing)).where(
        SearchCount.searched_on > today - LATELY, SearchCount.kind == LODGING, SearchCount.city_id == city_id
    )
    nights, nothing = (int(one or 0) for one in session.execute(of_lodging).one())
    return Lately(figure(nights, nights), figure(nothing, nothing))


def opened(session: Session, city_id: int, day: date, *, start: int = 0, limit: int = 30) -> Opened:
    """The houses of a day, those that are full first and the largest of them; `start` of them were seen already. Three queries."""
    zone = func.coalesce(Place.zone_id, ELSEWHERE).label("zone_id")
    rows = session.execute(
        select(SupplyDay.owner_id, zone, *(getattr(SupplyDay, name) for name in MEASURES))
        .join(Lodging, Lodging.id == SupplyDay.owner_id)
        .outerjoin(Place, Place.id == Lodging.place_id)
        .where(SupplyDay.city_id == city_id, SupplyDay.day == day, SupplyDay.kind == LODGING)
    ).all()
    supplies = {(row.zone_id, row.owner_id): Supply(*row[2:]) for row in rows}
    zones, houses = shown_by_zone(supplies)
    offering = [key for key, one in houses.items() if one.places or supplies[key].booked]
    offering.sort(key=lambda key: (not houses[key].is_full, -houses[key].places, key[1]))
    page = offering[start : start + limit]
    names = {
        row.id: row.names
        for row in session.execute(select(Lodging.id, Lodging.names).where(Lodging.id.in_([key[1] for key in page])))
    }
    listed = [House(lodging_id, names[lodging_id], zone_id, houses[zone_id, lodging_id]) for zone_id, lodging_id in page]
    return Opened(zones if len(zones) > 1 else {}, listed, len(offering), _searches_by_party(session, city_id, day))


def _day(supply: Mapping[tuple[date, str], Supply], searches: Mapping[tuple[date, bool], tuple[int, int]], day: date) -> Day:
    beds, seats = searches.get((day, True), (0, 0)), searches.get((day, False), (0, 0))
    raw = supply.get((day, LODGING), NOTHING)
    return Day(
        day, shown(raw), {kind: shown(supply[day, kind]) for kind in SEATS if (day, kind) in supply}, figure(beds[0], beds[0]),
        figure(beds[1], beds[1]), figure(seats[0], seats[0]), figure(raw.arriving_people, raw.arriving_people),
        figure(raw.booked_people, raw.booked_people),
    )  # fmt: skip


def _sums(session: Session, city_ids: Collection[int], first: date, until: date) -> dict[int, dict[tuple[date, str], Supply]]:
    rows = select(SupplySum.city_id, SupplySum.day, SupplySum.kind, *(getattr(SupplySum, name) for name in MEASURES))
    told: dict[int, dict[tuple[date, str], Supply]] = {}
    for row in session.execute(rows.where(SupplySum.city_id.in_(city_ids), SupplySum.day >= first, SupplySum.day < until)):
        told.setdefault(row.city_id, {})[row.day, row.kind] = Supply(*row[3:])
    return told


def _searches(session: Session, city_id: int, first: date, until: date) -> dict[tuple[date, bool], tuple[int, int]]:
    """(day, whether for beds) → searches, and those that found nothing. Who names no city looks for seats in this one, too."""
    is_lodging = (SearchCount.kind == LODGING).label("is_lodging")
    rows = (
        select(SearchCount.wanted_on, is_lodging, func.sum(SearchCount.searches), func.sum(SearchCount.nothing))
        .where(SearchCount.wanted_on >= first, SearchCount.wanted_on < until)
        .where(or_(SearchCount.city_id == city_id, SearchCount.city_id.is_(None)))
        .group_by(SearchCount.wanted_on, is_lodging)
    )
    return {
        (day, is_for_beds): (int(searches), int(nothing)) for day, is_for_beds, searches, nothing in session.execute(rows) if day
    }


def _searches_by_party(session: Session, city_id: int, day: date) -> dict[str, Figure]:
    rows = (
        select(SearchCount.party, func.sum(SearchCount.searches))
        .where(SearchCount.wanted_on == day, SearchCount.city_id == city_id, SearchCount.kind == LODGING)
        .group_by(SearchCount.party)
    )
    found = {row[0]: int(row[1]) for row in session.execute(rows)}
    counts = [found.get(party, 0) for party in PARTIES]
    return dict(zip(PARTIES, figures_together(counts, counts), strict=True))
