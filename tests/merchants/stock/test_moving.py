from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from kernel.outbox import OutboxEvent
from merchants.catalogue.errors import ProductNotFound
from merchants.catalogue.models import Product
from merchants.catalogue.services.products import set_up_shop
from merchants.stock import errors
from merchants.stock.models import StockLevel, StockMovement
from merchants.stock.rules import Kind, Line, comes_to_warning, gathered, is_too_low
from merchants.stock.services import moving
from tests.factories import ACTOR
from tests.merchants.catalogue import goods


@pytest.fixture
def shop(session: Session) -> goods.Shop:
    return goods.shop(session)


def brought(session: Session, at: goods.Shop, pieces: int = 10, branch: int = 0) -> Product:
    """A product of which a branch has some."""
    product = goods.product(session, at)
    moving.move(session, ACTOR, moving.Move(at.branches[branch].id, Kind.INTAKE, str(uuid4())), {product.id: pieces * 1000})
    return product


def level(session: Session, at: goods.Shop, product: Product, branch: int = 0) -> int:
    found = session.get(StockLevel, (at.branches[branch].id, product.id))
    return found.milli if found else 0


def test_a_sale_takes_its_goods_once(session: Session, shop: goods.Shop) -> None:
    one, other, key = brought(session, shop), brought(session, shop), str(uuid4())
    lines = [Line(other.id, 2000), Line(one.id, 1000), Line(other.id, 500)]
    for _ in range(2):
        moved = moving.sell(session, ACTOR, shop.branch_id, lines, key, reference="R-1")
        assert [(line.product_id, line.milli, line.after_milli) for line in moved] == [
            (one.id, -1000, 9000),
            (other.id, -2500, 7500),
        ]
    assert (level(session, shop, one), level(session, shop, other)) == (9000, 7500)


def test_nothing_of_a_sale_is_taken_where_one_product_is_short(session: Session, shop: goods.Shop) -> None:
    one, other = brought(session, shop), brought(session, shop, 1)
    with pytest.raises(errors.StockTooLow) as refusal, session.begin_nested():
        moving.sell(session, ACTOR, shop.branch_id, [Line(one.id, 1000), Line(other.id, 2000)], str(uuid4()))
    assert refusal.value.facts["left"] == "1"
    session.expire_all()
    assert level(session, shop, one) == 10_000


def test_a_shop_may_let_its_stock_run_below_zero(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop)
    set_up_shop(session, ACTOR, shop.merchant.id, allows_negative_stock=True, label_size="40x30", label_has_qr=False)
    [moved] = moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 3000)], str(uuid4()))
    assert moved.after_milli == -3000


def test_goods_without_stock_keeping_are_left_alone(session: Session, shop: goods.Shop) -> None:
    service = goods.product(session, shop, is_unstocked="1")
    assert moving.sell(session, ACTOR, shop.branch_id, [Line(service.id, 1000)], str(uuid4())) == []


def test_what_comes_back_is_at_most_what_the_sale_took_in_any_branch(session: Session, shop: goods.Shop) -> None:
    product, sale = brought(session, shop), str(uuid4())
    moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 3000)], sale)
    back = lambda branch, milli, key: moving.take_back(  # noqa: E731
        session, ACTOR, shop.branches[branch].id, [Line(product.id, milli)], key, sale
    )
    key = str(uuid4())
    assert [line.after_milli for line in back(1, 2000, key)] == [2000]
    assert [line.after_milli for line in back(1, 2000, key)] == [2000]
    with pytest.raises(errors.MoreThanSold) as refusal:
        back(0, 2000, str(uuid4()))
    assert refusal.value.facts["left"] == "1"
    back(0, 1000, str(uuid4()))
    assert (level(session, shop, product), level(session, shop, product, 1)) == (8000, 2000)
    with pytest.raises(errors.MoreThanSold):
        moving.take_back(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4()), str(uuid4()))


def test_another_shops_goods_are_not_found(session: Session, shop: goods.Shop) -> None:
    product = brought(session, goods.shop(session))
    with pytest.raises(ProductNotFound):
        moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4()))


def test_a_loss_says_why(session: Session, shop: goods.Shop) -> None:
    product = brought(session, shop)
    with pytest.raises(errors.StockReasonMissing):
        moving.write_off(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4()), "  ")
    [moved] = moving.write_off(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4()), "broken")
    assert (moved.kind, moved.reference, moved.after_milli) == ("loss", "broken", 9000)


def test_a_level_that_comes_to_its_warning_is_told_once(session: Session, shop: goods.Shop) -> None:
    product = brought(session, shop, 5)
    moving.set_warning(session, ACTOR, shop.branch_id, product.id, 3000)
    for _ in range(4):
        moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4()))
    assert session.scalar(select(func.count()).select_from(OutboxEvent).where(OutboxEvent.name == "StockRanLow")) == 1


def test_the_platforms_processes_cannot_change_the_journal(session: Session, shop: goods.Shop) -> None:
    product = brought(session, shop)
    session.flush()
    session.execute(text("SET ROLE pilgrim_app"))
    moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4()))
    for statement in ("UPDATE stock_movement SET milli = 1", "DELETE FROM stock_movement"):
        with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(text(statement))


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 9000)), min_size=1, max_size=6))
def test_lines_are_gathered_in_the_order_of_locking_and_nothing_is_lost(pairs: list[tuple[int, int]]) -> None:
    total = gathered(Line(product, milli) for product, milli in pairs)
    assert list(total) == sorted(total)
    assert sum(total.values()) == sum(milli for _, milli in pairs)


@pytest.mark.parametrize("lines", [[], [Line(1, 0)], [Line(1, 5), Line(1, -5)]])
def test_an_empty_or_backward_line_is_refused(lines: list[Line]) -> None:
    with pytest.raises(errors.NothingMoved):
        gathered(lines)


def test_what_comes_in_is_never_too_low() -> None:
    assert is_too_low(1000, -1001, allows_negative=False)
    assert not is_too_low(1000, -1000, allows_negative=False)
    assert not is_too_low(-5000, 1000, allows_negative=False)
    assert not is_too_low(0, -1, allows_negative=True)
    assert comes_to_warning(3001, 3000, 3000)
    assert not comes_to_warning(3000, 2000, 3000)
    assert not comes_to_warning(3000, 2000, None)


def test_every_level_is_the_sum_of_its_journal(session: Session, shop: goods.Shop) -> None:
    product, sale = brought(session, shop), str(uuid4())
    moving.sell(session, ACTOR, shop.branch_id, [Line(product.id, 3000)], sale)
    moving.take_back(session, ACTOR, shop.branch_id, [Line(product.id, 1000)], str(uuid4()), sale)
    total = session.scalar(select(func.sum(StockMovement.milli)).where(StockMovement.product_id == product.id))
    assert total == level(session, shop, product) == 8000
