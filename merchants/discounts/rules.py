"""How much is taken off. Pure; amounts are whole Rial."""

from msgspec import Struct

WHOLE = 10_000  # basis points


class CashDue(Struct, frozen=True):
    """What a purchase by a card without money comes to: the price, and what is taken off it."""

    price_rial: int
    discount_rial: int

    @property
    def due_rial(self) -> int:
        return self.price_rial - self.discount_rial


def discount_on(price_rial: int, basis_points: int) -> int:
    """What is taken off a price, rounded down to the Rial: never more than the contract grants, and never all of it."""
    return price_rial * basis_points // WHOLE


def discount_back(discount_rial: int, paid_rial: int, returned_before_rial: int, returned_rial: int) -> int:
    """What a return changes of its sale's discount: that on what stands afterwards less that on what stood before, each in
    proportion and rounded down, so that a purchase that has wholly come back has had none.
    """
    if not discount_rial:
        return 0
    stood = paid_rial - returned_before_rial
    return discount_rial * (stood - returned_rial) // paid_rial - discount_rial * stood // paid_rial
