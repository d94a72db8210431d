"""When a bank pays: working days of Iran, and the hour by which a payout stands on the shop's account.

Source: the official calendar of 1405 (25 holidays; the 25th of Shawwal is no longer one). Lunar dates are computed by the
Umm al-Qura calendar, from which a sighting in Iran may differ by a day: `known` overrules everything for a day, True the banks
are open, False they are closed.
"""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from hijridate import Gregorian, Hijri

from kernel.calendar import TEHRAN, jalali

THURSDAY, FRIDAY = 3, 4
PAID_BY = time(15)  # what a bank is given by midnight is paid by then on its next working day
LONGEST_CLOSURE = timedelta(days=60)

# (month, day) → why, as language → text.
JALALI_HOLIDAYS = {
    (1, 1): {"fa": "نوروز", "en": "Nowruz"},
    (1, 2): {"fa": "نوروز", "en": "Nowruz"},
    (1, 3): {"fa": "نوروز", "en": "Nowruz"},
    (1, 4): {"fa": "نوروز", "en": "Nowruz"},
    (1, 12): {"fa": "روز جمهوری اسلامی", "en": "Islamic Republic Day"},
    (1, 13): {"fa": "روز طبیعت", "en": "Nature Day"},
    (3, 14): {"fa": "رحلت امام خمینی", "en": "Passing of Imam Khomeini"},
    (3, 15): {"fa": "قیام پانزده خرداد", "en": "15 Khordad uprising"},
    (11, 22): {"fa": "پیروزی انقلاب اسلامی", "en": "Victory of the Revolution"},
    (12, 29): {"fa": "ملی شدن صنعت نفت", "en": "Oil Nationalisation Day"},
    (12, 30): {"fa": "آخرین روز سال کبیسه", "en": "Last day of the leap year"},
}
LUNAR_HOLIDAYS = {
    (1, 9): {"fa": "تاسوعا", "en": "Tasua"},
    (1, 10): {"fa": "عاشورا", "en": "Ashura"},
    (2, 20): {"fa": "اربعین", "en": "Arbaeen"},
    (2, 28): {"fa": "رحلت پیامبر و شهادت امام حسن", "en": "Passing of the Prophet, martyrdom of Imam Hasan"},
    (3, 8): {"fa": "شهادت امام حسن عسکری", "en": "Martyrdom of Imam Hasan al-Askari"},
    (3, 17): {"fa": "ولادت پیامبر و امام صادق", "en": "Birth of the Prophet and Imam al-Sadiq"},
    (6, 3): {"fa": "شهادت حضرت فاطمه", "en": "Martyrdom of Fatima"},
    (7, 13): {"fa": "ولادت امام علی", "en": "Birth of Imam Ali"},
    (7, 27): {"fa": "مبعث", "en": "Mabath"},
    (8, 15): {"fa": "ولادت امام زمان", "en": "Birth of Imam Mahdi"},
    (9, 21): {"fa": "شهادت امام علی", "en": "Martyrdom of Imam Ali"},
    (10, 1): {"fa": "عید فطر", "en": "Eid al-Fitr"},
    (10, 2): {"fa": "عید فطر", "en": "Eid al-Fitr"},
    (12, 10): {"fa": "عید قربان", "en": "Eid al-Adha"},
    (12, 18): {"fa": "عید غدیر", "en": "Eid al-Ghadir"},
}
LAST_OF_SAFAR = {"fa": "شهادت امام رضا", "en": "Martyrdom of Imam Reza"}
WEEKEND = {"fa": "آخر هفته", "en": "Weekend"}


def lunar_holiday(day: date) -> dict[str, str] | None:
    """The holiday of the lunar year that falls on `day` by the Umm al-Qura calendar. Raises OverflowError after 2077."""
    lunar = Gregorian.fromdate(day).to_hijri()
    if lunar.month == 2 and lunar.day == Hijri(lunar.year, 2, 1).month_length():
        return LAST_OF_SAFAR
    return LUNAR_HOLIDAYS.get((lunar.month, lunar.day))


def holiday(day: date) -> dict[str, str] | None:
    """Why offices are closed on `day`, whatever weekday it is; None where they are not."""
    _, month, number = jalali(day)
    return JALALI_HOLIDAYS.get((month, number)) or lunar_holiday(day)


def closed_because(
    day: date, *, thursday_works: bool, known: Mapping[date, tuple[bool, dict[str, str]]]
) -> dict[str, str] | None:
    """Why banks are closed on `day`; None where they work. `known` maps a day to (open, why)."""
    if day in known:
        is_open, why = known[day]
        return None if is_open else why
    if day.weekday() == FRIDAY or (day.weekday() == THURSDAY and not thursday_works):
        return holiday(day) or WEEKEND
    return holiday(day)


def expected_at(
    cut_off: date,
    *,
    thursday_works: bool,
    known: Mapping[date, tuple[bool, dict[str, str]]],
    zone: ZoneInfo = TEHRAN,
) -> datetime:
    """By when the money of a cut-off day stands on the account: 15:00 of the next day on which banks work.

    Raises OverflowError when no bank works within sixty days, which only a wrong table of days can say.
    """
    day = cut_off + timedelta(days=1)
    while closed_because(day, thursday_works=thursday_works, known=known) is not None:
        day += timedelta(days=1)
        if day - cut_off > LONGEST_CLOSURE:
            raise OverflowError("no bank day within sixty days")
    return datetime.combine(day, PAID_BY, zone)
