"""Goods of the demonstration's first shop: a tree, products with a year of prices, the union's ceiling over one, and stock."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import clock
from kernel.audit import Actor
from merchants.catalogue.models import Product, TradeGroup
from merchants.catalogue.queries import branches_of
from merchants.catalogue.rules.goods import read_goods
from merchants.catalogue.services.pricing import add_trade_group, set_ceiling, set_price
from merchants.catalogue.services.products import add_group, add_product
from merchants.fields.queries import told
from merchants.fields.rules import OwnField, typed_definition
from merchants.fields.services import add_field, say_of_branch
from merchants.models import Merchant
from merchants.stock.rules import Line
from merchants.stock.services.counting import begin_count, count_goods, hand_in_count
from merchants.stock.services.moving import set_warning
from merchants.stock.services.receiving import enter_delivery, receive_delivery

SEED = Actor.system("seed")
GROUPS = (
    ("saffron", "زعفران", "Saffron"),
    ("souvenir", "سوغات", "Souvenirs"),
    ("craft", "صنایع دستی", "Handicrafts"),
)
# (group, Persian, English, unit, code, marks, points, (list price, card price) a year ago, then 200 and 60 days ago)
GOODS = (
    ("saffron", "زعفران سرگل یک مثقالی", "Sargol saffron, one mesghal", "mesghal", "6260000000019", "iranian", 12, ((9_800_000, 9_500_000), (11_200_000, 10_900_000), (12_400_000, 11_900_000))),
    ("saffron", "زعفران دسته نیم‌مثقالی", "Bunch saffron, half a mesghal", "pack", "6260000000026", "iranian", 5, ((4_100_000, 4_100_000), (4_700_000, 4_550_000), (5_100_000, 4_900_000))),
    ("souvenir", "نبات شاخه‌ای زعفرانی", "Saffron rock candy on a stick", "pack", "6260000000033", "iranian", 2, ((850_000, 800_000), (980_000, 930_000), (1_150_000, 1_080_000))),
    ("souvenir", "زرشک دانه‌اناری", "Barberries, pomegranate kind", "kilogram", "", "iranian", 4, ((2_900_000, 2_800_000), (3_300_000, 3_200_000), (3_700_000, 3_550_000))),
    ("souvenir", "مهر و تسبیح تربت", "Prayer clay and beads", "piece", "6260000000040", "cultural", 1, ((450_000, 420_000), (520_000, 480_000), (600_000, 560_000))),
    ("craft", "انگشتر فیروزهٔ نیشابور", "Turquoise ring of Neyshabur", "piece", "", "iranian handicraft", 40, ((28_000_000, 26_500_000), (31_000_000, 29_500_000), (36_500_000, 34_000_000))),
    ("craft", "کاسهٔ سفال میناکاری", "Enamelled pottery bowl", "piece", "", "iranian handicraft cultural", 15, ((7_400_000, 7_000_000), (8_200_000, 7_800_000), (9_600_000, 9_100_000))),
)  # fmt: skip
# Fields of the shop's own: what they are of, their name and kind; with what the first goods, and the page, say in them.
FIELDS = (
    ({"subject": "product", "name_fa": "وزن خالص به گرم", "name_en": "Net weight in grams", "kind": "number", "is_public": "1", "is_on_label": "1"}, ("4.6", "2.3")),
    ({"subject": "product", "name_fa": "بسته‌بندی هدیه", "name_en": "Gift wrapping", "kind": "yes_no", "is_public": "1"}, ("yes", "no")),
    ({"subject": "page", "name_fa": "سال آغاز کار (نمونه)", "name_en": "In business since (sample)", "kind": "number", "is_public": "1"}, ("1371",)),
)  # fmt: skip
DAYS_AGO = (360, 200, 60)
CEILING_RIAL = 12_600_000
SUPPLIER = "تعاونی زعفران نمونه"


def seed_goods(session: Session, merchant: Merchant) -> list[Product]:
    """Once, with the shop; the ceiling leaves room above the price that stands."""
    ceiling = _ceiling(session, merchant)
    groups = {
        code: add_group(session, SEED, merchant.id, {"name_fa": persian, "name_en": english}).id
        for code, persian, english in GROUPS
    }
    own = [told(add_field(session, SEED, merchant.id, typed_definition(typed))) for typed, _ in FIELDS]
    of_page = {str(field.id): said[0] for field, (_, said) in zip(own, FIELDS, strict=True) if field.subject == "page"}
    say_of_branch(session, SEED, branches_of(session, merchant.id)[0], of_page)
    made: list[Product] = []
    for group, persian, english, unit, code, marks, points, prices in GOODS:
        typed = {
            "name_fa": persian, "name_en": english, "unit": unit, "code": code, "points": str(points),
            "group_id": str(groups[group]), **{f"mark_{mark}": "1" for mark in marks.split()},
        }  # fmt: skip
        typed |= _said(own, len(made))
        if ceiling is not None and unit == ceiling.unit:
            typed["trade_group_id"] = str(ceiling.id)
        goods, faults = read_goods(typed, [field for field in own if field.subject == "product"])
        if goods is None:
            raise ValueError(f"{english}: {faults}")
        product = add_product(session, SEED, merchant, goods)
        _price(session, product, prices)
        made.append(product)
    return made


def seed_stock(session: Session, counter: Identity, made: list[Product]) -> None:
    """One delivery taken in, one on its way, a warning that is due, and a count that waits for a colleague."""
    branch, *_ = branches_of(session, made[0].merchant_id)
    lines = [Line(product.id, 24_000) for product in made]
    first = enter_delivery(session, SEED, branch.id, SUPPLIER, "1405/1182", lines, str(uuid4()))
    receive_delivery(session, SEED, first, {made[-1].id: 20_000})
    enter_delivery(session, SEED, branch.id, SUPPLIER, "1405/1207", lines[:3], str(uuid4()))
    set_warning(session, SEED, branch.id, made[1].id, 30_000)
    count = begin_count(session, counter, branch)
    count_goods(session, counter, count, [Line(product.id, 24_000) for product in made[:-1]])
    hand_in_count(session, counter, count, rest_is_none=False)


def _said(own: list[OwnField], number: int) -> dict[str, str]:
    """What the product of this number says in the shop's own fields."""
    return {
        field.key: said[number]
        for field, (_, said) in zip(own, FIELDS, strict=True)
        if field.subject == "product" and number < len(said)
    }


def _price(session: Session, product: Product, prices: tuple[tuple[int, int], ...]) -> None:
    now = clock.now()
    for days, (list_rial, card_rial) in zip(DAYS_AGO, prices, strict=True):
        with clock.frozen(now - timedelta(days=days)):
            set_price(session, SEED, product, list_rial, card_rial)


def _ceiling(session: Session, merchant: Merchant) -> TradeGroup | None:
    if merchant.union_id is None:
        return None
    names = {"name_fa": "زعفران سرگل", "name_en": "Sargol saffron", "unit": "mesghal"}
    group = add_trade_group(session, SEED, merchant.union_id, names)
    with clock.frozen(clock.now() - timedelta(days=180)):
        set_ceiling(session, SEED, group, CEILING_RIAL)
    return group
