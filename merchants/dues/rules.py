"""What may be entered and paid of a due. Pure; amounts are whole Rial."""

from datetime import date, timedelta
from enum import StrEnum

from merchants.dues.errors import MoreThanDue, MoreThanWaits, WrongDue

COLLECTOR_KIND = "collector"  # of the merchant that stands for a creditor; no kind of shop
LONGEST_WHAT = 120
LONGEST_RECEIPT = 40
LONGEST_WHY = 200
MOST_DUE_RIAL = 10**12
FURTHEST = timedelta(days=2 * 366)
EARLY, WEEK = 1000, 7  # of notices: the first of all, and the one within so many days of the day to pay by
FINE_WITHIN = timedelta(days=30)  # of the inspection


class Way(StrEnum):
    OUTSIDE = "outside"
    SETTLEMENT = "settlement"


def check_due(what: str, amount_rial: int, due_on: date, today: date) -> None:
    """Raises WrongDue that names the field."""
    faults = (
        ("what", not 0 < len(what) <= LONGEST_WHAT),
        ("amount", not 0 < amount_rial <= MOST_DUE_RIAL),
        ("due_on", not today <= due_on <= today + FURTHEST),
    )
    for field, is_wrong in faults:
        if is_wrong:
            raise WrongDue(field=field, fault=field)


def check_words(text: str, field: str, most: int) -> None:
    """Raises WrongDue."""
    if not 0 < len(text) <= most:
        raise WrongDue(field=field, fault=field)


def check_payment(amount_rial: int, left_rial: int) -> None:
    """Raises MoreThanDue, also for nothing."""
    if not 0 < amount_rial <= left_rial:
        raise MoreThanDue(field="amount", left_rial=left_rial)


def check_waits(amount_rial: int, waits_rial: int) -> None:
    """A settlement pays no due with money that the shop does not have there. Raises MoreThanWaits."""
    if amount_rial > waits_rial:
        raise MoreThanWaits(field="amount", waits_rial=max(0, waits_rial))


def notice_due(due_on: date, told_days: int | None, today: date) -> int | None:
    """Which notice is to be given: 0 from the day to pay by on, WEEK within the week before, EARLY before that; None where it was given."""
    left = (due_on - today).days
    step = 0 if left <= 0 else WEEK if left <= WEEK else EARLY
    return None if told_days is not None and told_days <= step else step
