"""When a bank pays: working days of Iran, and the hour by which a payout stands on the shop's account.

`known` overrules everything for a day, True the banks are open, False they are closed; holidays come from `kernel.holidays`.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kernel.calendar import TEHRAN
from kernel.holidays import holiday
from kernel.moon import COMPUTED, Moon

THURSDAY, FRIDAY = 3, 4
PAID_BY = time(15)  # what a bank is given by midnight is paid by then on its next working day
LONGEST_CLOSURE = timedelta(days=60)

WEEKEND = {"fa": "آخر هفته", "en": "Weekend"}


def closed_because(
    day: date, *, thursday_works: bool, known: Mapping[date, tuple[bool, dict[str, str]]], moon: Moon = COMPUTED
) -> dict[str, str] | None:
    """Why banks are closed on `day`; None where they work. `known` maps a day to (open, why)."""
    if day in known:
        is_open, why = known[day]
        return None if is_open else why
    if day.weekday() == FRIDAY or (day.weekday() == THURSDAY and not thursday_works):
        return holiday(day, moon) or WEEKEND
    return holiday(day, moon)


def expected_at(
    cut_off: date,
    *,
    thursday_works: bool,
    known: Mapping[date, tuple[bool, dict[str, str]]],
    zone: ZoneInfo = TEHRAN,
    moon: Moon = COMPUTED,
) -> datetime:
    """By when the money of a cut-off day stands on the account: 15:00 of the next day on which banks work.

    Raises OverflowError when no bank works within sixty days, which only a wrong table of days can say.
    """
    day = cut_off + timedelta(days=1)
    while closed_because(day, thursday_works=thursday_works, known=known, moon=moon) is not None:
        day += timedelta(days=1)
        if day - cut_off > LONGEST_CLOSURE:
            raise OverflowError("no bank day within sixty days")
    return datetime.combine(day, PAID_BY, zone)
