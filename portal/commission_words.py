"""Words and sentences of commissions by category of goods."""

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from portal import formats
from portal.goods_words import MARKS

BEARERS = {"shop": lazy("the shop bears it"), "network": lazy("the network bears it")}

TERM_STATES = {
    "to_come": (lazy("To come"), "calm", "calendar"),
    "in_force": (lazy("In force"), "good", "circle-check"),
    "over": (lazy("Over"), "warn", "history"),
}

SENTENCES = {
    "commission_offer_decided": lazy("This proposal is signed, refused or taken back already."),
    "commission_offer_not_found": lazy("There is no such proposal."),
    "commission_offer_waiting": lazy("A proposal for these goods waits for an answer already. Take it back first if it is wrong."),
    "own_commission_offer": lazy("The other side signs this proposal, and another person than the one who made it."),
    "term_begins_too_early": lazy("Terms that begin later are agreed for these goods already. Please choose a later first day."),
    "wrong_commission.ends_on": lazy("The last day cannot be before the first one. Leave it empty for no end."),
    "wrong_commission.goods": lazy("Choose a group of the shop's goods or a mark."),
    "wrong_commission.most": lazy("The most of one sale is an amount in Rial above zero. Leave it empty for no limit."),
    "wrong_commission.over": lazy("The last day of this proposal is over. Take it back and propose another one."),
    "wrong_commission.share": lazy("The share must be a percentage from zero to a hundred, as 3 or 1.5."),
    "wrong_commission.sold": lazy(
        "What is sold in instalments has one term for all goods. Choose all goods here, or what is paid at once."
    ),
    "wrong_commission.starts_on": lazy("The first day must be today or later, as 1405/09/15."),
}


def goods_name(goods: str, groups: Sequence[Any], language: str, *, on_instalments: bool = False) -> str:
    """A category of goods as people call it; a group with those above it."""
    if not goods:
        return str(_("All goods, in instalments") if on_instalments else _("All goods"))
    sort, _colon, name = goods.partition(":")
    if sort == "mark":
        return str(_("%(mark)s goods", mark=MARKS[name]))
    names = {group.id: formats.named(group.names, language) for group in groups}
    found = next((group for group in groups if str(group.id) == name), None)
    return " › ".join(names[step] for step in found.path) if found else str(_("A group that is gone"))


def choices(groups: Sequence[Any], language: str) -> list[tuple[str, str]]:
    """What a commission may be proposed on: the marks, and the shop's own tree."""
    codes = [f"mark:{mark}" for mark in MARKS] + [f"group:{group.id}" for group in groups]
    return [(code, goods_name(code, groups, language)) for code in codes]
