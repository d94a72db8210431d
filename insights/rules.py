"""When a statistic may be published. Pure.

The measures are those of Hundepool et al., "Handbook on Statistical Disclosure Control" (ESSNet SDC, 2010), chapter 4: a threshold
rule, the p% rule, secondary suppression, rounding.

The p% rule asks how closely the second largest contributor could compute what the largest one paid: to within what all the others paid
together. That must be a quarter of it or more, which is about what "the two largest pay no more than four fifths" would ask for. The
*cover* of a cell is what the others paid, less that quarter. The covers of two cells added up are never more than the cover of both
cells together, so a sum of cells that are covered is covered, too, whoever stands in them.
"""

from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

SMALLEST_CELL = 10
ROUND_COUNT_TO = 5
ROUND_RIAL_TO = 1_000_000
PROTECTED_PERCENT = 25  # the p of the p% rule


class Cell(Struct, frozen=True):
    """One group: the people behind it, their purchases, and what they paid. Hidden cells carry zeros.

    The covers are of the amount, by who paid it and by the shops that it was paid to; below nothing, it tells the largest one's part.
    """

    key: int | str | None
    people: int
    purchases: int
    amount_rial: int
    is_hidden: bool = False
    payer_cover_rial: int = 0
    shop_cover_rial: int = 0

    @property
    def is_sensitive(self) -> bool:
        return 0 < self.people < SMALLEST_CELL or self.payer_cover_rial < 0 or self.shop_cover_rial < 0


def cover(amount_rial: int, largest_rial: Sequence[int]) -> int:
    """What covers the largest of the parts that make up an amount; the two largest of them are given, the largest first."""
    largest = largest_rial[0] if largest_rial else 0
    return amount_rial - sum(largest_rial) - -(-largest * PROTECTED_PERCENT // 100)


def publishable(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """The cells of one dimension as they may be shown, in the same order. What is shown is rounded."""
    hidden = hidden_among(cells)
    return tuple(_hide(cell) if index in hidden else rounded(cell) for index, cell in enumerate(cells))


def hidden_among(cells: Sequence[Cell]) -> set[int]:
    """Where cells of one dimension are hidden: the sensitive ones, and with them the smallest others until what is hidden is safe.

    Their total is published, so what is hidden can be computed together. The people of two small cells may be the same, so only a
    cell that has ten on its own makes sure that there are ten.
    """
    hidden = {index for index, cell in enumerate(cells) if cell.is_sensitive}
    others = sorted(
        (index for index, cell in enumerate(cells) if cell.people and index not in hidden), key=lambda index: cells[index].people
    )
    if hidden and others:
        hidden.add(others.pop(0))
        while others and any(sum(covers) < 0 for covers in zip(*(_covers(cells[index]) for index in hidden), strict=True)):
            hidden.add(others.pop(0))
    return hidden


def _covers(cell: Cell) -> tuple[int, int]:
    return cell.payer_cover_rial, cell.shop_cover_rial


def publishable_total(cell: Cell) -> Cell:
    return _hide(cell) if cell.people == 0 or cell.is_sensitive else rounded(cell)


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
