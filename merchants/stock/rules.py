"""What may move, what a sale may take back, and what a count finds. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from merchants.stock.errors import NothingMoved


class Kind(StrEnum):
    INTAKE = "intake"
    SALE = "sale"
    RETURN = "return"
    COUNT = "count"
    LOSS = "loss"
    GIFT = "gift"
    MOVE = "move"


class CountState(StrEnum):
    COUNTING = "counting"
    COUNTED = "counted"
    POSTED = "posted"
    DISCARDED = "discarded"


@dataclass(frozen=True, slots=True)
class Line:
    """How much of a product moves, above zero; the kind of movement says which way."""

    product_id: int
    milli: int


def gathered(lines: Iterable[Line]) -> dict[int, int]:
    """Each product once, in the order in which levels are locked. Raises NothingMoved for no line and for none above zero."""
    total: Counter[int] = Counter()
    for line in lines:
        if line.milli <= 0:
            raise NothingMoved(field="quantity")
        total[line.product_id] += line.milli
    if not total:
        raise NothingMoved(field="quantity")
    return dict(sorted(total.items()))


def is_too_low(left: int, change: int, *, allows_negative: bool) -> bool:
    """Goods that come in are never refused, not even under a level that is below zero already."""
    return change < 0 and left + change < 0 and not allows_negative


def comes_to_warning(before: int, after: int, reorder_milli: int | None) -> bool:
    return reorder_milli is not None and after <= reorder_milli < before


def left_to_return(sold: Mapping[int, int], returned: Mapping[int, int]) -> dict[int, int]:
    """What of a sale may still come back, by product."""
    return {product: milli - returned.get(product, 0) for product, milli in sold.items()}
