"""Which days to come are those of which authorities reported counts in an earlier year. Pure."""

from collections.abc import Iterable
from datetime import date, timedelta

import jdatetime

from insights.reported import ReportedCount
from kernel.calendar import jalali
from kernel.moon import COMPUTED, LunarDay, Moon

NOWRUZ = timedelta(days=3)
LONGEST = timedelta(days=45)  # what was counted for months says nothing of a day


def follows_the_sun(count: ReportedCount) -> bool:
    """Whether a period is that of Nowruz; every other one is that of a feast of the lunar year."""
    if count.start is None or count.end is None:
        return False
    new_year: date = jdatetime.date(jalali(count.end)[0], 1, 1).togregorian()
    return count.start <= new_year + NOWRUZ and new_year <= count.end


def again(count: ReportedCount, first: date, last: date, moon: Moon = COMPUTED) -> tuple[date, date] | None:
    """The same days of the sun or of the moon in a later year, where some of them lie between two days."""
    if count.start is None or count.end is None or count.end - count.start > LONGEST:
        return None
    length = count.end - count.start
    for begins in _beginnings(count.start, first, last, moon, is_of_sun=follows_the_sun(count)):
        if begins > count.end and begins <= last and begins + length >= first:
            return begins, begins + length
    return None


def _beginnings(start: date, first: date, last: date, moon: Moon, *, is_of_sun: bool) -> Iterable[date]:
    """The day again in the years of two days and in those around them."""
    if is_of_sun:
        _, month, number = jalali(start)
        years = range(jalali(first)[0] - 1, jalali(last)[0] + 1)
        return [jdatetime.date(year, month, min(number, 29 if month == 12 else number)).togregorian() for year in years]
    of: LunarDay = moon.lunar(start)
    return [moon.day(year, of.month, of.number) for year in range(moon.lunar(first).year - 1, moon.lunar(last).year + 1)]
