import pytest
from sqlalchemy.orm import Session

from identity.permissions import Permission
from kernel import clock
from merchants.catalogue import errors, queries
from merchants.catalogue.queries import Sought
from merchants.catalogue.rules.goods import Goods, read_goods
from merchants.catalogue.services import products
from tests.factories import ACTOR
from tests.merchants.catalogue import goods
from tests.portal.conftest import statements_sent


@pytest.fixture
def shop(session: Session) -> goods.Shop:
    return goods.shop(session)


def form(**fields: str) -> Goods:
    read, faults = read_goods(goods.typed(**fields))
    assert read is not None, faults
    return read


def test_a_product_without_a_code_gets_one_of_the_shops_own(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, code="", list_rial=1_000)
    assert product.code == f"P{product.id:06d}"
    assert queries.find_by_code(session, shop.branch_id, product.code.lower(), clock.now()).product_id == product.id


def test_a_code_is_given_once_in_a_shop_and_is_free_after_retiring(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop)
    with pytest.raises(errors.CodeTaken) as refusal:
        products.add_product(session, ACTOR, shop.merchant, form(code=product.code))
    assert refusal.value.facts["name"] == product.names["fa"]
    assert goods.product(session, goods.shop(session), code=product.code).code == product.code
    other = goods.product(session, shop)
    with pytest.raises(errors.CodeTaken):
        products.change_product(session, ACTOR, shop.merchant, other, form(code=product.code))
    products.retire_product(session, ACTOR, product, "sold out for good")
    with pytest.raises(errors.ProductNotFound):
        queries.find_by_code(session, shop.branch_id, product.code, clock.now())
    products.change_product(session, ACTOR, shop.merchant, other, form(code=product.code))
    assert other.code == product.code


def test_a_upc_is_found_by_the_ean_a_scanner_makes_of_it(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, code="036000291452", list_rial=1)
    assert queries.find_by_code(session, shop.branch_id, "۰۰۳۶۰۰۰۲۹۱۴۵۲", clock.now()).product_id == product.id


def test_groups_make_a_tree_that_lists_and_codes_follow(session: Session, shop: goods.Shop) -> None:
    root = products.add_group(session, ACTOR, shop.merchant.id, {"name_fa": "سوغات"})
    leaf = products.add_group(session, ACTOR, shop.merchant.id, {"name_fa": "زعفران"}, root.id)
    product = goods.product(session, shop, group_id=str(leaf.id), list_rial=1)
    goods.product(session, shop)
    found = queries.products_page(session, shop.merchant.id, clock.now(), Sought(group_id=root.id))
    assert [row.product.id for row in found] == [product.id]
    assert {f"group:{root.id}", f"group:{leaf.id}"} <= set(
        queries.find_by_code(session, shop.branch_id, product.code, clock.now()).codes
    )
    assert [group.id for group in queries.groups_of(session, shop.merchant.id)] == [root.id, leaf.id]
    deep = leaf
    for _ in range(3):
        deep = products.add_group(session, ACTOR, shop.merchant.id, {"name_fa": "باز"}, deep.id)
    with pytest.raises(errors.GroupTooDeep):
        products.add_group(session, ACTOR, shop.merchant.id, {"name_fa": "باز"}, deep.id)
    with pytest.raises(errors.GroupNotFound):
        products.add_group(session, ACTOR, goods.shop(session).merchant.id, {"name_fa": "باز"}, root.id)


def test_groups_of_others_are_out_of_reach(session: Session, shop: goods.Shop) -> None:
    other = goods.shop(session)
    assert other.merchant.union_id
    group = products.add_group(session, ACTOR, other.merchant.id, {"name_fa": "سوغات"})
    trade = goods.trade_group(session, other.merchant.union_id)
    for wrong in ({"group_id": str(group.id)}, {"trade_group_id": str(trade.id)}, {"group_id": "999999"}):
        with pytest.raises(errors.UnknownGroup):
            products.add_product(session, ACTOR, shop.merchant, form(**wrong))


def test_a_ceiling_is_of_the_same_unit_as_the_product(session: Session, shop: goods.Shop) -> None:
    assert shop.merchant.union_id
    trade = goods.trade_group(session, shop.merchant.union_id, unit="kilogram")
    with pytest.raises(errors.UnknownGroup):
        products.add_product(session, ACTOR, shop.merchant, form(trade_group_id=str(trade.id), unit="piece"))


def test_lists_are_folded_marked_paged_and_one_query(session: Session, shop: goods.Shop) -> None:
    for number in range(5):
        goods.product(session, shop, name_fa=f"چای کوهی {number}", mark_iranian="1" if number % 2 else "")
    goods.product(session, goods.shop(session), name_fa="چای کوهی")
    session.flush()
    listed = lambda **sought: [  # noqa: E731
        row.product.names["fa"] for row in queries.products_page(session, shop.merchant.id, clock.now(), Sought(**sought))
    ]
    assert len(listed(text="چاي كوهي")) == 5
    assert listed(text="كوهي ٣") == ["چای کوهی 3"]
    assert listed(text="%") == []
    assert len(listed(mark="iranian")) == 2
    with statements_sent() as sent:
        first = queries.products_page(session, shop.merchant.id, clock.now(), Sought(), limit=3)
        rest = queries.products_page(session, shop.merchant.id, clock.now(), Sought(), after=first[-1].product.id, limit=3)
    assert len(sent) == 2
    assert [row.product.names["fa"] for row in (*first, *rest)] == [f"چای کوهی {number}" for number in range(5)]


def test_another_shops_product_is_not_found(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, goods.shop(session))
    with pytest.raises(errors.ProductNotFound):
        queries.own_product(session, shop.owner, Permission.MERCHANTS_CATALOGUE_EDIT, product.id)
