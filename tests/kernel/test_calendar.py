from datetime import UTC, date, datetime

from kernel.calendar import end_of_day, jalali, jalali_digits, jalali_text, local_day


def test_the_leap_day_of_1403() -> None:
    assert jalali(date(2025, 3, 20)) == (1403, 12, 30)


def test_a_tehran_day_ends_at_half_past_eight_utc_in_the_evening() -> None:
    assert end_of_day(date(2026, 11, 22)) == datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert local_day(datetime(2026, 11, 22, 20, 30, tzinfo=UTC)) == date(2026, 11, 23)


def test_dates_as_written() -> None:
    assert jalali_digits(date(2026, 11, 22)) == "1405/09/01"
    assert jalali_text(date(2026, 11, 22), "fa") == "1 آذر 1405"
    assert jalali_text(date(2026, 11, 22), "en") == "1 Azar 1405"
