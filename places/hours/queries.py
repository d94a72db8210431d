"""Reads of opening hours."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.holidays import holiday
from kernel.moon import Moon
from places.hours.models import OpeningRule
from places.hours.rules import DayFacts, spans_of_day, state_at
from places.models import City, Place
from places.moon.queries import moon
from places.prayers.queries import prayers_at

MINUTE = 60


@dataclass(frozen=True, slots=True)
class OpenState:
    """`changes_at` is None where nothing changes in the coming days."""

    is_open: bool
    changes_at: datetime | None


@dataclass(frozen=True, slots=True)
class Hours:
    """A place's rule, its state now, and when somebody last said that it is right."""

    text: str
    state: OpenState | None
    confirmed_at: datetime | None


class Calendar:
    """What rules ask of days in one city."""

    def __init__(self, city: City, lon: float, lat: float, seen: Moon) -> None:
        self.zone = ZoneInfo(city.time_zone)
        self._city, self._lon, self._lat, self._moon = city, lon, lat, seen

    def facts(self, day: date) -> DayFacts:
        midnight = self.midnight(day)
        times = prayers_at(self._city, self._lon, self._lat, day).times()
        prayers = {name: minute_of(at) - midnight for name, at in times.items()}
        return DayFacts(day, prayers, self._moon.lunar(day), holiday(day, self._moon) is not None)

    def midnight(self, day: date) -> int:
        return minute_of(datetime.combine(day, time.min, self.zone))


def calendar_of(session: Session, city_id: int, seen: Moon | None = None) -> Calendar:
    at = select(City, func.ST_X(City.position).label("lon"), func.ST_Y(City.position).label("lat")).where(City.id == city_id)
    row = session.execute(at).one()
    return Calendar(row.City, row.lon, row.lat, seen or moon(session))


def minute_of(instant: datetime) -> int:
    """Minutes from 1970-01-01 00:00 UTC."""
    return int(instant.timestamp()) // MINUTE


def instant_of(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * MINUTE, UTC)


def state_of(rule: OpeningRule | None, now: datetime) -> OpenState | None:
    """None where the hours are not known, or were not computed for this time."""
    if rule is None or minute_of(now) >= rule.covered_until:
        return None
    is_open, changes = state_at(spans_of(rule), minute_of(now))
    is_known = changes is not None and changes < rule.covered_until
    return OpenState(is_open, instant_of(changes) if changes is not None and is_known else None)


def spans_of(rule: OpeningRule) -> list[tuple[int, int]]:
    return [(span.lower or 0, span.upper or 0) for span in rule.minutes]


def hours_of_places(session: Session, place_ids: Iterable[int], now: datetime) -> dict[int, Hours]:
    """The hours of places that have told theirs. One query."""
    told = select(Place.id, Place.confirmed_at, OpeningRule).join(OpeningRule, OpeningRule.id == Place.rule_id)
    rows = session.execute(told.where(Place.id.in_(list(place_ids))))
    return {row.id: Hours(row.OpeningRule.text, state_of(row.OpeningRule, now), row.confirmed_at) for row in rows}


def coming_days(
    rule_text: str, calendar: Calendar, first: date, days: int = 7
) -> list[tuple[date, list[tuple[datetime, datetime]]]]:
    """Each of the coming days with the spans in which it is open."""
    shown = []
    for day in (first + timedelta(days=ahead) for ahead in range(days)):
        midnight = calendar.midnight(day)
        of_day = spans_of_day(rule_text, calendar.facts(day), calendar.facts(day - timedelta(days=1)))
        shown.append((day, [(instant_of(midnight + begin), instant_of(midnight + end)) for begin, end in of_day]))
    return shown
