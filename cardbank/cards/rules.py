"""Card numbers, states and what a card's state says about paying. Pure."""

import secrets
from datetime import date
from enum import StrEnum

from msgspec import Struct

from cardbank.reasons import Reason

PREFIX = "936400"  # 9 + country code: national use, never a bank's range (ISO/IEC 7812-1)
NUMBER_DIGITS = 19
GIFT_PRODUCT = "gift"


class CardStatus(StrEnum):
    STOCK = "stock"
    ISSUED = "issued"
    ACTIVE = "active"
    BLOCKED = "blocked"
    REPLACED = "replaced"
    EXPIRED = "expired"
    REFUNDED = "refunded"


class BlockReason(StrEnum):
    HOLDER = "holder"  # asked for by the holder, may be lifted
    LOST = "lost"
    STOLEN = "stolen"
    BANK = "bank"


TRANSITIONS: dict[CardStatus, frozenset[CardStatus]] = {
    CardStatus.STOCK: frozenset({CardStatus.ISSUED}),
    CardStatus.ISSUED: frozenset({CardStatus.ACTIVE, CardStatus.BLOCKED, CardStatus.EXPIRED, CardStatus.REFUNDED}),
    CardStatus.ACTIVE: frozenset({CardStatus.BLOCKED, CardStatus.REPLACED, CardStatus.EXPIRED, CardStatus.REFUNDED}),
    CardStatus.BLOCKED: frozenset({CardStatus.ACTIVE, CardStatus.REPLACED, CardStatus.EXPIRED, CardStatus.REFUNDED}),
    CardStatus.EXPIRED: frozenset({CardStatus.REPLACED, CardStatus.REFUNDED}),
    CardStatus.REPLACED: frozenset(),
    CardStatus.REFUNDED: frozenset(),
}

_REFUSALS = {
    CardStatus.STOCK: Reason.CARD_NOT_ACTIVATED,
    CardStatus.ISSUED: Reason.CARD_NOT_ACTIVATED,
    CardStatus.BLOCKED: Reason.CARD_BLOCKED,
    CardStatus.REPLACED: Reason.CARD_REPLACED,
    CardStatus.EXPIRED: Reason.CARD_EXPIRED,
    CardStatus.REFUNDED: Reason.CARD_REFUNDED,
}
_BLOCK_REFUSALS = {BlockReason.LOST: Reason.CARD_LOST, BlockReason.STOLEN: Reason.CARD_STOLEN}


class CardProfile(Struct, frozen=True):
    """A card as the doors see it: no number, no key. `expires_on` is the last usable day, Tehran."""

    card_id: int
    wallet_id: int | None
    member_id: int | None
    person_id: int | None
    status: CardStatus
    block_reason: BlockReason | None
    masked: str
    language: str
    expires_on: date
    uid: bytes | None
    key_version: int
    product: str
    purchase_limit_rial: int | None
    name_initial: str
    holds_money: bool = True  # False: it shows what it is entitled to, and its purchases are paid in cash


def refusal_of_state(card: CardProfile, today: date) -> Reason | None:
    """Why this card may not be used on this Tehran day; None = it may."""
    if card.status is CardStatus.BLOCKED and card.block_reason in _BLOCK_REFUSALS:
        return _BLOCK_REFUSALS[card.block_reason]
    if card.status in _REFUSALS:
        return _REFUSALS[card.status]
    return Reason.CARD_EXPIRED if card.expires_on < today else None


def refusal_of_card(card: CardProfile, today: date) -> Reason | None:
    """Why this card may neither pay nor be paid to on this Tehran day; None = it may."""
    return refusal_of_state(card, today) or (None if card.holds_money else Reason.HOLDS_NO_MONEY)


def refusal_of_filling(card: CardProfile, today: date) -> Reason | None:
    """Why no money may be put on this card outside of a till; None = it may. One that is not active yet may be filled, a gift is loaded."""
    if card.product == GIFT_PRODUCT:
        return Reason.NOT_PERMITTED_TO_CARD
    if card.status is CardStatus.ISSUED and card.holds_money:
        return None
    return refusal_of_card(card, today)


def check_digit(digits: str) -> str:
    """The Luhn digit that completes `digits` (ISO/IEC 7812-1, annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if position % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return str(-total % 10)


def is_card_number(number: str) -> bool:
    """19 ASCII digits, our prefix, right check digit."""
    return (
        len(number) == NUMBER_DIGITS
        and number.isascii()
        and number.isdigit()
        and number.startswith(PREFIX)
        and check_digit(number[:-1]) == number[-1]
    )


def new_card_number() -> str:
    body = PREFIX + f"{secrets.randbelow(10 ** (NUMBER_DIGITS - len(PREFIX) - 1)):012d}"
    return body + check_digit(body)


def masked_number(number: str) -> str:
    """First six and last four, the rest as asterisks: all that a receipt, a page or a log may show."""
    return f"{number[:6]}{'*' * (len(number) - 10)}{number[-4:]}"
