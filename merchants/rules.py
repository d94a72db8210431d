"""What a door must know of a till before it asks the bank, and how tills are named."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from loyalty.rules import ProgrammeProfile

BASE_KEY_NAME = "50433031"  # `PC01`: the 4 bytes that name the base derivation key; the device's own 4 follow


class ShopKind(StrEnum):
    BOOKS = "books"
    CLOTHING = "clothing"
    HANDICRAFT = "handicraft"
    JEWELLERY = "jewellery"
    LODGING = "lodging"
    PRAYER_GOODS = "prayer_goods"
    RESTAURANT = "restaurant"
    SAFFRON = "saffron"
    SWEETS = "sweets"
    TRAVEL = "travel"


# For ever: purses that stand in the ledger are bound to these numbers.
KIND_NUMBERS = {
    ShopKind.BOOKS: 1,
    ShopKind.CLOTHING: 2,
    ShopKind.HANDICRAFT: 3,
    ShopKind.JEWELLERY: 4,
    ShopKind.PRAYER_GOODS: 5,
    ShopKind.RESTAURANT: 6,
    ShopKind.SAFFRON: 7,
    ShopKind.SWEETS: 8,
    ShopKind.LODGING: 9,
    ShopKind.TRAVEL: 10,
}


class TerminalProfile(Struct, frozen=True):
    """Everything a sale needs to know of its till. `programme` is None where nothing is earned.

    `valid_until` is the next instant at which a contract begins or ends: a kept copy is stale from then on.
    """

    terminal_id: int
    code: str
    acceptor_id: str
    status: str
    language: str
    initial_key_id: str
    branch_id: int
    branch_names: dict[str, str]
    merchant_id: int
    shop_wallet_id: int
    programme: ProgrammeProfile | None
    purchase_limit_rial: int | None
    city_code: str
    shop_kind: str
    accepts_credit: bool
    shop_is_open: bool
    valid_until: datetime | None
    cash_limit_rial: int | None = None  # of one business day; None = takes no cash for cards
    category: int = 0  # what a purchase here counts as for purses bound to trades and cities
    cash_discount_basis_points: int = 0  # what the contract takes off a price that is paid at once
    discounts_card_prices: bool = False  # off card prices, too
    receipt_head: dict[str, str] = {}  # language → a line of the shop's own on its receipts
    receipt_foot: dict[str, str] = {}


def category(city_id: int, kind: str) -> int:
    """The category of a purchase in a shop of this trade in this city, as the ledger counts a basket's lines."""
    return city_id * 100 + KIND_NUMBERS[ShopKind(kind)]


def terminal_code(number: int) -> str:
    """DE41, an8: `T` and seven digits; then `U`, `V` … when ten million are used up."""
    letter, rest = divmod(number, 10_000_000)
    return f"{'TUVWXYZ'[letter]}{rest:07d}"


def acceptor_id(merchant_id: int) -> str:
    """DE42, an15."""
    return f"M{merchant_id:014d}"


def initial_key_id(number: int) -> str:
    """The 8 bytes of an AES-DUKPT initial key id (ANSI X9.24-3, 6.2), hex: base key, then the device's own id."""
    return f"{BASE_KEY_NAME}{number:08x}"


def device_key_id(set_up_id: int) -> str:
    """The same for a device that set itself up: the upper half of the numbers, where no till's own number is."""
    return initial_key_id(0x8000_0000 + set_up_id)
