"""What the first day of a lunar month may be."""

from datetime import date

from kernel.moon import LENGTHS, Month, Moon
from places.moon.errors import MonthTooFar, WrongMonthLength

YEARS_BEHIND, YEARS_AHEAD = 1, 2
NEAR_DAYS = 60  # a month longer than that was typed in another calendar, or is another month


def check_move(moon: Moon, month: Month, starts_on: date, today: date) -> None:
    """Raises MonthTooFar, WrongMonthLength."""
    this_year = moon.lunar(today).year
    if not (1 <= month.number <= 12 and this_year - YEARS_BEHIND <= month.year <= this_year + YEARS_AHEAD):
        raise MonthTooFar(field="month")
    moved = moon.moved(month, starts_on)
    for which, one in (("previous", month.later(-1)), ("this", month)):
        if (days := moved.length(one)) not in LENGTHS:
            raise WrongMonthLength(field="starts_on", fault=which if 0 < days < NEAR_DAYS else "far", days=days)
