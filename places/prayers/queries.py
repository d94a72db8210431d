"""The times of prayer of a city."""

from datetime import date, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from places.errors import CityNotFound
from places.models import City
from places.prayers.rules import Prayers, prayers_of


def prayer_times(session: Session, city_code: str, first: date, days: int = 1) -> list[Prayers]:
    """So many days from `first` on. Raises CityNotFound."""
    at = select(City, func.ST_X(City.position).label("lon"), func.ST_Y(City.position).label("lat"))
    row = session.execute(at.where(City.code == city_code)).one_or_none()
    if row is None:
        raise CityNotFound(city=city_code)
    return [prayers_at(row.City, row.lon, row.lat, first + timedelta(days=ahead)) for ahead in range(days)]


def prayers_at(city: City, lon: float, lat: float, day: date) -> Prayers:
    """By the city's method and with the minutes of its own timetable."""
    return _prayers(day, lon, lat, city.time_zone, city.prayer_method, tuple(sorted(city.prayer_minutes.items())))


@lru_cache(maxsize=4096)
def _prayers(day: date, lon: float, lat: float, zone: str, method: str, minutes: tuple[tuple[str, int], ...]) -> Prayers:
    moved: dict[str, Any] = dict(minutes)
    return prayers_of(day, lon, lat, ZoneInfo(zone), method=method, minutes=moved)
