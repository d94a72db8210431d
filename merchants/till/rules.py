"""Baskets, takings and cash-ups. Pure; all amounts are whole Rial."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.structs import replace

from cardbank.cards.rules import is_card_number
from cardbank.ledger.types import Earn
from cardbank.outcomes import Outcome
from kernel.text import latin_digits
from merchants.discounts.rules import discount_on
from merchants.till.errors import BasketTooLarge, DifferenceUnexplained, EmptyBasket, WrongLine

MOST_LINES = 60
MOST_COUNT = 9_999
LONGEST_TEXT = 60
MOST_SALE_RIAL = 999_999_999_999  # what a card message can carry
MOST_CASH_RIAL = 10**13
ROUND_RIAL, MOST_ROUND_DIGITS = 1_000, 10


class Line(Struct, frozen=True):
    """One line of a basket: `count` units at `each_rial`. `product_id` and `code` where the catalogue knows it.

    `list_rial` is what one costs without a card, where that is more; `off_rial` is what the contract takes off the whole line
    where it is paid at once.
    """

    text: str
    count: int
    each_rial: int
    product_id: int | None = None
    code: str = ""
    list_rial: int | None = None
    off_rial: int = 0

    @property
    def amount_rial(self) -> int:
        return self.count * self.each_rial

    @property
    def at_once_rial(self) -> int:
        """What the line comes to where it is paid at once."""
        return self.amount_rial - self.off_rial

    @property
    def public_rial(self) -> int:
        """What the line costs without a card."""
        return self.count * (self.list_rial or self.each_rial)


class SaleState(StrEnum):
    """What has come of a sale, read from the ledger."""

    UNDECIDED = "undecided"
    PAID = "paid"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class Takings(Struct, frozen=True):
    """What a shift's standing sales were paid with, what was given back, and the cash taken for cards, for debts and for sales."""

    sales: int = 0
    card_rial: int = 0
    credit_rial: int = 0
    gift_rial: int = 0
    returned_rial: int = 0
    top_up_rial: int = 0
    debt_rial: int = 0
    cash_sale_rial: int = 0


def check_basket(lines: list[Line]) -> int:
    """The total of a basket. Raises EmptyBasket, WrongLine, BasketTooLarge."""
    if not lines:
        raise EmptyBasket(field="lines")
    if len(lines) > MOST_LINES:
        raise BasketTooLarge(field="lines")
    for number, line in enumerate(lines, start=1):
        faults = {
            "text": len(line.text) > LONGEST_TEXT,
            "card": is_card_number("".join(latin_digits(line.text).split())),
            "count": not 0 < line.count <= MOST_COUNT,
            "amount": not 0 < line.each_rial <= MOST_SALE_RIAL,
        }
        for fault, is_wrong in faults.items():
            if is_wrong:
                raise WrongLine(field="lines", line=number, fault=fault)
    total = sum(line.amount_rial for line in lines)
    if total > MOST_SALE_RIAL:
        raise BasketTooLarge(field="lines")
    return total


def price_said(typed: str) -> int | None:
    """The price that is meant by digits which no goods bear: a round sum, as prices are and codes of goods hardly ever."""
    is_price = typed.isascii() and typed.isdigit() and len(typed) <= MOST_ROUND_DIGITS and int(typed) % ROUND_RIAL == 0
    return int(typed) or None if is_price else None


def discounted(lines: Sequence[Line], basis_points: int, *, card_prices: bool) -> list[Line]:
    """The lines with what the contract takes off each; goods at a card price have it only where the contract says so."""
    return [
        replace(line, off_rial=discount_on(line.amount_rial, basis_points) if card_prices or line.list_rial is None else 0)
        for line in lines
    ]


def undiscounted(lines: Iterable[Line]) -> list[Line]:
    """The lines as they were rung up."""
    return [replace(line, off_rial=0) for line in lines]


def price_back(lines: Sequence[Line], counts: Mapping[int, int], *, at_once: bool) -> int:
    """What the pieces that come back had cost, by line of their basket; of a discounted line in proportion, rounded down."""
    return sum(
        (lines[place].at_once_rial if at_once else lines[place].amount_rial) * count // lines[place].count
        for place, count in counts.items()
    )


def state_of(outcome: Outcome | None) -> SaleState:
    if outcome is None:
        return SaleState.UNDECIDED
    if outcome.is_withdrawn or outcome.is_reversed:
        return SaleState.WITHDRAWN
    return SaleState.PAID if outcome.is_approved else SaleState.DECLINED


def takings_of(
    outcomes: list[Outcome], returned_rial: int, top_up_rial: int, debt_rial: int = 0, cash_sales: Sequence[int] = ()
) -> Takings:
    """The totals of a shift, of the outcomes of its sales and what else its till booked meanwhile."""
    paid = [one for one in outcomes if state_of(one) is SaleState.PAID]
    return Takings(
        sales=len(paid) + len(cash_sales),
        card_rial=sum(one.card_rial for one in paid),
        credit_rial=sum(one.credit_rial for one in paid),
        gift_rial=sum(one.gift_rial for one in paid),
        returned_rial=returned_rial,
        top_up_rial=top_up_rial,
        debt_rial=debt_rial,
        cash_sale_rial=sum(cash_sales),
    )


def expected_cash(opening_rial: int, takings: Takings) -> int:
    """The cash that should be in the drawer: sales and returns by card move none, and a drawer never holds less than nothing."""
    return max(0, opening_rial + takings.top_up_rial + takings.debt_rial + takings.cash_sale_rial)


def check_count(counted_rial: int, expected_rial: int, why: str) -> None:
    """Raises DifferenceUnexplained where the drawer differs and nobody says why."""
    if counted_rial != expected_rial and not why:
        raise DifferenceUnexplained(field="why", expected_rial=expected_rial, counted_rial=counted_rial)


def most_earned(earns: tuple[Earn, ...], amount_rial: int) -> int:
    """What a purchase gives at most: where all of it is paid by the card's money."""
    return sum(min(one.most, amount_rial * one.basis_points // 10_000 + one.fixed) for one in earns)


def content_hash(*facts: object) -> int:
    """First 8 bytes of SHA-256 over what is asked, so that one key is never used for two things."""
    said = "\x1f".join(fact.hex() if isinstance(fact, bytes) else str(fact) for fact in facts)
    return int.from_bytes(hashlib.sha256(said.encode()).digest()[:8], signed=True)
