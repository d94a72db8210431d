"""What a place is, in words that need the shops' trades."""

from typing import Any

from merchants.rules import ShopKind
from portal.place_words import CATEGORIES, KINDS
from portal.words import SHOP_KINDS


def kind_of(kind: str, category: str | None) -> str:
    """What a place is, as exactly as it is known; a code that nobody named stays unsaid."""
    if kind == "shop" and category in set(ShopKind):
        return str(SHOP_KINDS[ShopKind(category)][0])
    return str(CATEGORIES.get(category or "") or KINDS.get(kind, ""))


def trades() -> list[tuple[str, Any]]:
    return [(kind.value, SHOP_KINDS[kind][0]) for kind in ShopKind]
