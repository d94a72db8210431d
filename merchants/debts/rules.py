"""How old a debt is, what of it is left, and what may be entered. Pure; all amounts are whole Rial."""

from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from merchants.debts.errors import MoreThanOwed, WrongDebt
from merchants.till.rules import MOST_SALE_RIAL, SaleState

LONGEST_CUSTOMER = 80
LONGEST_NOTE = 200
FURTHEST = timedelta(days=3 * 366)  # of a due day from today, to either side


class Bucket(StrEnum):
    """Days since a debt was due."""

    NOT_DUE = "not_due"
    TO_30 = "to_30"
    TO_60 = "to_60"
    TO_90 = "to_90"
    OLDER = "older"


_LAST_DAYS = ((-1, Bucket.NOT_DUE), (30, Bucket.TO_30), (60, Bucket.TO_60), (90, Bucket.TO_90))


class Part(Struct, frozen=True):
    """A payment as it counts: what stands of it, and whether a card is still being asked."""

    stands_rial: int
    is_undecided: bool = False


class Owed(Struct, frozen=True):
    """What is left of a debt, and how much of that a card is being asked for at this moment."""

    left_rial: int
    asked_rial: int = 0

    @property
    def free_rial(self) -> int:
        """What may still be asked for."""
        return self.left_rial - self.asked_rial


def bucket_of(due_on: date, today: date) -> Bucket:
    """A debt that is due today is 0 days late."""
    late = (today - due_on).days
    return next((bucket for last, bucket in _LAST_DAYS if late <= last), Bucket.OLDER)


def ageing(left: Iterable[tuple[date, int]], today: date) -> dict[Bucket, int]:
    """What is left, by the days since it was due; every bucket is named."""
    sums = dict.fromkeys(Bucket, 0)
    for due_on, left_rial in left:
        sums[bucket_of(due_on, today)] += left_rial
    return sums


def part_of(state: SaleState, amount_rial: int, stands_rial: int) -> Part:
    """A payment by card, by what came of its last try: a declined or withdrawn one counts for nothing."""
    if state is SaleState.UNDECIDED:
        return Part(amount_rial, is_undecided=True)
    return Part(stands_rial)


def owed(amount_rial: int, parts: Iterable[Part]) -> Owed:
    """A debt less its payments. One whose card sale was given back in part is owed that part again."""
    paid = asked = 0
    for part in parts:
        if part.is_undecided:
            asked += part.stands_rial
        else:
            paid += part.stands_rial
    return Owed(amount_rial - paid, asked)


def check_payment(amount_rial: int, of: Owed) -> None:
    """Raises MoreThanOwed, also for nothing."""
    if not 0 < amount_rial <= of.free_rial:
        raise MoreThanOwed(field="amount", left_rial=max(0, of.free_rial))


def check_debt(customer: str, amount_rial: int, due_on: date, note: str, today: date) -> None:
    """Raises WrongDebt that names the field."""
    faults = {
        "customer": not 0 < len(customer) <= LONGEST_CUSTOMER,
        "amount": not 0 < amount_rial <= MOST_SALE_RIAL,
        "due_on": abs(due_on - today) > FURTHEST,
        "note": len(note) > LONGEST_NOTE,
    }
    for field, is_wrong in faults.items():
        if is_wrong:
            raise WrongDebt(field=field, fault=field)
