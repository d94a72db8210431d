"""Cities and their times of prayer, for everybody."""

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

from msgspec import Meta, Struct, field

from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput
from kernel.holidays import holiday
from kernel.languages import in_language
from kernel.moon import MONTHS, Month, Moon, lunar_text, month_name
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.shapes import Instant, Typed
from places.errors import CityNotFound
from places.moon.queries import moon
from places.prayers.queries import prayer_times as times_of
from places.prayers.rules import Prayers
from places.queries import all_cities

TAG = "Places"
HOME = "mashhad"
MOST_DAYS = 28
SHARED_SECONDS = 3_600
FIRST_YEAR, LAST_YEAR = 1950, 2070  # what the lunar calendar reaches


class City(Struct):
    code: str
    name: str


class Cities(Struct):
    cities: list[City]


class Day(Struct):
    """`lunar` and `holiday` are in the language of the request; the times are those of the city's own timetable."""

    day: date
    lunar: str
    holiday: str | None
    fajr: Instant
    sunrise: Instant
    noon: Instant
    sunset: Instant
    maghrib: Instant
    isha: Instant
    midnight: Instant


class Timetable(Struct):
    city: str
    days: list[Day]


class LunarMonth(Struct):
    year: int
    month: int
    name: str
    first_day: date


class LunarMonths(Struct):
    months: list[LunarMonth]


class AskedDays(Struct):
    city: Typed = HOME
    first: Annotated[date | None, Meta(description="Today in the city if left out.")] = field(default=None, name="from")
    days: Annotated[int, Meta(ge=1, le=MOST_DAYS)] = 1


_TEHRAN = ZoneInfo("Asia/Tehran")
_TIMES = [
    datetime(2026, 11, 22, hour, minute, tzinfo=_TEHRAN)
    for hour, minute in ((4, 47), (6, 15), (11, 18), (16, 20), (16, 39), (17, 29), (22, 34))
]


@operation("GET", "/cities", tag=TAG, permission=None, gives=Cities([City("mashhad", "مشهد")]), shared_seconds=SHARED_SECONDS)
def cities(visit: Visit) -> Cities:
    """The cities of the network."""
    return Cities([City(one.code, in_language(one.names, visit.language)) for one in all_cities(visit.session)])


@operation(
    "GET", "/prayer-times", tag=TAG, permission=None, errors=(CityNotFound,), shared_seconds=SHARED_SECONDS,
    gives=Timetable("mashhad", [Day(date(2026, 11, 22), "۱۲ جمادی‌الثانی ۱۴۴۸", None, *_TIMES)]),
)  # fmt: skip
def prayer_times(visit: Visit, query: AskedDays) -> Timetable:
    """The times of prayer of some days, with the lunar date and the holidays."""
    first = query.first or local_day(clock.now())
    if not FIRST_YEAR <= first.year <= LAST_YEAR:
        raise BadInput(field="from")
    calendar = moon(visit.session)
    found = times_of(visit.session, query.city, first, query.days)
    return Timetable(query.city, [_day(one, calendar, visit.language) for one in found])


@operation(
    "GET",
    "/lunar-months",
    tag=TAG,
    permission=None,
    gives=LunarMonths([LunarMonth(1448, 6, "جمادی‌الثانی", date(2026, 11, 11))]),
    shared_seconds=SHARED_SECONDS,
)
def lunar_months(visit: Visit) -> LunarMonths:
    """When the lunar months of the past year and of the coming two begin, as Iran sees the moon or, where nobody has yet, as computed."""
    calendar, today = moon(visit.session), local_day(clock.now())
    this = Month(*calendar.lunar(today)[:2])
    return LunarMonths([
        LunarMonth(month.year, month.number, month_name(month.number, visit.language), calendar.start(month))
        for month in (this.later(step) for step in range(-MONTHS, 2 * MONTHS + 1))
    ])  # fmt: skip


def _day(prayers: Prayers, calendar: Moon, language: str) -> Day:
    lunar, free = calendar.lunar(prayers.day), holiday(prayers.day, calendar)
    return Day(
        day=prayers.day,
        lunar=lunar_text(lunar, language),
        holiday=in_language(free, language) if free else None,
        **prayers.times(),
    )
