"""Tehran days, and days as people write them in one of three calendars; the database holds UTC only."""

from datetime import UTC, date, datetime, time
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

import jdatetime

from kernel.moon import COMPUTED, Moon, lunar_text

TEHRAN = ZoneInfo("Asia/Tehran")

JALALI_MONTHS = {
    "fa": ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    "en": (
        "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
        "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
    ),
}  # fmt: skip

# Arabic as Iraq and Lebanon name the months, where most pilgrims who read it come from.
GREGORIAN_MONTHS = {
    "fa": (
        "ژانویهٔ", "فوریهٔ", "مارس", "آوریل", "مهٔ", "ژوئن", "ژوئیهٔ", "اوت", "سپتامبر", "اکتبر", "نوامبر", "دسامبر",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
    "ar": (
        "كانون الثاني", "شباط", "آذار", "نيسان", "أيار", "حزيران",
        "تموز", "آب", "أيلول", "تشرين الأول", "تشرين الثاني", "كانون الأول",
    ),
    "ur": (
        "جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر",
    ),
}  # fmt: skip


class Calendar(StrEnum):
    JALALI = "jalali"
    GREGORIAN = "gregorian"
    LUNAR = "lunar"


class Reckoning(NamedTuple):
    """How somebody counts days, where that is not as their language is used to; `moon` for who counts by it."""

    calendar: Calendar
    moon: Moon = COMPUTED


def civil_calendar(language: str) -> Calendar:
    """The one that appointments are made by in a language."""
    return Calendar.JALALI if language == "fa" else Calendar.GREGORIAN


def local_day(instant: datetime, zone: ZoneInfo = TEHRAN) -> date:
    return instant.astimezone(zone).date()


def end_of_day(day: date, zone: ZoneInfo = TEHRAN) -> datetime:
    """The first instant after `day` in `zone`, in UTC: lots are usable until then, exclusive."""
    return datetime.combine(date.fromordinal(day.toordinal() + 1), time.min, zone).astimezone(UTC)


def jalali(day: date) -> tuple[int, int, int]:
    converted = jdatetime.date.fromgregorian(date=day)
    return converted.year, converted.month, converted.day


def jalali_text(day: date, language: str) -> str:
    """`1 آذر 1405` or `1 Azar 1405`, ASCII digits: the edge localises them."""
    year, month, number = jalali(day)
    return f"{number} {JALALI_MONTHS.get(language, JALALI_MONTHS['fa'])[month - 1]} {year}"


def gregorian_text(day: date, language: str) -> str:
    """`26 November 2026`, ASCII digits: the edge localises them."""
    return f"{day.day} {GREGORIAN_MONTHS.get(language, GREGORIAN_MONTHS['en'])[day.month - 1]} {day.year}"


def day_text(day: date, language: str, reckoning: Reckoning | None = None) -> str:
    """As its reader would say it, ASCII digits. A lunar day has the civil one beside it, as the moon may still move it."""
    calendar = reckoning.calendar if reckoning else civil_calendar(language)
    if reckoning and calendar is Calendar.LUNAR:
        return f"{lunar_text(reckoning.moon.lunar(day), language)} ({day_text(day, language)})"
    return (jalali_text if calendar is Calendar.JALALI else gregorian_text)(day, language)


def day_digits(day: date, language: str, reckoning: Reckoning | None = None) -> str:
    """`1405/09/01`, `2026-11-22`, or `2026/11/22` where a dash would turn the numbers around; ASCII digits."""
    calendar = reckoning.calendar if reckoning else civil_calendar(language)
    if (civil_calendar(language) if calendar is Calendar.LUNAR else calendar) is Calendar.JALALI:
        return jalali_digits(day)
    return day.isoformat() if language == "en" else f"{day:%Y/%m/%d}"


def jalali_digits(day: date) -> str:
    """`1405/09/01`."""
    return "{:04d}/{:02d}/{:02d}".format(*jalali(day))


def jalali_month(day: date) -> tuple[date, date]:
    """The first and the last day of the Jalali month that `day` falls in."""
    year, month, number = jalali(day)
    first = date.fromordinal(day.toordinal() - number + 1)
    following = jdatetime.date(year + month // 12, month % 12 + 1, 1).togregorian()
    return first, date.fromordinal(following.toordinal() - 1)
