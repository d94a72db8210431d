"""What cards cost, where an order goes next, and what can be printed. Pure; amounts are whole Rial."""

import re
from collections.abc import Sequence
from datetime import date
from enum import StrEnum

from msgspec import Struct

from cardbank.orders.errors import (
    CardOrderStepRefused,
    WrongCardArt,
    WrongCardOrder,
    WrongCardPrices,
    WrongChips,
)

MOST_CARDS = 1_000  # of one order: its cards are made while the page waits
MOST_TIERS = 5
MOST_UNIT_RIAL, MOST_SETUP_RIAL = 100_000_000, 10_000_000_000
LONGEST_DESIGN, LONGEST_NOTE, LONGEST_WHY = 60, 200, 200
# ISO/IEC 7810 ID-1, 85.60 × 53.98 mm, at 300 dots an inch.
LEAST_DOTS = (1_011, 638)
SHAPE, SHAPE_MAY_DIFFER = 85.60 / 53.98, 0.03
_CHIP = re.compile(r"[0-9a-f]{14}")
_RECEIPT = re.compile(r"[0-9A-Z-]{4,30}")


class OrderState(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    PRODUCING = "producing"
    DELIVERED = "delivered"
    CLOSED = "closed"
    CALLED_OFF = "called_off"


NEXT: dict[OrderState, frozenset[OrderState]] = {
    OrderState.ASKED: frozenset({OrderState.CONFIRMED, OrderState.CALLED_OFF}),
    OrderState.CONFIRMED: frozenset({OrderState.PRODUCING, OrderState.CALLED_OFF}),
    OrderState.PRODUCING: frozenset({OrderState.DELIVERED}),
    OrderState.DELIVERED: frozenset({OrderState.CLOSED}),
    OrderState.CLOSED: frozenset(),
    OrderState.CALLED_OFF: frozenset(),
}


class Tier(Struct, frozen=True):
    """From so many cards on, one costs so much."""

    least: int
    unit_rial: int


class Prices(Struct, frozen=True):
    """What a list says. `setup_rial` is paid once for an order with a picture of its own."""

    starts_on: date
    setup_rial: int
    tiers: tuple[Tier, ...]


class Wish(Struct, frozen=True):
    """What an organisation orders, as it was typed and read."""

    kind: str
    count: int
    design: str
    note: str = ""


def check_prices(prices: Prices, today: date, newest_from: date | None) -> None:
    """Raises WrongCardPrices. More cards never cost more each; a list begins today or later, and after the one before."""
    if (newest_from is not None and prices.starts_on <= newest_from) or prices.starts_on < today:
        raise WrongCardPrices(field="starts_on")
    if not 0 <= prices.setup_rial <= MOST_SETUP_RIAL:
        raise WrongCardPrices(field="setup")
    if not 0 < len(prices.tiers) <= MOST_TIERS:
        raise WrongCardPrices(field="tiers")
    for place, tier in enumerate(prices.tiers):
        before = prices.tiers[place - 1] if place else Tier(0, MOST_UNIT_RIAL)
        if not before.least < tier.least <= MOST_CARDS or not 0 < tier.unit_rial <= before.unit_rial:
            raise WrongCardPrices(field="tiers")


def check_wish(wish: Wish, tiers: Sequence[Tier]) -> None:
    """Raises WrongCardOrder."""
    if not 0 < len(wish.design) <= LONGEST_DESIGN:
        raise WrongCardOrder(field="design", most=LONGEST_DESIGN)
    if len(wish.note) > LONGEST_NOTE:
        raise WrongCardOrder(field="note", most=LONGEST_NOTE)
    least = min(tier.least for tier in tiers)
    if not least <= wish.count <= MOST_CARDS:
        raise WrongCardOrder(field="count", least=least, most=MOST_CARDS)


def unit_of(tiers: Sequence[Tier], count: int) -> int:
    """What one of so many cards costs; `count` reaches the first tier."""
    return max((tier for tier in tiers if tier.least <= count), key=lambda tier: tier.least).unit_rial


def check_step(state: OrderState, wanted: OrderState) -> None:
    """Raises CardOrderStepRefused."""
    if wanted not in NEXT[state]:
        raise CardOrderStepRefused(fault=state.value)


def check_art(wide: int, high: int) -> None:
    """Raises WrongCardArt for a picture that is too coarse for a card, or not of its shape. It may stand upright."""
    across, down = max(wide, high), min(wide, high)
    if across < LEAST_DOTS[0] or down < LEAST_DOTS[1]:
        raise WrongCardArt(field="art", fault="small", wide=wide, high=high)
    if abs(across / down / SHAPE - 1) > SHAPE_MAY_DIFFER:
        raise WrongCardArt(field="art", fault="shape", wide=wide, high=high)


def typed_chips(typed: str, count: int) -> list[bytes]:
    """The chips of a delivery, one a line as readers type them. Raises WrongChips."""
    lines = [re.sub(r"[\s:-]", "", line).lower() for line in typed.splitlines() if line.strip()]
    if len(lines) != count:
        raise WrongChips(field="chips", fault="count", most=count)
    for place, line in enumerate(lines, start=1):
        if not _CHIP.fullmatch(line):
            raise WrongChips(field="chips", fault="form", line=place)
        if line in lines[: place - 1]:
            raise WrongChips(field="chips", fault="twice", line=place)
    return [bytes.fromhex(line) for line in lines]


def checked_receipt(typed: str) -> str:
    """The number of the bank's receipt as it is kept. Raises WrongCardOrder."""
    number = re.sub(r"\s", "", typed).upper()
    if not _RECEIPT.fullmatch(number):
        raise WrongCardOrder(field="receipt")
    return number
