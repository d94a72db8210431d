"""Words and sentences of goods, prices, stock and tags. Each fault names its remedy."""

from collections.abc import Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from kernel.languages import in_language
from merchants.catalogue.services.importing import MARK_WORDS, UNIT_WORDS
from merchants.fields.rules import PREFIX, OwnField
from portal import field_words, formats

UNITS = {
    "piece": lazy("piece"),
    "pack": lazy("pack"),
    "kilogram": lazy("kilogram"),
    "gram": lazy("gram"),
    "mesghal": lazy("mesghal"),
    "metre": lazy("metre"),
    "litre": lazy("litre"),
}

MARKS = {
    "iranian": lazy("Iranian"),
    "handicraft": lazy("Handicraft"),
    "cultural": lazy("Cultural"),
}

MOVEMENTS = {
    "intake": lazy("Delivery"),
    "sale": lazy("Sale"),
    "return": lazy("Return"),
    "count": lazy("Stocktake"),
    "loss": lazy("Loss"),
    "gift": lazy("Given away"),
    "move": lazy("To or from another branch"),
}

COUNT_STATES = {
    "counting": (lazy("Being counted"), "calm", "clock"),
    "counted": (lazy("Waits for a colleague"), "warn", "hourglass"),
    "posted": (lazy("Posted"), "good", "circle-check"),
    "discarded": (lazy("Discarded"), "bad", "ban"),
}

READER_KINDS = {
    "handheld": lazy("Handheld"),
    "door": lazy("At a door"),
    "till": lazy("At a till"),
    "ceiling": lazy("On the ceiling"),
}

COLUMNS = {
    "name_fa": lazy("Name in Persian"),
    "name_en": lazy("Name in English"),
    "code": lazy("Barcode or own code"),
    "group": lazy("Group"),
    "unit": lazy("Unit"),
    "list_rial": lazy("List price"),
    "card_rial": lazy("Card price"),
    "points": lazy("Points"),
    "marks": lazy("Marks"),
}

LABEL = {
    "list": lazy("Price:"),
    "card": lazy("With the card:"),
}

# By code, or by code and fault where the remedy differs.
SENTENCES = {
    "card_price_above_list": lazy("The card price is above the list price (%(list_rial)s Rial). Card-holders pay the same or less."),
    "code_too_long": lazy("%(text)s is too long for bars on this label. Choose a wider label, or the QR code."),
    "code_taken": lazy("%(name)s has this code. Scan the code again, or give another one."),
    "count_is_closed": lazy("This count is not at that step any more. Load the page to see where it stands now."),
    "count_is_open": lazy("This branch is being counted already. Finish or discard that count first."),
    "count_not_found": lazy("There is no such count among yours."),
    "delivery_is_received": lazy("This delivery has been received already. Enter what came later as a delivery of its own."),
    "delivery_not_found": lazy("There is no such delivery among yours."),
    "group_not_found": lazy("There is no such group among yours."),
    "group_too_deep": lazy("A tree of groups is at most %(most)s deep. Put this group higher."),
    "more_than_sold": lazy("Of %(name)s only %(left)s of this sale can still come back. Correct the quantity."),
    "no_price": lazy("This product has no price yet. Set one on its page, then scan it again."),
    "not_your_count": lazy("A colleague is counting this branch. Ask them, or wait until they have handed in."),
    "nothing_counted": lazy("Nothing has been counted yet. Scan or type at least one product."),
    "nothing_moved": lazy("Give each product once, with a quantity above zero."),
    "own_count": lazy("Whoever counted does not post the differences. Ask a colleague to look at them."),
    "price_above_ceiling": lazy("The union's ceiling is %(ceiling_rial)s Rial. Set a list price up to that."),
    "price_begins_too_early": lazy("A price begins today or later. Choose such a day, or leave it empty for now."),
    "price_begins_too_early.ends": lazy("The last day is before the first. Choose a later one, or leave it empty."),
    "price_begins_too_early.later": lazy("A price is laid down from that day or later. Take it back first, or choose a day after it."),
    "price_has_begun": lazy("This price holds already. Set a new one; it ends this one."),
    "price_not_found": lazy("There is no such price."),
    "product_list_not_found": lazy("There is no such list among yours."),
    "product_not_found": lazy("There is no such product in this shop. Scan the code again, or search by name."),
    "reader_not_found": lazy("There is no such working reader in this branch. Choose one of the list."),
    "reader_place_missing": lazy("Say where the reader stands, up to %(most)s letters."),
    "reader_refused": lazy("This reader's key is unknown or stopped. Register the reader anew."),
    "stock_reason_missing": lazy("Say in a few words why, up to %(most)s letters."),
    "stock_too_low": lazy("Of %(name)s only %(left)s are in stock. Sell fewer, or enter the missing delivery first."),
    "sweep_is_closed": lazy("This sweep is closed. Begin another one."),
    "sweep_not_found": lazy("There is no such sweep among yours."),
    "supplier_missing": lazy("Write the supplier and the number of the delivery note, up to %(most)s letters each."),
    "tag_is_bound": lazy("The tag %(number)s is on another product. Look it up by its number first."),
    "tag_of_other_goods": lazy("The tag %(number)s carries the code of other goods. Check the product's barcode, or print the tag anew."),
    "too_many_labels": lazy("At most %(most)s labels are made at a time. Make the rest afterwards."),
    "trade_group_not_found": lazy("There is no such trade group among yours."),
    "unknown_group": lazy("Choose a group of the list."),
    "unknown_group.trade": lazy("Choose a trade group of your union that has the same unit as the product."),
    "unknown_label_size": lazy("Choose a label of the list."),
    "unknown_mark": lazy("Choose marks of the list."),
    "unknown_reader_kind": lazy("Choose a kind of reader of the list."),
    "unknown_unit": lazy("Choose a unit of the list."),
    "wrong_attributes": lazy("Write one a line as name and value, for example size: S; at most %(most)s lines."),
    "wrong_barcode": lazy("A code has up to 32 letters and digits, without other signs than . _ / and -."),
    "wrong_barcode.check_digit": lazy("The last digit does not fit: with these digits it would be %(right)s. Scan or read the barcode again."),
    "wrong_barcode.looks_like_barcode": lazy("14 digits are the code of a carton. Give the code on the piece itself, or one of your own with a letter."),
    "wrong_points": lazy("Points are a whole number up to %(most)s."),
    "wrong_price": lazy("Write the price in whole Rial, above zero."),
    "wrong_tag_number": lazy("%(number)s is no tag number: 24 hex digits of an SGTIN-96, or the UID of an NFC tag. Read the tag again."),
    "wrong_quantity": lazy("Write a quantity such as 3 or 2.5, with at most three digits after the point."),
    "wrong_quantity.pieces": lazy("This product is sold whole. Write a quantity without a fraction."),
}  # fmt: skip


def sheet_row(row: Any, language: str, own: Sequence[OwnField] = ()) -> list[str | int]:
    """A product in the columns of `COLUMNS`, with words that a list may bring back."""
    product = row.product
    in_persian = language != "en"
    unit = next(word for word, unit in UNIT_WORDS.items() if unit == product.unit and word.isascii() != in_persian)
    marks = [word for word, mark in MARK_WORDS.items() if mark in product.marks and word.isascii() != in_persian]
    group = in_language(row.group_names, language) if row.group_names else ""
    prices = [row.list_rial or "", row.card_rial or ""]
    return [
        product.names.get("fa", ""), product.names.get("en", ""), product.code, group, unit, *prices, product.points, ", ".join(marks),
        *(field_words.in_sheet(field, product.fields.get(str(field.id), ""), language) for field in own),
    ]  # fmt: skip


def points_on_label(points: str) -> str:
    return _("%(points)s points", points=points)


def label_size(name: str) -> str:
    """`40x30` is a roll, `a4-3x8` a sheet of 24."""
    language = str(get_locale())
    if name.startswith("a4-"):
        columns, rows = map(int, name.removeprefix("a4-").split("x"))
        return _("A4 sheet of %(count)s", count=formats.number(columns * rows, language))
    width, height = (formats.number(side, language) for side in name.split("x"))
    return _("Roll, %(width)s by %(height)s mm", width=width, height=height)


def form_of(product: Any) -> dict[str, str]:
    """A product as its form shows it."""
    return {
        **{f"name_{language}": text for language, text in product.names.items()},
        **{f"mark_{mark}": "1" for mark in product.marks},
        "code": product.code,
        "unit": product.unit,
        "points": str(product.points),
        "group_id": str(product.group_id or ""),
        "trade_group_id": str(product.trade_group_id or ""),
        "attributes": "\n".join(f"{name}: {value}" for name, value in product.attributes.items()),
        "is_unstocked": "" if product.is_stocked else "1",
        **{f"{PREFIX}{field_id}": value for field_id, value in product.fields.items()},
    }
