"""Words and sentences of quotas. Each fault names its remedy."""

from typing import Any

from flask_babel import lazy_gettext as lazy

from merchants.catalogue.rules.quantities import quantity_text

UNITS = {
    "kilogram": lazy("kilogram"),
    "litre": lazy("litre"),
    "sack": lazy("sack"),
    "cylinder": lazy("cylinder"),
    "pack": lazy("pack"),
    "piece": lazy("piece"),
}
WAYS = {"equal": lazy("In equal parts"), "size": lazy("By size"), "amount": lazy("By a list of amounts")}
RECEIPTS = {
    "given": (lazy("Waits for the shop's word"), "warn", "clock"),
    "confirmed": (lazy("Confirmed"), "good", "circle-check"),
    "taken_back": (lazy("Taken back"), "calm", "ban"),
}
LEFT_OUT = {
    "suspended": (lazy("None: suspended"), "bad", "ban"),
    "closed": (lazy("None: closed"), "bad", "ban"),
    "licence_ended": (lazy("None: the licence has ended"), "bad", "id"),
    "too_small": (lazy("None: less than the smallest part"), "warn", "info-circle"),
}
SHARES = {
    "left": (lazy("To be taken"), "calm", "hourglass"),
    "taken": (lazy("Taken"), "good", "circle-check"),
    "fallen": (lazy("Not taken in time"), "warn", "history"),
}
SHOWN = {"left": lazy("Not taken yet"), "unconfirmed": lazy("Waiting for the shop's word"), "none": lazy("With none")}
COLUMNS = {
    "shop": lazy("Shop number"),
    "licence_number": lazy("Guild licence id"),
    "name": lazy("Shop"),
    "size": lazy("Size"),
    "amount": lazy("Quantity"),
}

SHEET = (
    lazy("Shop number"), lazy("Shop"), lazy("How it is shared out"), lazy("From"), lazy("Until"), lazy("Share"), lazy("Handed out"),
    lazy("Left over"), lazy("Fell back"), lazy("Why none"),
)  # fmt: skip

SENTENCES = {
    "hand_out_decided": lazy("This hand-out was confirmed or taken back before. Load the page again to see it."),
    "hand_out_not_found": lazy("There is no such hand-out."),
    "more_than_free": lazy("Only %(free)s of the quota can still be shared out. Share out less, or wait for what is not taken."),
    "more_than_share": lazy("Only %(left)s of this share is left. Hand out that much or less."),
    "nobody_to_share_with": lazy(
        "No shop would get anything: make the smallest part smaller, share out more, or look at which shops are active."
    ),
    "quota_not_found": lazy("There is no such quota."),
    "quota_window_closed.early": lazy("This share cannot be taken yet: its first day is still to come."),
    "quota_window_closed.over": lazy("The last day of this share is over and what was left has fallen back. Share it out again."),
    "shop_gets_none.closed": lazy("This shop is closed and gets none. Write 0."),
    "shop_gets_none.licence_ended": lazy("The licence of this shop has ended, so it gets none until the union renews it."),
    "shop_gets_none.suspended": lazy("This shop is suspended and gets none until it works again."),
    "wrong_quota.document": lazy("Write the number of the shop's paper, in up to forty characters."),
    "wrong_quota.ends_on": lazy(
        "The last day comes after the first one, is not over yet, and lies within two years. Write it as 1406/06/31."
    ),
    "wrong_quota.longer": lazy(
        "The new last day must be later than the one that stands, and within two years of the first. Write it as 1406/06/31."
    ),
    "wrong_quota.name_en": lazy("The English name has up to eighty characters. It may be left empty."),
    "wrong_quota.name_fa": lazy("Write the name of the goods in Persian, in up to eighty characters."),
    "wrong_quota.opens_on": lazy(
        "The first day of the window is today or later and within the quota's period. Write it as 1406/06/31."
    ),
    "wrong_quota.price": lazy(
        "The official price of one unit is an amount in Rial above zero. Leave it empty where none is fixed."
    ),
    "wrong_quota.shop": lazy("No shop of your union has this number or licence. Write the shop's number as in the sample."),
    "wrong_quota.step": lazy("The smallest part must be above zero."),
    "wrong_quota.twice": lazy("This shop stands twice in the list. Clear one of its rows."),
    "wrong_quota.unit": lazy("Choose the unit."),
    "wrong_quota.unread": lazy("Write a quantity above zero such as 40000 or 2.5."),
    "wrong_quota.until": lazy(
        "The last day of the window is not before its first and within the quota's period. Write it as 1406/06/31."
    ),
    "wrong_quota.whole": lazy("Sacks, cylinders, packs and pieces are counted whole. Write a quantity without a fraction."),
    "wrong_quota.why": lazy("Please write why, in up to two hundred characters."),
}


def plain_quantity(milli: int) -> str:
    """For a sheet, which takes separated thousands for text."""
    return quantity_text(milli).replace(",", "")


def state_of(row: Any) -> str:
    """Of a share that is one: what is left of it, or whether it was taken or not in time."""
    if row.left:
        return "left"
    return "fallen" if row.share.fallen else "taken"
