"""Jalali dates and Tehran days; the database holds UTC only."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import jdatetime

TEHRAN = ZoneInfo("Asia/Tehran")

JALALI_MONTHS = {
    "fa": ("فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"),
    "en": (
        "Farvardin", "Ordibehesht", "Khordad", "Tir", "Mordad", "Shahrivar",
        "Mehr", "Aban", "Azar", "Dey", "Bahman", "Esfand",
    ),
}  # fmt: skip


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


def jalali_digits(day: date) -> str:
    """`1405/09/01`."""
    return "{:04d}/{:02d}/{:02d}".format(*jalali(day))


def jalali_month(day: date) -> tuple[date, date]:
    """The first and the last day of the Jalali month that `day` falls in."""
    year, month, number = jalali(day)
    first = date.fromordinal(day.toordinal() - number + 1)
    following = jdatetime.date(year + month // 12, month % 12 + 1, 1).togregorian()
    return first, date.fromordinal(following.toordinal() - 1)
