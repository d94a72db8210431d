"""Money is an integer of current Rial; Toman is only a way to write it."""

from typing import Literal, TypeAlias

MoneyUnit: TypeAlias = Literal["rial", "toman"]

RIAL_PER_TOMAN = 10


def grouped(number: int) -> str:
    """`1234567` → `1,234,567`, a minus sign in front where it is negative."""
    return f"{number:,}"


def in_unit(amount_rial: int, unit: MoneyUnit) -> str:
    """The digits of an amount in `unit`; Rial that do not fill a Toman stand after a point, never rounded away."""
    if unit == "rial":
        return grouped(amount_rial)
    whole, rest = divmod(abs(amount_rial), RIAL_PER_TOMAN)
    sign = "-" if amount_rial < 0 else ""
    return f"{sign}{grouped(whole)}" + (f".{rest}" if rest else "")
