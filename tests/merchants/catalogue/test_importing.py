import csv
from io import StringIO

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.lists import ListHasFaults, ListTooLong
from merchants.catalogue import errors, queries
from merchants.catalogue.models import Price, Product
from merchants.catalogue.queries import Sought
from merchants.catalogue.services import importing, products
from tests.factories import ACTOR
from tests.merchants.catalogue import goods
from tests.portal.conftest import statements_sent


@pytest.fixture
def shop(session: Session) -> goods.Shop:
    return goods.shop(session)


def row(**cells: str) -> dict[str, str]:
    return {
        "name_fa": "نبات",
        "code": goods.ean13(),
        "unit": "بسته",
        "list_rial": "۸۵۰٬۰۰۰",
        "card_rial": "800000",
        "points": "۲",
        "marks": "ایرانی، فرهنگی",
    } | cells


def as_csv(rows: list[dict[str, str]]) -> bytes:
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([titles[0] for titles in importing.COLUMNS.values()])
    writer.writerows([one.get(column, "") for column in importing.COLUMNS] for one in rows)
    return text.getvalue().encode("utf-8-sig")


def begin(session: Session, at: goods.Shop, rows: list[dict[str, str]]) -> int:
    return importing.begin_list(session, at.owner.actor, at.merchant, as_csv(rows)).id


def finish(session: Session, at: goods.Shop, list_id: int) -> tuple[int, int]:
    return importing.finish_list(session, at.owner.actor, at.merchant, list_id)


def listed(session: Session, at: goods.Shop) -> list[queries.ProductRow]:
    return queries.products_page(session, at.merchant.id, clock.now(), Sought(), limit=100)


def test_new_lines_become_products_with_prices(session: Session, shop: goods.Shop) -> None:
    group = products.add_group(session, ACTOR, shop.merchant.id, {"name_fa": "سوغات"})
    list_id = begin(session, shop, [row(group="سوغات"), row(code="", card_rial="", marks="")])
    assert finish(session, shop, list_id) == (2, 0)
    assert finish(session, shop, list_id) == (0, 0)
    first, second = sorted(listed(session, shop), key=lambda one: one.product.id)
    assert (first.product.unit, first.product.points, first.product.marks) == ("pack", 2, ["iranian", "cultural"])
    assert (first.product.group_id, first.list_rial, first.card_rial) == (group.id, 850_000, 800_000)
    assert (second.product.code_kind, second.card_rial) == ("own", 850_000)


def test_a_known_code_changes_what_is_said_and_keeps_the_rest(session: Session, shop: goods.Shop) -> None:
    product = goods.product(
        session, shop, name_fa="پیراهن", attributes="size: S", mark_handicraft="1", list_rial=100_000, card_rial=90_000
    )
    list_id = begin(session, shop, [{"code": product.code, "list_rial": "120000", "card_rial": "110000"}])
    assert finish(session, shop, list_id) == (0, 1)
    [only] = listed(session, shop)
    assert (only.product.names["fa"], only.product.attributes, only.product.marks) == ("پیراهن", {"size": "S"}, ["handicraft"])
    assert (only.list_rial, only.card_rial) == (120_000, 110_000)
    prices = session.scalar(select(func.count()).select_from(Price))
    finish(session, shop, begin(session, shop, [{"code": product.code, "list_rial": "120000", "card_rial": "110000"}]))
    assert session.scalar(select(func.count()).select_from(Price)) == prices  # the same price begins no new one


def test_each_wrong_cell_is_named_and_nothing_is_taken_before_all_is_right(session: Session, shop: goods.Shop) -> None:
    assert shop.merchant.union_id
    products.add_group(session, ACTOR, shop.merchant.id, {"name_fa": "زعفران"})
    held = goods.trade_group(session, shop.merchant.union_id, 500_000)
    capped = goods.product(session, shop, list_rial=400_000, trade_group_id=str(held.id))
    twice = goods.ean13()
    rows = [
        row(code="6291041500214", unit="بستە", group="زعفرن"), row(name_fa="", list_rial="x", marks="زیبا"), row(code=twice), row(code=twice),
        row(card_rial="900000"), {"code": capped.code, "list_rial": "600000"},
    ]  # fmt: skip
    faults = importing.faults_of(session, shop.merchant, [dict.fromkeys(importing.COLUMNS, "") | one for one in rows])
    assert [(fault.row, fault.column, type(fault.error)) for fault in faults] == [
        (0, "code", errors.WrongBarcode), (0, "group", errors.UnknownGroup), (0, "unit", errors.UnknownUnit),
        (1, "name_fa", faults[3].error.__class__), (1, "list_rial", errors.WrongPrice), (1, "marks", errors.UnknownMark),
        (2, "code", errors.CodeTaken), (3, "code", errors.CodeTaken),
        (4, "card_rial", errors.CardPriceAboveList), (5, "list_rial", errors.PriceAboveCeiling),
    ]  # fmt: skip
    assert [fault.suggestion for fault in faults[:3]] == ["6291041500213", "زعفران", "بسته"]
    list_id = begin(session, shop, [row(), row(code="6291041500214")])
    with pytest.raises(ListHasFaults):
        finish(session, shop, list_id)
    assert session.scalar(select(func.count()).select_from(Product)) == 1
    importing.repair_list(session, shop.merchant, list_id, {(1, "code"): "6291041500213", (9, "code"): "x", (0, "nonsense"): "x"})
    assert finish(session, shop, list_id) == (2, 0)


def test_lists_of_others_and_too_long_ones(session: Session, shop: goods.Shop) -> None:
    list_id = begin(session, shop, [row()])
    other = goods.shop(session)
    with pytest.raises(errors.ProductListNotFound):
        finish(session, other, list_id)
    with pytest.raises(ListTooLong):
        begin(session, shop, [{"code": f"X{number}"} for number in range(importing.MOST_ROWS + 1)])


def test_faults_of_a_long_list_are_found_in_few_reads(session: Session, shop: goods.Shop) -> None:
    rows = [dict.fromkeys(importing.COLUMNS, "") | row(code=f"X{number}") for number in range(importing.MOST_ROWS)]
    session.flush()
    with statements_sent() as sent:
        assert importing.faults_of(session, shop.merchant, rows) == []
    assert len(sent) <= 3
