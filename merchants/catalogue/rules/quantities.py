"""Quantities: whole thousandths of a unit, so that 250 grams of a kilogram are exact. Pure."""

import re
from enum import StrEnum

from kernel.text import latin_digits
from merchants.catalogue.errors import UnknownUnit, WrongQuantity

WHOLE = 1000


class Unit(StrEnum):
    PIECE = "piece"
    PACK = "pack"
    KILOGRAM = "kilogram"
    GRAM = "gram"
    MESGHAL = "mesghal"
    METRE = "metre"
    LITRE = "litre"


SOLD_WHOLE = frozenset({Unit.PIECE, Unit.PACK})


def typed_unit(typed: str, field: str = "unit") -> Unit:
    """Raises UnknownUnit."""
    try:
        return Unit(typed)
    except ValueError:
        raise UnknownUnit(field=field) from None


def typed_quantity(typed: str, unit: str, field: str = "quantity") -> int:
    """Thousandths of a unit, not negative: `۲`, `2.5`, `2/5` as a scale writes it, `1,000`. Raises WrongQuantity."""
    text = re.sub(r"[\s\u200c]", "", latin_digits(typed)).replace("/", ".")
    text = re.sub(r"(?<=[0-9]),(?=[0-9]{3}(?:\D|$))", "", text)
    found = re.fullmatch(r"([0-9]{1,9})(?:\.([0-9]{1,3}))?", text)
    if found is None:
        raise WrongQuantity(field=field)
    milli = int(found[1]) * WHOLE + int((found[2] or "").ljust(3, "0"))
    if unit in SOLD_WHOLE and milli % WHOLE:
        raise WrongQuantity(field=field, fault="pieces")
    return milli


def quantity_text(milli: int) -> str:
    """`2500` → `2.5`, ASCII digits; the edge localises them."""
    whole, rest = divmod(abs(milli), WHOLE)
    sign = "-" if milli < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:03d}".rstrip("0") if rest else "")


def line_rial(rial_per_unit: int, milli: int) -> int:
    """The amount of a line, half a Rial rounded up."""
    return (rial_per_unit * milli + WHOLE // 2) // WHOLE
