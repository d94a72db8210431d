"""What limits a head may set. Pure."""

from msgspec import Struct

from cardbank.families.errors import WrongLimit

MOST_LIMIT_RIAL = 1_000_000_000
MOST_MEMBERS = 12


class Limits(Struct, frozen=True):
    """Rial in a day and in a Jalali month, and the kinds of shops; None and () = no limit."""

    day_rial: int | None = None
    month_rial: int | None = None
    kinds: tuple[str, ...] = ()


def check_limits(limits: Limits) -> None:
    """Raises WrongLimit (`field`); a day's limit above the month's would never bind."""
    for field, amount in (("day_rial", limits.day_rial), ("month_rial", limits.month_rial)):
        if amount is not None and not 0 < amount <= MOST_LIMIT_RIAL:
            raise WrongLimit(field=field)
    if limits.day_rial is not None and limits.month_rial is not None and limits.day_rial > limits.month_rial:
        raise WrongLimit(field="day_rial", fault="above_month")
