"""Instants as people type them into forms."""

import re
from datetime import datetime, time

from kernel.calendar import TEHRAN
from kernel.errors import BadInput
from kernel.text import latin_digits
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day


def typed_moment(text: str, field: str, wrong: type[BadInput]) -> datetime | None:
    """`1405/09/05 14:30` in the reader's digits; None where nothing is typed. Raises what `wrong` says."""
    typed = latin_digits(text).strip()
    if not typed:
        return None
    day, _, clock_time = typed.partition(" ")
    hour = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])", clock_time.strip())
    if hour is None:
        raise wrong(field=field)
    try:
        return datetime.combine(typed_day(day, field), time(int(hour[1]), int(hour[2])), TEHRAN)
    except WrongDay:
        raise wrong(field=field) from None
