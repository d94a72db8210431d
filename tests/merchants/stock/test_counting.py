from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission, Role
from kernel.outbox import OutboxEvent
from merchants.catalogue.services.products import add_group
from merchants.errors import BranchNotFound
from merchants.stock import errors, queries
from merchants.stock.models import StockCount, StockLevel
from merchants.stock.rules import CountState, Line
from merchants.stock.services import counting, moving, receiving
from merchants.stock.services.lines import read_lines
from tests.factories import ACTOR, account
from tests.merchants.catalogue import goods
from tests.merchants.stock.test_moving import brought, level


@pytest.fixture
def shop(session: Session) -> goods.Shop:
    return goods.shop(session)


@pytest.fixture
def cashier(session: Session, shop: goods.Shop) -> Identity:
    return account(session, Role.CASHIER, organisation_id=shop.merchant.organisation_id)[0]


def counted(session: Session, at: goods.Shop, by: Identity, *lines: Line, rest_is_none: bool = False) -> StockCount:
    count = counting.begin_count(session, by, at.branches[0])
    if lines:
        counting.count_goods(session, by, count, lines)
    counting.hand_in_count(session, by, count, rest_is_none=rest_is_none)
    return count


def test_differences_are_posted_by_another_person_once(session: Session, shop: goods.Shop, cashier: Identity) -> None:
    less, more, same = brought(session, shop), brought(session, shop), brought(session, shop)
    count = counted(session, shop, cashier, Line(less.id, 7000), Line(more.id, 11_000), Line(same.id, 10_000))
    with pytest.raises(errors.OwnCount):
        counting.post_count(session, cashier, count)
    moved = counting.post_count(session, shop.owner, count)
    assert {line.product_id: (line.milli, line.after_milli) for line in moved} == {less.id: (-3000, 7000), more.id: (1000, 11_000)}
    with pytest.raises(errors.CountIsClosed):
        counting.post_count(session, shop.owner, count)
    assert session.scalar(select(func.count()).select_from(OutboxEvent).where(OutboxEvent.name == "CountPosted")) == 1


def test_what_is_sold_after_the_counting_is_no_difference(session: Session, shop: goods.Shop, cashier: Identity) -> None:
    product = brought(session, shop)
    count = counted(session, shop, cashier, Line(product.id, 9000))
    moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 4000)], str(uuid4()))
    counting.post_count(session, shop.owner, count)
    assert level(session, shop, product) == 5000


def test_lines_add_up_and_can_be_corrected_until_the_count_is_handed_in(
    session: Session, shop: goods.Shop, cashier: Identity
) -> None:
    product = brought(session, shop)
    count = counting.begin_count(session, cashier, shop.branches[0])
    for _ in range(2):
        counting.count_goods(session, cashier, count, [Line(product.id, 2000)])
    [row] = queries.counted_lines(session, count.id)
    assert row.counted_milli == 4000
    counting.correct_count(session, cashier, count, product.id, 0)
    with pytest.raises(errors.NothingCounted):
        counting.correct_count(session, cashier, count, product.id + 1, 5)
    with pytest.raises(errors.NotYourCount):
        counting.count_goods(session, shop.owner, count, [Line(product.id, 1000)])
    counting.hand_in_count(session, cashier, count, rest_is_none=False)
    with pytest.raises(errors.CountIsClosed):
        counting.count_goods(session, cashier, count, [Line(product.id, 1000)])


def test_the_rest_is_none_only_where_it_is_said_and_in_the_counted_group(
    session: Session, shop: goods.Shop, cashier: Identity
) -> None:
    group = add_group(session, ACTOR, shop.merchant.id, {"name_fa": "زعفران"})
    inside, outside = brought(session, shop), brought(session, shop)
    inside.group_id = group.id
    count = counting.begin_count(session, cashier, shop.branches[0], group.id)
    with pytest.raises(errors.NothingCounted):
        counting.hand_in_count(session, cashier, count, rest_is_none=False)
    counting.hand_in_count(session, cashier, count, rest_is_none=True)
    counting.post_count(session, shop.owner, count)
    assert (level(session, shop, inside), level(session, shop, outside)) == (0, 10_000)


def test_a_branch_is_counted_once_at_a_time_and_a_discarded_count_leaves_no_trace(
    session: Session, shop: goods.Shop, cashier: Identity
) -> None:
    product = brought(session, shop)
    count = counted(session, shop, cashier, Line(product.id, 1000))
    with pytest.raises(errors.CountIsOpen):
        counting.begin_count(session, shop.owner, shop.branches[0])
    counting.begin_count(session, shop.owner, shop.branches[1])
    with pytest.raises(errors.StockReasonMissing):
        counting.discard_count(session, cashier, count, " ")
    counting.discard_count(session, cashier, count, "miscounted")
    assert count.state == CountState.DISCARDED
    assert level(session, shop, product) == 10_000
    counting.begin_count(session, shop.owner, shop.branches[0])


def test_the_database_itself_refuses_a_count_posted_by_its_counter(session: Session, shop: goods.Shop, cashier: Identity) -> None:
    count = counted(session, shop, cashier, Line(brought(session, shop).id, 1000))
    count.state, count.decided_by = CountState.POSTED, cashier.person_id
    with pytest.raises(IntegrityError, match="four_eyes"):
        session.flush()


def test_a_delivery_is_taken_in_as_it_came_and_once(session: Session, shop: goods.Shop) -> None:
    whole, short, absent = (goods.product(session, shop) for _ in range(3))
    key = str(uuid4())
    lines = [Line(whole.id, 5000), Line(short.id, 8000), Line(absent.id, 1000)]
    made = [receiving.enter_delivery(session, ACTOR, shop.branch_id, " تعاونی  زعفران ", "۱۲۳", lines, key) for _ in range(2)]
    assert made[0].id == made[1].id
    receiving.receive_delivery(session, ACTOR, made[0], {short.id: 6000, absent.id: 0})
    assert [level(session, shop, product) for product in (whole, short, absent)] == [5000, 6000, 0]
    assert {row.product.id: row.received_milli for row in queries.noted_lines(session, made[0].id)} == {
        whole.id: 5000,
        short.id: 6000,
        absent.id: 0,
    }
    with pytest.raises(errors.DeliveryIsReceived):
        receiving.receive_delivery(session, ACTOR, made[0], {})
    with pytest.raises(errors.SupplierMissing):
        receiving.enter_delivery(session, ACTOR, shop.branch_id, "", "1", lines, str(uuid4()))
    with pytest.raises(errors.NothingMoved):
        receiving.enter_delivery(session, ACTOR, shop.branch_id, "x", "1", [], str(uuid4()))


def test_lines_are_read_as_scanners_write_them(session: Session, shop: goods.Shop) -> None:
    piece, weighed = goods.product(session, shop), goods.product(session, shop, unit="kilogram", code="SAFFRON-1")
    stranger = goods.product(session, goods.shop(session))
    text = f"{piece.code}\n\n{piece.code} ۳\nsaffron-1\t۲٫۵\n{piece.code} 1.5\n{stranger.code}\n6291041500214\n{piece.code} x 2"
    lines, faults = read_lines(session, shop.merchant.id, text)
    assert lines == [Line(piece.id, 1000), Line(piece.id, 3000), Line(weighed.id, 2500), Line(piece.id, 2000)]
    assert [(fault.number, fault.error.code) for fault in faults] == [
        (5, "wrong_quantity"),
        (6, "product_not_found"),
        (7, "wrong_barcode"),
    ]


def test_a_person_of_one_branch_reaches_that_branch_only(session: Session, shop: goods.Shop) -> None:
    bound = Identity(
        1, 1, "x", "fa", (shop.owner.grants[0].__class__(Role.CASHIER, shop.merchant.organisation_id, shop.branch_id),)
    )
    assert queries.own_branch(session, bound, Permission.MERCHANTS_STOCK_COUNT, shop.branch_id).id == shop.branch_id
    with pytest.raises(BranchNotFound):
        queries.own_branch(session, bound, Permission.MERCHANTS_STOCK_COUNT, shop.branches[1].id)
    with pytest.raises(BranchNotFound):
        queries.own_branch(session, shop.owner, Permission.MERCHANTS_STOCK_VIEW, goods.shop(session).branch_id)


def test_what_is_low_is_listed(session: Session, shop: goods.Shop) -> None:
    low, enough = brought(session, shop, 2), brought(session, shop, 9)
    for product in (low, enough):
        moving.set_warning(session, ACTOR, shop.branch_id, product.id, 3000)
    assert queries.low_levels(session, shop.branch_id) == 1
    assert [row.product.id for row in queries.levels_page(session, shop.branches[0], is_low=True)] == [low.id]
    assert session.get_one(StockLevel, (shop.branch_id, enough.id)).reorder_milli == 3000
