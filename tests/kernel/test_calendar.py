from datetime import UTC, date, datetime

import pytest

from kernel.calendar import (
    Calendar,
    Reckoning,
    day_digits,
    day_text,
    end_of_day,
    jalali,
    jalali_digits,
    jalali_text,
    local_day,
)
from kernel.moon import COMPUTED, Month


def test_the_leap_day_of_1403() -> None:
    assert jalali(date(2025, 3, 20)) == (1403, 12, 30)


def test_a_tehran_day_ends_at_half_past_eight_utc_in_the_evening() -> None:
    assert end_of_day(date(2026, 11, 22)) == datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert local_day(datetime(2026, 11, 22, 20, 30, tzinfo=UTC)) == date(2026, 11, 23)


def test_dates_as_written() -> None:
    assert jalali_digits(date(2026, 11, 22)) == "1405/09/01"
    assert jalali_text(date(2026, 11, 22), "fa") == "1 آذر 1405"
    assert jalali_text(date(2026, 11, 22), "en") == "1 Azar 1405"


@pytest.mark.parametrize(
    ("language", "calendar", "text", "digits"),
    [
        ("fa", None, "1 آذر 1405", "1405/09/01"),
        ("ar", None, "22 تشرين الثاني 2026", "2026/11/22"),
        ("ur", None, "22 نومبر 2026", "2026/11/22"),
        ("en", None, "22 November 2026", "2026-11-22"),
        ("fa", Calendar.GREGORIAN, "22 نوامبر 2026", "2026/11/22"),
        ("en", Calendar.JALALI, "1 Azar 1405", "1405/09/01"),
        ("ar", Calendar.LUNAR, "12 جمادى الآخرة 1448 (22 تشرين الثاني 2026)", "2026/11/22"),
        ("fa", Calendar.LUNAR, "12 جمادی‌الثانی 1448 (1 آذر 1405)", "1405/09/01"),
    ],
)
def test_a_day_is_written_as_its_reader_counts(language: str, calendar: Calendar | None, text: str, digits: str) -> None:
    reckoning = Reckoning(calendar) if calendar else None
    assert day_text(date(2026, 11, 22), language, reckoning) == text
    assert day_digits(date(2026, 11, 22), language, reckoning) == digits


def test_the_moon_that_was_seen_counts_and_not_the_computed_one() -> None:
    month = Month(1448, 6)
    later = COMPUTED.moved(month, date.fromordinal(COMPUTED.start(month).toordinal() + 1))
    assert day_text(date(2026, 11, 22), "en", Reckoning(Calendar.LUNAR, later)) == "11 Jumada al-Thaniya 1448 (22 November 2026)"
