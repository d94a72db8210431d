"""What of a saving still stands, and how purchases make up months and trips. Pure; amounts are whole Rial."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from kernel.calendar import jalali_month

PAUSE = timedelta(days=7)


class By(StrEnum):
    MONTH = "month"
    TRIP = "trip"


class Sums(Struct, frozen=True):
    """What purchases saved. `earned_rial` is credit for another time, and no part of `saved_rial`."""

    purchases: int = 0
    prices_rial: int = 0
    discounts_rial: int = 0
    credit_rial: int = 0
    earned_rial: int = 0

    @property
    def saved_rial(self) -> int:
        return self.prices_rial + self.discounts_rial + self.credit_rial


class Saving(Struct, frozen=True):
    """One purchase, of `paid_rial` in all. `price_rial` and `discount_rial` are what it had saved before anything came back; of credit
    stands only what still does. Without an entry it was paid in cash, by who showed a discount card.
    """

    business_date: date
    entry_id: int | None
    decided_at: datetime
    terminal_id: int | None
    paid_rial: int
    returned_rial: int
    price_rial: int
    discount_rial: int
    credit_rial: int
    earned_rial: int
    is_reversed: bool = False

    @property
    def sums(self) -> Sums:
        """What it saved, of what was not given back."""
        if self.is_reversed:
            return Sums()
        price, discount = (stands(one, self.paid_rial, self.returned_rial) for one in (self.price_rial, self.discount_rial))
        return Sums(1, price, discount, self.credit_rial, self.earned_rial)

    @property
    def saved_rial(self) -> int:
        return self.sums.saved_rial

    @property
    def cheaper_rial(self) -> int:
        """By how much its goods cost less than without the card, before anything came back."""
        return self.price_rial + self.discount_rial


class Period(Struct, frozen=True):
    """The first and the last day, and what was saved from the one to the other."""

    first: date
    last: date
    sums: Sums


def stands(saved_rial: int, paid_rial: int, returned_rial: int) -> int:
    """What a saving comes to once a part of the purchase has come back: in proportion, rounded down, nothing where all has."""
    return saved_rial * (paid_rial - returned_rial) // paid_rial


def total(savings: Iterable[Saving]) -> Sums:
    sums = [one.sums for one in savings]
    return Sums(*(sum(getattr(one, name) for one in sums) for name in Sums.__struct_fields__))


def periods(savings: Sequence[Saving], by: By) -> list[Period]:
    """The newest first; `savings` as they were read, the newest first."""
    grouped: list[list[Saving]] = []
    belongs = _BELONGS[by]
    for one in savings:
        if grouped and belongs(one.business_date, grouped[-1][-1].business_date):
            grouped[-1].append(one)
        else:
            grouped.append([one])
    return [Period(*_days(group, by), total(group)) for group in grouped]


_BELONGS: dict[By, Callable[[date, date], bool]] = {
    By.MONTH: lambda day, later: jalali_month(day) == jalali_month(later),
    By.TRIP: lambda day, later: later - day < PAUSE,
}


def _days(group: Sequence[Saving], by: By) -> tuple[date, date]:
    return jalali_month(group[0].business_date) if by is By.MONTH else (group[-1].business_date, group[0].business_date)
