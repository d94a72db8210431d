from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import local_day
from kernel.outbox import OutboxEvent
from merchants.catalogue import errors, queries
from merchants.catalogue.models import Price
from merchants.catalogue.services import pricing
from tests.factories import ACTOR
from tests.merchants.catalogue import goods
from tests.portal.conftest import statements_sent

NOON = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)


@pytest.fixture
def shop(session: Session) -> goods.Shop:
    return goods.shop(session)


def test_a_scan_finds_the_product_and_its_price_in_one_query(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=500_000, card_rial=450_000, mark_iranian="1")
    session.flush()
    with statements_sent() as sent:
        offer = queries.find_by_code(session, shop.branch_id, product.code, clock.now())
    assert len(sent) == 1
    assert (offer.product_id, offer.list_rial, offer.card_rial, offer.points) == (product.id, 500_000, 450_000, 3)
    assert offer.codes == (f"product:{product.id}", "mark:iranian", f"shop:{shop.merchant.id}")


def test_a_branch_goes_by_its_own_price_and_then_by_the_shops_again(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=500_000)
    own = pricing.set_price(session, ACTOR, product, 480_000, 470_000, branch_id=shop.branches[1].id)

    def costs(branch: int) -> int:
        return queries.find_by_code(session, shop.branches[branch].id, product.code, clock.now()).list_rial

    assert (costs(0), costs(1)) == (500_000, 480_000)
    pricing.end_branch_price(session, ACTOR, product, own)
    assert (costs(0), costs(1)) == (500_000, 500_000)


def test_a_price_of_any_past_instant_can_be_read_and_none_is_ever_edited(session: Session, shop: goods.Shop) -> None:
    instants = [NOON + timedelta(days=day) for day in range(5)]
    with clock.frozen(instants[0]):
        product = goods.product(session, shop)
    for day, instant in enumerate(instants):
        with clock.frozen(instant):
            pricing.set_price(session, ACTOR, product, 100_000 + day, 90_000)
    for day, instant in enumerate(instants):
        assert queries.find_by_code(session, shop.branch_id, product.code, instant).list_rial == 100_000 + day
    with pytest.raises(errors.NoPrice):
        queries.find_by_code(session, shop.branch_id, product.code, NOON - timedelta(seconds=1))
    session.execute(text("SET ROLE pilgrim_app"))
    for statement in ("UPDATE price SET list_rial = 1", "DELETE FROM price", "UPDATE ceiling SET amount_rial = 1"):
        with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(text(statement))


def test_the_database_refuses_two_prices_at_one_instant(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=100_000)
    session.add(Price(product_id=product.id, list_rial=1, card_rial=1, starts_at=clock.now() + timedelta(days=1)))
    with pytest.raises(IntegrityError, match="ex_price_one_at_a_time"):
        session.flush()


def test_a_price_laid_down_ahead_can_be_taken_back_until_it_begins(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop, list_rial=100_000)
    ahead = local_day(clock.now()) + timedelta(days=2)
    coming = pricing.set_price(session, ACTOR, product, 120_000, 110_000, starts_on=ahead)
    with pytest.raises(errors.PriceBeginsTooEarly):
        pricing.set_price(session, ACTOR, product, 90_000, 90_000)
    later = coming.starts_at + timedelta(hours=1)
    assert queries.find_by_code(session, shop.branch_id, product.code, later).list_rial == 120_000
    pricing.take_back_price(session, ACTOR, product, coming)
    assert queries.find_by_code(session, shop.branch_id, product.code, later).list_rial == 100_000
    assert [price.list_rial for price in queries.prices_of(session, product.id)] == [100_000]
    standing = pricing.set_price(session, ACTOR, product, 90_000, 90_000)
    with pytest.raises(errors.PriceHasBegun):
        pricing.take_back_price(session, ACTOR, product, standing)


def test_a_price_begins_today_or_later(session: Session, shop: goods.Shop) -> None:
    product = goods.product(session, shop)
    with pytest.raises(errors.PriceBeginsTooEarly):
        pricing.set_price(session, ACTOR, product, 1, 1, starts_on=local_day(clock.now()) - timedelta(days=1))


def test_no_price_is_laid_down_above_the_ceiling_of_its_day(session: Session, shop: goods.Shop) -> None:
    assert shop.merchant.union_id
    group = goods.trade_group(session, shop.merchant.union_id, 200_000)
    product = goods.product(session, shop, trade_group_id=str(group.id))
    pricing.set_price(session, ACTOR, product, 200_000, 190_000)
    with pytest.raises(errors.PriceAboveCeiling) as refusal:
        pricing.set_price(session, ACTOR, product, 200_001, 1)
    assert refusal.value.facts == {"field": "list_rial", "ceiling_rial": 200_000}
    ahead = local_day(clock.now()) + timedelta(days=1)
    pricing.set_ceiling(session, ACTOR, group, 250_000, starts_on=ahead)
    assert pricing.set_price(session, ACTOR, product, 240_000, 240_000, starts_on=ahead).list_rial == 240_000


def test_a_ceiling_that_comes_down_stops_the_sale_until_the_price_follows(session: Session, shop: goods.Shop) -> None:
    assert shop.merchant.union_id
    group = goods.trade_group(session, shop.merchant.union_id)
    product = goods.product(session, shop, list_rial=300_000, trade_group_id=str(group.id))
    pricing.set_ceiling(session, ACTOR, group, 250_000)
    with pytest.raises(errors.PriceAboveCeiling):
        queries.find_by_code(session, shop.branch_id, product.code, clock.now())
    assert queries.products_above_ceiling(session, shop.merchant.id, clock.now()) == 1
    [row] = queries.trade_group_rows(session, [shop.merchant.union_id], clock.now())
    assert (row.above, row.ceiling_rial) == (1, 250_000)
    pricing.set_price(session, ACTOR, product, 250_000, 240_000)
    assert queries.find_by_code(session, shop.branch_id, product.code, clock.now()).list_rial == 250_000
    assert queries.products_above_ceiling(session, shop.merchant.id, clock.now()) == 0


def test_a_ceiling_may_end_by_itself(session: Session, shop: goods.Shop) -> None:
    assert shop.merchant.union_id
    group = goods.trade_group(session, shop.merchant.union_id)
    today = local_day(clock.now())
    ceiling = pricing.set_ceiling(session, ACTOR, group, 100, ends_on=today)
    assert ceiling.ends_at is not None
    assert queries.ceiling_at(session, group.id, clock.now()) == 100
    assert queries.ceiling_at(session, group.id, ceiling.ends_at) is None
    with pytest.raises(errors.PriceBeginsTooEarly):
        pricing.set_ceiling(session, ACTOR, group, 100, ends_on=today - timedelta(days=1))


def test_every_price_leaves_an_audit_line_and_an_event(session: Session, shop: goods.Shop) -> None:
    goods.product(session, shop, list_rial=100_000)
    session.flush()
    assert (
        session.scalar(select(func.count()).select_from(AuditEntry).where(AuditEntry.subject == "price", AuditEntry.act == "set"))
        == 1
    )
    assert session.scalar(select(func.count()).select_from(OutboxEvent).where(OutboxEvent.name == "PriceSet")) == 1
