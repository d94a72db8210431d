"""A shop brings its goods in bulk: read the list, show what is wrong cell by cell, take repairs, take over all or nothing.

A row whose code is known changes that product, and its empty cells keep what stands; every other row is a new product.
"""

from collections import Counter
from collections.abc import Mapping
from difflib import get_close_matches

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import DomainError
from kernel.lists import CellFault, ListHasFaults, read_list, repaired
from kernel.text import search_key
from merchants.catalogue.errors import CodeTaken, UnknownGroup, UnknownMark, UnknownUnit
from merchants.catalogue.models import Product, ProductGroup, ProductImport
from merchants.catalogue.queries import ceiling_at, groups_of, priced_products, product_list
from merchants.catalogue.rules.barcodes import gtin_check_digit, typed_code
from merchants.catalogue.rules.goods import Goods, Mark, read_goods
from merchants.catalogue.rules.prices import check_price, typed_rial
from merchants.catalogue.rules.quantities import Unit
from merchants.catalogue.services.pricing import set_price
from merchants.catalogue.services.products import add_product, change_product
from merchants.fields.queries import fields_of
from merchants.fields.rules import PREFIX, OwnField, Subject
from merchants.models import Merchant

MOST_ROWS = 1_000
COLUMNS = {
    "name_fa": ("نام کالا", "product", "name_fa"),
    "name_en": ("نام انگلیسی", "name in english", "name_en"),
    "code": ("بارکد", "barcode", "کد", "code"),
    "group": ("گروه", "group"),
    "unit": ("واحد", "unit"),
    "list_rial": ("قیمت عادی", "list price", "قیمت", "list_rial"),
    "card_rial": ("قیمت با کارت", "card price", "card_rial"),
    "points": ("امتیاز", "points"),
    "marks": ("نشان‌ها", "marks"),
}
UNIT_WORDS = {
    "عدد": Unit.PIECE, "بسته": Unit.PACK, "کیلوگرم": Unit.KILOGRAM, "کیلو": Unit.KILOGRAM, "گرم": Unit.GRAM,
    "مثقال": Unit.MESGHAL, "متر": Unit.METRE, "لیتر": Unit.LITRE,
} | {unit.value: unit for unit in Unit}  # fmt: skip
MARK_WORDS = {"ایرانی": Mark.IRANIAN, "صنایع دستی": Mark.HANDICRAFT, "فرهنگی": Mark.CULTURAL} | {mark.value: mark for mark in Mark}
_UNITS = {search_key(word): unit for word, unit in UNIT_WORDS.items()}
_MARKS = {search_key(word): mark for word, mark in MARK_WORDS.items()}


def columns_of(session: Session, merchant_id: int) -> dict[str, tuple[str, ...]]:
    """The columns of a shop's list with their headings: those that every shop has, then its own fields."""
    own = fields_of(session, merchant_id, Subject.PRODUCT)
    return COLUMNS | {
        field.key: tuple(dict.fromkeys((field.names["fa"], field.names.get("en", field.names["fa"])))) for field in own
    }


def begin_list(session: Session, actor: Actor, merchant: Merchant, content: bytes) -> ProductImport:
    """Keep a shop's list as it was typed. Raises ListNotReadable, ListTooLong."""
    rows = read_list(content, columns_of(session, merchant.id), MOST_ROWS)
    kept = ProductImport(merchant_id=merchant.id, sign_in_id=actor.account_id, rows=rows)
    session.add(kept)
    session.flush()
    audit.record(session, actor, "begin", "product_import", kept.id, after={"rows": len(rows)})
    return kept


def repair_list(session: Session, merchant: Merchant, list_id: int, cells: Mapping[tuple[int, str], str]) -> ProductImport:
    """Write other texts into cells; unknown cells are left out. Raises ProductListNotFound."""
    kept = product_list(session, merchant.id, list_id, lock=True)
    if kept.finished_at is None and cells:
        kept.rows = repaired(kept.rows, cells)
        session.flush()
    return kept


def finish_list(session: Session, actor: Actor, merchant: Merchant, list_id: int) -> tuple[int, int]:
    """Take the list over; (new products, changed ones). A list that is finished stays as it is.

    Raises ListHasFaults (facts `faults`), and then nothing of the list is taken; ProductListNotFound.
    """
    kept = product_list(session, merchant.id, list_id, lock=True)
    if kept.finished_at is not None:
        return 0, 0
    faults = faults_of(session, merchant, kept.rows)
    if faults:
        raise ListHasFaults(faults=len(faults))
    shelf = _Shelf(session, merchant, kept.rows)
    new = sum(_take(session, actor, merchant, shelf, row) for row in kept.rows)
    kept.finished_at = clock.now()
    facts = {"added": new, "changed": len(kept.rows) - new}
    audit.record(session, actor, "finish", "product_import", kept.id, after=facts)
    return new, len(kept.rows) - new


class _Shelf:
    """What a list is compared with: the shop's products by code with their prices, and its groups by name."""

    def __init__(self, session: Session, merchant: Merchant, rows: list[dict[str, str]]) -> None:
        keys = {key for row in rows if (key := key_of(row["code"]))}
        own = select(Product).where(Product.merchant_id == merchant.id, Product.code_key.in_(keys), Product.retired_at.is_(None))
        self.products = {product.code_key: product for product in session.scalars(own)}
        now, ids = clock.now(), [product.id for product in self.products.values()]
        priced = priced_products(session, merchant.id, ids, now) if ids else []
        self.prices = {row.product.id: (row.list_rial, row.card_rial) for row in priced}
        trades = {product.trade_group_id for product in self.products.values()}
        self.ceilings = {trade: ceiling_at(session, trade, now) for trade in trades if trade is not None}
        self.own: list[OwnField] = fields_of(session, merchant.id, Subject.PRODUCT)
        self.groups: dict[str, ProductGroup] = {
            search_key(name): group for group in groups_of(session, merchant.id) for name in group.names.values()
        }

    def known(self, row: Mapping[str, str]) -> Product | None:
        return self.products.get(key_of(row["code"]))


def key_of(typed: str) -> str:
    try:
        return typed_code(typed).key if typed.strip() else ""
    except DomainError:
        return ""


def _take(session: Session, actor: Actor, merchant: Merchant, shelf: _Shelf, row: Mapping[str, str]) -> bool:
    """Whether the row was a new product."""
    product = shelf.known(row)
    goods, _ = _goods(shelf, row, product)
    if goods is None:
        raise ListHasFaults(faults=1)
    if product is None:
        product, is_new = add_product(session, actor, merchant, goods), True
    else:
        change_product(session, actor, merchant, product, goods)
        is_new = False
    price = _price(shelf, row, product)
    if price is not None and price != shelf.prices.get(product.id):
        set_price(session, actor, product, *price)
    return is_new


def faults_of(session: Session, merchant: Merchant, rows: list[dict[str, str]]) -> list[CellFault]:
    """Every cell that is wrong, by row; a few reads however many rows there are."""
    shelf = _Shelf(session, merchant, rows)
    times = Counter(key for row in rows if (key := key_of(row["code"])))
    faults = []
    for number, row in enumerate(rows):
        found = _row_faults(shelf, row)
        if times[key_of(row["code"])] > 1:
            found["code"] = CodeTaken(field="code", name=row["name_fa"] or row["code"])
        faults += [
            CellFault(number, column, error, suggestion(column, row.get(column, ""), shelf.groups))
            for column, error in found.items()
        ]
    order = [*COLUMNS, *(field.key for field in shelf.own)]
    return sorted(faults, key=lambda fault: (fault.row, order.index(fault.column)))


def _row_faults(shelf: _Shelf, row: Mapping[str, str]) -> dict[str, DomainError]:
    product = shelf.known(row)
    _, faults = _goods(shelf, row, product)
    try:
        price = _price(shelf, row, product)
        if price is not None:
            check_price(*price, shelf.ceilings.get(product.trade_group_id) if product and product.trade_group_id else None)
    except DomainError as fault:
        faults[str(fault.facts["field"])] = fault
    return faults


def _goods(shelf: _Shelf, row: Mapping[str, str], product: Product | None) -> tuple[Goods | None, dict[str, DomainError]]:
    """A row as the form of a product, over what stands where its cells are empty; faults by column."""
    faults: dict[str, DomainError] = {}
    form, own = _standing(product), [field.key for field in shelf.own]
    form |= {column: row[column] for column in ("name_fa", "name_en", "code", "points", *own) if row.get(column)}
    if row["unit"]:
        unit = _UNITS.get(search_key(row["unit"]))
        form["unit"] = unit or Unit.PIECE
        if unit is None:
            faults["unit"] = UnknownUnit(field="unit")
    if row["group"]:
        group = shelf.groups.get(search_key(row["group"]))
        form["group_id"] = str(group.id) if group else ""
        if group is None:
            faults["group"] = UnknownGroup(field="group")
    if row["marks"]:
        words = [search_key(word) for word in row["marks"].replace("،", ",").split(",") if word.strip()]
        form |= {f"mark_{mark}": "1" if mark in {_MARKS.get(word) for word in words} else "" for mark in Mark}
        if not set(words) <= set(_MARKS):
            faults["marks"] = UnknownMark(field="marks")
    goods, wrong = read_goods(form, shelf.own)
    faults = {column: fault for column, fault in wrong.items() if column in (*COLUMNS, *own)} | faults
    return (None if faults else goods), faults


def _standing(product: Product | None) -> dict[str, str]:
    if product is None:
        return {"name_fa": "", "code": ""}
    return {
        **{f"name_{language}": text for language, text in product.names.items()},
        **{f"mark_{mark}": "1" for mark in product.marks},
        "code": product.code, "unit": product.unit, "points": str(product.points), "group_id": str(product.group_id or ""),
        "trade_group_id": str(product.trade_group_id or ""), "is_unstocked": "" if product.is_stocked else "1",
        "attributes": "\n".join(f"{name}: {value}" for name, value in product.attributes.items()),
        **{f"{PREFIX}{field_id}": value for field_id, value in product.fields.items()},
    }  # fmt: skip


def _price(shelf: _Shelf, row: Mapping[str, str], product: Product | None) -> tuple[int, int] | None:
    """(list, card) of a row; None where it says nothing of prices. A missing card price is the list price."""
    if not (row["list_rial"] or row["card_rial"]):
        return None
    standing = shelf.prices.get(product.id, (None, None))[0] if product else None
    list_rial = typed_rial(row["list_rial"], "list_rial") if row["list_rial"] or standing is None else standing
    return list_rial, typed_rial(row["card_rial"], "card_rial") if row["card_rial"] else list_rial


def suggestion(column: str, typed: str, groups: Mapping[str, ProductGroup]) -> str:
    """What may be meant: the right check digit, the nearest unit or group."""
    if column == "code":
        digits = "".join(filter(str.isdigit, typed))
        return digits[:-1] + str(gtin_check_digit(digits[:-1])) if digits.isascii() and len(digits) in (8, 12, 13) else ""
    known = {"unit": _UNITS, "group": groups}.get(column)
    near = get_close_matches(search_key(typed), known, n=1, cutoff=0.5) if known else []
    return near[0] if near else ""
