import uuid
from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from insights.reports import queries
from insights.reports.rules import COLUMNS, GROUPINGS, Asked, By, Report, Scope
from merchants.catalogue.services import pricing
from merchants.stock.models import StockMovement
from merchants.stock.rules import Kind, Line
from merchants.stock.services import moving
from tests.factories import ACTOR
from tests.insights.reports.market import asked
from tests.merchants.catalogue import goods

COLUMN = COLUMNS[Report.GOODS]


def key() -> str:
    return str(uuid.uuid4())


def bring(session: Session, branch_id: int, product_id: int, milli: int) -> None:
    moving.move(session, ACTOR, moving.Move(branch_id, Kind.INTAKE, key()), {product_id: milli})


@pytest.fixture
def shop(session: Session) -> goods.Shop:
    """Two products in two branches: brought, sold, brought back, lost; one of them is dearer in the second branch."""
    at = goods.shop(session)
    saffron = goods.product(session, at, list_rial=500_000, points="3")
    nabat = goods.product(session, at, list_rial=33_333, unit="kilogram", points="0")
    first, second = (branch.id for branch in at.branches)
    pricing.set_price(session, ACTOR, saffron, 600_000, 600_000, branch_id=second)
    bring(session, first, saffron.id, 10_000)
    bring(session, second, saffron.id, 4_000)
    bring(session, first, nabat.id, 2_500)
    sale = key()
    moving.sell(session, ACTOR, first, [Line(saffron.id, 3_000), Line(nabat.id, 1_250)], sale)
    moving.take_back(session, ACTOR, first, [Line(saffron.id, 1_000)], key(), sale)
    moving.write_off(session, ACTOR, second, [Line(saffron.id, 500)], key(), "broken")
    moving.give_away(session, ACTOR, first, [Line(saffron.id, 1_000)], key(), "club")
    other = goods.shop(session)
    bring(session, other.branch_id, goods.product(session, other, list_rial=9_000_000).id, 1_000)
    session.commit()
    return at


def told(session: Session, at: goods.Shop, by: By, **days: int) -> queries.Told:
    question = asked(by, Report.GOODS)
    if days:
        question = Asked(Report.GOODS, question.first - timedelta(**days), question.first, by)
    return queries.told(session, question, Scope(at.merchant.organisation_id, is_pooled=False))


@pytest.mark.parametrize("by", GROUPINGS[Report.GOODS])
def test_every_grouping_adds_up_to_what_moved_and_lies_there(session: Session, shop: goods.Shop, by: By) -> None:
    said = dict(zip(COLUMN, told(session, shop, by).sums, strict=True))
    nabat_sold = round(1_250 * 33_333 / 1_000)
    assert said == {
        "intake_rial": 10 * 500_000 + 4 * 600_000 + round(2.5 * 33_333),
        "sold_rial": -(3 * 500_000 + nabat_sold),
        "back_rial": 500_000,
        "difference_rial": 0,
        "loss_rial": -300_000,
        "gift_rial": -500_000,
        "stock_rial": 7 * 500_000 + 3_500 * 600 + round(1.25 * 33_333),
        "price_entries": 3,
        "point_entries": 2 * 3,
    }


def test_products_and_branches_are_named_and_the_journal_is_the_truth(session: Session, shop: goods.Shop) -> None:
    by_good = told(session, shop, By.GOOD)
    assert {group.key for group in by_good.groups} == set(by_good.names)
    assert {group.key for group in told(session, shop, By.BRANCH).groups} == {None, *(branch.id for branch in shop.branches)}
    lying = session.scalar(
        select(func.sum(StockMovement.milli)).where(StockMovement.branch_id.in_([branch.id for branch in shop.branches]))
    )
    assert lying == 7_000 + 3_500 + 1_250


def test_before_the_period_nothing_moved_but_the_stock_is_todays(session: Session, shop: goods.Shop) -> None:
    said = dict(zip(COLUMN, told(session, shop, By.GOOD, days=5).sums, strict=True))
    assert said["stock_rial"] > 0
    assert {name: value for name, value in said.items() if name != "stock_rial"} == dict.fromkeys(set(COLUMN) - {"stock_rial"}, 0)
