"""What the reference of a receipt (DE37) says by itself."""

from datetime import date, timedelta


def day_of_reference(reference: str, today: date) -> date:
    """The business day in a reference: last digit of the year, day of the year; the latest that is not ahead."""
    year = today.year + 1
    while year % 10 != int(reference[0]):
        year -= 1
    day = date(year, 1, 1) + timedelta(days=int(reference[1:4]) - 1)
    return day if day <= today + timedelta(days=1) else day.replace(year=year - 10)
