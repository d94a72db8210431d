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
    """The cells of one dimension as they may be shown, in the same order. What is shown is rounded."""
    hidden = hidden_among(cells)
    return tuple(_hide(cell) if index in hidden else rounded(cell) for index, cell in enumerate(cells))


def hidden_among(cells: Sequence[Cell]) -> set[int]:
    """Where cells of one dimension are hidden: those of 1…9 people, and with them the smallest that could be shown.

    Their total is published, so what is hidden can be computed together. The people of two small cells may be the same, so only a
    cell that has ten on its own makes sure that there are ten.
    """
    small = {index for index, cell in enumerate(cells) if 0 < cell.people < SMALLEST_CELL}
    others = [index for index in range(len(cells)) if cells[index].people >= SMALLEST_CELL]
    return small | {min(others, key=lambda index: cells[index].people)} if small and others else small


def publishable_total(cell: Cell) -> Cell:
    return _hide(cell) if cell.people < SMALLEST_CELL else rounded(cell)


def rounded(cell: Cell) -> Cell:
    """To the nearest five purchases and the nearest million Rial, so that two readings a moment apart tell nothing of one."""
    return replace(
        cell,
        people=rounded_count(cell.people),
        purchases=rounded_count(cell.purchases),
        amount_rial=rounded_rial(cell.amount_rial),
    )


def rounded_count(count: int) -> int:
    return _nearest(count, ROUND_COUNT_TO)


def rounded_rial(amount_rial: int) -> int:
    return _nearest(amount_rial, ROUND_RIAL_TO)


def _nearest(value: int, step: int) -> int:
    return (value + step // 2) // step * step


def _hide(cell: Cell) -> Cell:
    return Cell(cell.key, 0, 0, 0, is_hidden=True)
