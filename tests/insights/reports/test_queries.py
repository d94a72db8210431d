from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Role
from insights.reports import queries
from insights.reports.errors import TooFewShops
from insights.reports.rules import COLUMNS, GROUPINGS, By, Report, Scope
from merchants.settlement.models import Statement
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.payouts import accept_batch
from places import services as places
from tests import factories
from tests.factories import ACTOR
from tests.insights.reports import market
from tests.insights.reports.market import PLATFORM, asked, ledger_of, street, trade_a_day
from tests.merchants.settlement import trade

SALES = COLUMNS[Report.SALES]


@pytest.mark.parametrize("by", [by for by in PLATFORM.groupings(Report.SALES) if by is not By.RECEIPT])
def test_the_sum_of_every_grouping_is_the_ledgers_to_the_rial(session: Session, by: By) -> None:
    at = street(session)
    trade_a_day(session, at)
    told = queries.told(session, asked(by), PLATFORM)
    said = dict(zip(SALES, told.sums, strict=True))
    truth = ledger_of(session, [*at.shops, at.outsider])
    assert {name: said[name] for name in truth} == truth
    assert said["credit_used_rial"] > 0
    assert said["credit_given_rial"] > 0
    assert said["net_rial"] == sum(said[name] for name in ("sales_rial", "returns_rial", "reversals_rial", "cash_rial", "commission_rial"))


def test_a_shop_reads_its_own_lines_one_by_one(session: Session) -> None:
    at = street(session)
    trade_a_day(session, at)
    shop = at.shops[0]
    scope = at.of(shop.organisation_id)
    truth = ledger_of(session, [shop])
    told = queries.told(session, asked(By.SHOP), scope)
    assert [group.key for group in told.groups] == [shop.id]
    assert told.names[shop.id] == session.get_one(Organisation, shop.organisation_id).names
    lines = list(queries.receipts(session, asked(By.RECEIPT), scope))
    assert len(lines) == queries.count_receipts(session, asked(By.RECEIPT), scope) == 3
    assert sum(line.gross_rial for line in lines if line.part == "sale") == truth["sales_rial"]
    first = list(queries.receipts(session, asked(By.RECEIPT), scope, limit=2))
    rest = queries.receipts(session, asked(By.RECEIPT), scope, after=(first[-1].business_date, first[-1].entry_id))
    assert [*first, *rest] == lines
    assert lines[0].terminal_code == at.tills[0].code


@pytest.mark.parametrize("whose", ["union", "municipality", "office"])
def test_a_union_and_a_citys_offices_count_their_shops_and_no_other(session: Session, whose: str) -> None:
    at = street(session)
    trade_a_day(session, at)
    scope = at.of(getattr(at, whose).id, is_pooled=True)
    truth = ledger_of(session, at.shops)
    for by in (By.DAY, By.MONTH):
        told = queries.told(session, asked(by), scope)
        assert dict(zip(SALES, told.sums, strict=True)).items() >= truth.items()
    # Two shops of each kind: neither kind may stand alone, and together they are the four.
    [both] = queries.told(session, asked(By.KIND), scope).groups
    assert (both.key, both.shop_count) == (None, 4)


def test_sums_over_too_few_shops_are_not_given(session: Session) -> None:
    at = street(session, shops=2)
    trade_a_day(session, at)
    with pytest.raises(TooFewShops):
        queries.told(session, asked(By.DAY), at.of(at.union.id, is_pooled=True))


def test_a_city_counts_what_was_sold_there_of_a_shop_that_sells_elsewhere_too(session: Session) -> None:
    at = street(session)
    far = places.found_city(session, ACTOR, "qom", {"fa": "قم"}, 50.88, 34.64, "Asia/Tehran")
    office = factories.organisation(session, "city_office")
    places.open_city_office(session, ACTOR, office.id, far.id)
    session.commit()
    trade_a_day(session, at)
    assert queries.told(session, asked(By.DAY), at.of(office.id, is_pooled=True)).groups == []


@pytest.mark.parametrize("by", [By.MONTH, By.KIND])
def test_shops_that_joined_are_counted_with_what_they_brought(session: Session, by: By) -> None:
    at = street(session)
    trade_a_day(session, at)
    for shop in at.shops:
        factories.account(session, Role.CASHIER, organisation_id=shop.organisation_id)
    session.commit()
    truth = ledger_of(session, at.shops)
    brought = truth["sales_rial"] + truth["returns_rial"] + truth["reversals_rial"]
    told = queries.told(session, replace(asked(by), report=Report.SHOPS), at.of(at.union.id, is_pooled=True))
    assert told.sums == (4, 4, 4, 4, brought)
    assert at.of(at.shops[0].organisation_id).groupings(Report.SHOPS) == ()
    long_ago = replace(asked(by), report=Report.SHOPS, first=date(2020, 1, 1), last=date(2020, 6, 1))
    assert queries.told(session, long_ago, PLATFORM).groups == []


def test_filters_keep_to_a_kind_and_a_terminal(session: Session) -> None:
    at = street(session)
    trade_a_day(session, at)
    by_kind = {group.key: group for group in queries.told(session, asked(By.KIND), PLATFORM).groups}
    [sweets] = queries.told(session, asked(By.KIND, kind="sweets"), PLATFORM).groups
    assert sweets == by_kind["sweets"]
    told = queries.told(session, asked(By.TERMINAL, terminal=at.tills[2].code), PLATFORM)
    assert [group.key for group in told.groups] == [at.tills[2].code]
    assert told.sums[1] == 3_000_000 + 210_007
    assert queries.told(session, asked(By.DAY, terminal="T9999999"), PLATFORM).groups == []


def test_what_was_paid_out_is_what_statements_say(session: Session) -> None:
    at = street(session)
    trade_a_day(session, at)
    paid = trade.shop(session)
    trade.post(session, trade.sale(trade.holder(session), paid, 900_000))
    batch = close_now(session, ACTOR)
    session.commit()
    accept_batch(session, ACTOR, batch.reference)
    session.commit()
    for by in (By.DAY, By.MONTH, By.SHOP, By.STATE):
        told = queries.told(session, asked(by, Report.PAYOUTS), PLATFORM)
        said = dict(zip(COLUMNS[Report.PAYOUTS], told.sums, strict=True))
        statements = session.scalars(select(Statement)).all()
        assert said["payout_rial"] == said["paid_rial"] == sum(one.payout_rial for one in statements) == 900_000
        assert said["waiting_rial"] == sum(one.carried_rial for one in statements if one.carried_rial > 0)
        assert said["due_rial"] == said["payout_rial"] + said["owing_rial"] + said["waiting_rial"]
        assert said["statement_entries"] == len(statements)


def test_cards_are_counted_in_their_states_with_new_holders(session: Session) -> None:
    holder = factories.person(session)
    for person_id in (holder.id, holder.id, None):
        factories.card(session, person_id=person_id)
    session.commit()
    for by in GROUPINGS[Report.CARDS]:
        told = queries.told(session, asked(by, Report.CARDS), PLATFORM)
        assert dict(zip(COLUMNS[Report.CARDS], told.sums, strict=True)) == {
            "card_entries": 3, "active_entries": 3, "blocked_entries": 0, "closed_entries": 0, "holder_entries": 1,
        }, by  # fmt: skip
    [operator] = queries.told(session, asked(By.OPERATOR, Report.CARDS), PLATFORM).groups
    assert operator.key == "test"


def test_a_report_of_many_shops_is_one_query(session: Session) -> None:
    from tests.portal.conftest import statements_sent

    at = street(session)
    trade_a_day(session, at)
    with statements_sent() as sent:
        queries.told(session, asked(By.SHOP), PLATFORM)
    assert len(sent) == 2
    assert market.today() - timedelta(days=3) == asked(By.SHOP).first
    assert Scope(1, is_pooled=True).groupings(Report.CARDS) == ()
