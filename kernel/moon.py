"""The lunar calendar as Iran sees it: recorded month starts first, the Umm al-Qura calendar where nothing is recorded.

A sighting in Iran may differ by a day from what is computed; whoever records a month's start moves every date of that month.
"""

from bisect import bisect_right
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from hijridate import Gregorian, Hijri

# What hijridate computes; its first and last months are left out, so that each month has neighbours.
FIRST_YEAR, LAST_YEAR = 1344, 1499
MONTHS = 12
LENGTHS = (29, 30)

LUNAR_MONTHS = {
    "fa": (
        "محرم", "صفر", "ربیع‌الاول", "ربیع‌الثانی", "جمادی‌الاول", "جمادی‌الثانی",
        "رجب", "شعبان", "رمضان", "شوال", "ذی‌القعده", "ذی‌الحجه",
    ),
    "en": (
        "Muharram", "Safar", "Rabi al-Awwal", "Rabi al-Thani", "Jumada al-Ula", "Jumada al-Thaniya",
        "Rajab", "Shaban", "Ramadan", "Shawwal", "Dhu al-Qadah", "Dhu al-Hijjah",
    ),
    "ar": (
        "محرم", "صفر", "ربيع الأول", "ربيع الآخر", "جمادى الأولى", "جمادى الآخرة",
        "رجب", "شعبان", "رمضان", "شوال", "ذو القعدة", "ذو الحجة",
    ),
    "ur": (
        "محرم", "صفر", "ربیع الاول", "ربیع الثانی", "جمادی الاول", "جمادی الثانی",
        "رجب", "شعبان", "رمضان", "شوال", "ذوالقعدہ", "ذوالحجہ",
    ),
}  # fmt: skip


class Month(NamedTuple):
    year: int
    number: int

    def later(self, months: int) -> "Month":
        years, left = divmod(self.number - 1 + months, MONTHS)
        return Month(self.year + years, left + 1)


class LunarDay(NamedTuple):
    year: int
    month: int
    number: int


def computed_start(month: Month) -> date:
    """The first day of a month by the Umm al-Qura calendar. Raises OverflowError outside 1344–1499."""
    if not FIRST_YEAR <= month.year <= LAST_YEAR:
        raise OverflowError(f"lunar year {month.year}")
    first = Hijri(month.year, month.number, 1).to_gregorian()
    return date(first.year, first.month, first.day)


class Moon:
    """Which day is which lunar day; `starts` are the recorded first days of months."""

    def __init__(self, starts: Mapping[tuple[int, int], date] | None = None) -> None:
        self._starts = dict(starts or {})

    def start(self, month: Month) -> date:
        """The first day of a month. Raises OverflowError outside 1344–1499."""
        return self._starts.get((month.year, month.number)) or computed_start(month)

    def length(self, month: Month) -> int:
        return (self.start(month.later(1)) - self.start(month)).days

    def day(self, year: int, month: int, number: int) -> date:
        """The day that a lunar date falls on; the 30th of a month of 29 days is the 1st of the next."""
        return self.start(Month(year, month)) + timedelta(days=number - 1)

    def lunar(self, day: date) -> LunarDay:
        """Raises OverflowError outside the lunar years 1344–1499."""
        near = Gregorian.fromdate(day).to_hijri()
        months = [Month(near.year, near.month).later(step) for step in (-1, 0, 1)]
        at = bisect_right([self.start(month) for month in months], day) - 1
        month = months[at]
        return LunarDay(month.year, month.number, (day - self.start(month)).days + 1)

    def moved(self, month: Month, starts_on: date) -> "Moon":
        """The same calendar with another first day of one month."""
        return Moon({**self._starts, (month.year, month.number): starts_on})


COMPUTED = Moon()


def month_name(number: int, language: str) -> str:
    return LUNAR_MONTHS.get(language, LUNAR_MONTHS["fa"])[number - 1]


def lunar_text(day: LunarDay, language: str) -> str:
    """`21 رمضان 1448` or `21 Ramadan 1448`, ASCII digits: the edge localises them."""
    return f"{day.number} {month_name(day.month, language)} {day.year}"
