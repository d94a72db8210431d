"""When a statistic may be published. Pure.

The measures are those of Hundepool et al., "Statistical Disclosure Control": a threshold rule, secondary suppression, rounding.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

SMALLEST_CELL = 10
ROUND_COUNT_TO = 5
ROUND_RIAL_TO = 1_000_000


class Cell(Struct, frozen=True):
    """One group: the people behind it, their purchases, and what they paid. Hidden cells carry zeros."""

    key: int | str | None
    people: int
    purchases: int
    amount_rial: int
    is_hidden: bool = False


def publishable(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells of one dimension as they may be shown, in the same order.

    Cells of 1…9 people are hidden. Because the total is published too, the hidden ones together must be at least two cells
    and ten people: the smallest of the others are hidden with them until that holds. What is shown is rounded.
    """
    hidden = {index for index, cell in enumerate(cells) if 0 < cell.people < SMALLEST_CELL}
    others = sorted((index for index in range(len(cells)) if cells[index].people >= SMALLEST_CELL), key=lambda i: cells[i].people)
    while hidden and others and (len(hidden) < 2 or sum(cells[index].people for index in hidden) < SMALLEST_CELL):
        hidden.add(others.pop(0))
    return tuple(_hide(cell) if index in hidden else rounded(cell) for index, cell in enumerate(cells))


def publishable_total(cell: Cell) -> Cell:
    return _hide(cell) if cell.people < SMALLEST_CELL else rounded(cell)


def rounded(cell: Cell) -> Cell:
    """To the nearest five purchases and the nearest million Rial, so that two readings a moment apart tell nothing of one."""
    return replace(
        cell,
        people=_nearest(cell.people, ROUND_COUNT_TO),
        purchases=_nearest(cell.purchases, ROUND_COUNT_TO),
        amount_rial=_nearest(cell.amount_rial, ROUND_RIAL_TO),
    )


def _nearest(value: int, step: int) -> int:
    return (value + step // 2) // step * step


def _hide(cell: Cell) -> Cell:
    return Cell(cell.key, 0, 0, 0, is_hidden=True)
