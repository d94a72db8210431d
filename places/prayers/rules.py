"""The sun over a city, and the times of prayer that follow from it.

Low-precision positions of the sun (Meeus, Astronomical Algorithms, chapter 25): within some seconds for this century.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from math import acos, asin, atan2, cos, degrees, radians, sin
from zoneinfo import ZoneInfo

from places.errors import WrongPrayerMinutes

J2000 = datetime(2000, 1, 1, 12, tzinfo=UTC)
DAYS_A_CENTURY = 36_525.0
HORIZON = -0.833  # the sun's upper edge, with the air's refraction
MOST_MINUTES = 30
ROUNDS = 3  # each event is computed for the sun's place at the event itself; two rounds are within a second

EVENTS = ("fajr", "sunrise", "noon", "sunset", "maghrib", "isha", "midnight")


@dataclass(frozen=True, slots=True)
class Method:
    """Degrees of the sun below the horizon."""

    fajr: float
    maghrib: float
    isha: float


METHODS = {
    "geophysics": Method(17.7, 4.5, 14.0),  # Institute of Geophysics, University of Tehran
    "leva": Method(16.0, 4.0, 14.0),  # Leva Research Institute, Qom
}


@dataclass(frozen=True, slots=True)
class Prayers:
    """One day's times in the city's zone."""

    day: date
    fajr: datetime
    sunrise: datetime
    noon: datetime
    sunset: datetime
    maghrib: datetime
    isha: datetime
    midnight: datetime

    def times(self) -> dict[str, datetime]:
        return {name: getattr(self, name) for name in EVENTS}


def prayers_of(
    day: date, lon: float, lat: float, zone: ZoneInfo, *, method: str = "geophysics", minutes: Mapping[str, int] | None = None
) -> Prayers:
    """The times of a day at a position; `minutes` moves single ones.

    Where the sun never comes to an angle, as in summer far in the north, its time is the sun's lowest point.
    """
    angles, moved = METHODS[method], minutes or {}
    noon = _noon(day, lon)
    sunset = _at_angle(noon, lat, lon, HORIZON, after_noon=True)
    exact = {
        "fajr": _at_angle(noon, lat, lon, -angles.fajr, after_noon=False),
        "sunrise": _at_angle(noon, lat, lon, HORIZON, after_noon=False),
        "noon": noon,
        "sunset": sunset,
        "maghrib": _at_angle(noon, lat, lon, -angles.maghrib, after_noon=True),
        "isha": _at_angle(noon, lat, lon, -angles.isha, after_noon=True),
    }
    next_noon = _noon(day + timedelta(days=1), lon)
    next_fajr = _at_angle(next_noon, lat, lon, -angles.fajr, after_noon=False)
    exact["midnight"] = sunset + (next_fajr - sunset) / 2
    return Prayers(day, **{name: _whole_minute(exact[name], moved.get(name, 0), zone) for name in EVENTS})


def check_minutes(minutes: Mapping[str, int]) -> dict[str, int]:
    """What a city's own timetable moves, zeros left out. Raises WrongPrayerMinutes for an unknown time or more than half an hour."""
    for name, moved in minutes.items():
        if name not in EVENTS or abs(moved) > MOST_MINUTES:
            raise WrongPrayerMinutes(field=name, most=MOST_MINUTES)
    return {name: moved for name, moved in minutes.items() if moved}


def _whole_minute(instant: datetime, moved: int, zone: ZoneInfo) -> datetime:
    rounded = (instant + timedelta(seconds=30)).replace(second=0, microsecond=0)
    return (rounded + timedelta(minutes=moved)).astimezone(zone)


def _sun(instant: datetime) -> tuple[float, float]:
    """Declination in radians and equation of time in minutes."""
    centuries = (instant - J2000).total_seconds() / 86_400 / DAYS_A_CENTURY
    mean_longitude = 280.46646 + 36_000.76983 * centuries + 0.0003032 * centuries**2
    anomaly = radians(357.52911 + 35_999.05029 * centuries - 0.0001537 * centuries**2)
    centre = (
        (1.914602 - 0.004817 * centuries) * sin(anomaly)
        + (0.019993 - 0.000101 * centuries) * sin(2 * anomaly)
        + 0.000289 * sin(3 * anomaly)
    )
    node = radians(125.04 - 1_934.136 * centuries)
    longitude = radians(mean_longitude + centre - 0.00569 - 0.00478 * sin(node))
    obliquity = radians(23.4392911 - 0.0130042 * centuries + 0.00256 * cos(node))
    ascension = degrees(atan2(cos(obliquity) * sin(longitude), cos(longitude)))
    turned = (mean_longitude - 0.0057183 - ascension - 0.00478 * sin(node) * cos(obliquity) + 180) % 360 - 180
    return asin(sin(obliquity) * sin(longitude)), 4 * turned


def _noon(day: date, lon: float) -> datetime:
    clock_noon = datetime.combine(day, time(12), UTC) - timedelta(hours=lon / 15)
    noon = clock_noon
    for _ in range(ROUNDS):
        noon = clock_noon - timedelta(minutes=_sun(noon)[1])
    return noon


def _at_angle(noon: datetime, lat: float, lon: float, altitude: float, *, after_noon: bool) -> datetime:
    sign, instant, phi = (1 if after_noon else -1), noon, radians(lat)
    clock_noon = datetime.combine(noon.date(), time(12), UTC) - timedelta(hours=lon / 15)
    if abs(clock_noon - noon) > timedelta(hours=12):  # the local noon of far longitudes lies on another day of Greenwich
        clock_noon += timedelta(days=1 if noon > clock_noon else -1)
    for _ in range(ROUNDS):
        declination, equation = _sun(instant)
        cosine = (sin(radians(altitude)) - sin(phi) * sin(declination)) / (cos(phi) * cos(declination))
        hours = degrees(acos(max(-1.0, min(1.0, cosine)))) / 15
        instant = clock_noon + timedelta(minutes=-equation) + timedelta(hours=sign * hours)
    return instant
