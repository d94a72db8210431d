"""The trades of shops, and what a place is, in words."""

from datetime import timedelta
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from kernel import clock
from kernel.calendar import local_day
from merchants.rules import ShopKind
from places.hours.queries import OpenState
from portal import formats
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

A_DAY = timedelta(days=1)
A_KILOMETRE = 1_000


def kind_of(kind: str, category: str | None) -> str:
    """What a place is, as exactly as it is known; a code that nobody named stays unsaid."""
    if kind == "shop" and category in set(ShopKind):
        return str(SHOP_KINDS[ShopKind(category)][0])
    return str(CATEGORIES.get(category or "") or KINDS.get(kind, ""))


def trades() -> list[tuple[str, Any]]:
    return [(kind.value, SHOP_KINDS[kind][0]) for kind in ShopKind]


def open_or_not(state: OpenState) -> str:
    """Whether it is open and when that changes, as shortly as one says it: a day is named only where it is neither today nor tomorrow."""
    language, now, changes = str(get_locale()), clock.now(), state.changes_at
    if changes is None or (state.is_open and changes - now >= A_DAY):
        return _("It is open") if state.is_open else _("Closed")
    time = formats.clock_time(changes, language)
    if state.is_open:
        return _("Open until %(time)s", time=time)
    match (local_day(changes) - local_day(now)).days:
        case 0:
            return _("Closed until %(time)s", time=time)
        case 1:
            return _("Closed until tomorrow at %(time)s", time=time)
    return _("Closed, opens %(when)s", when=formats.moment(changes, language))


def on_foot(metres: int) -> str:
    """An estimated way; in kilometres where metres would only look exact."""
    language = str(get_locale())
    if metres < A_KILOMETRE:
        return _("about %(metres)s m on foot", metres=formats.number(metres, language))
    return _("about %(km)s km on foot", km=formats.number(f"{metres / A_KILOMETRE:.1f}", language))
