"""The trades of shops, and what a place is, in words."""

from typing import Any

from flask_babel import lazy_gettext as lazy

from merchants.rules import ShopKind
from portal.place_words import CATEGORIES, KINDS

SHOP_KINDS = {
    ShopKind.BOOKS: (lazy("Books"), "books"),
    ShopKind.CLOTHING: (lazy("Clothing"), "shirt"),
    ShopKind.HANDICRAFT: (lazy("Handicrafts"), "palette"),
    ShopKind.JEWELLERY: (lazy("Jewellery"), "diamond"),
    ShopKind.LODGING: (lazy("Lodging"), "bed"),
    ShopKind.TRAVEL: (lazy("Travel agency"), "map-2"),
    ShopKind.PRAYER_GOODS: (lazy("Prayer goods"), "candle"),
    ShopKind.RESTAURANT: (lazy("Restaurant"), "tools-kitchen-2"),
    ShopKind.SAFFRON: (lazy("Saffron"), "leaf"),
    ShopKind.SWEETS: (lazy("Sweets"), "cake"),
}


def kind_of(kind: str, category: str | None) -> str:
    """What a place is, as exactly as it is known; a code that nobody named stays unsaid."""
    if kind == "shop" and category in set(ShopKind):
        return str(SHOP_KINDS[ShopKind(category)][0])
    return str(CATEGORIES.get(category or "") or KINDS.get(kind, ""))


def trades() -> list[tuple[str, Any]]:
    return [(kind.value, SHOP_KINDS[kind][0]) for kind in ShopKind]
