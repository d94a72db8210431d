from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card
from cardbank.issuing.models import CardIssue
from cardbank.ledger.tasks import open_business_day
from identity.models import Organisation
from identity.permissions import Role
from insights.reports import queries, rules
from insights.reports.card_days import count_cards
from insights.reports.errors import TooFewShops
from insights.reports.rules import COLUMNS, GROUPINGS, OWN_COLUMNS, By, Report, Scope
from insights.rules import rounded_count, rounded_rial
from kernel import clock
from kernel.calendar import local_day
from loyalty.groups import services as groups
from loyalty.groups.models import CustomerGroup
from loyalty.groups.queries import count_members, members_page
from merchants.models import Branch
from merchants.settlement.models import Statement
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.payouts import accept_batch
from merchants.settlement.services.pricing import price_lines
from tests import factories
from tests.factories import ACTOR
from tests.insights.reports import market
from tests.insights.reports.market import PLATFORM, asked, ledger_of, street, trade_a_day
from tests.loyalty.groups.people import mobile, shop_owner
from tests.merchants.settlement import trade
from tests.purchases import purchase

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
    assert said["net_rial"] == sum(
        said[name] for name in ("sales_rial", "returns_rial", "reversals_rial", "cash_rial", "commission_rial")
    )


def test_new_and_known_customers_add_up_to_the_shops_ledger(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """One had bought the day before; of the credit that others spend, a part is another club's."""
    at = street(session)
    shop, till = at.shops[2], at.tills[2]
    known = factories.card(session, money_rial=10_000_000)
    session.commit()
    purchase(session, till.code, known, 400_000)
    price_lines(session)
    session.commit()
    day = local_day(clock.now()) + timedelta(days=1)
    with clock.frozen(clock.now() + timedelta(days=1)):
        open_business_day(session)
        purchase(session, till.code, known, 500_000)
        trade_a_day(session, at)
        trade.post(session, trade.sale(trade.holder(session, credit_rial=90_000), shop, 60_000, with_credit=True))
        price_lines(session)
        session.commit()
    question = replace(asked(By.CUSTOMER), first=day, last=day)
    names, scope = OWN_COLUMNS[Report.SALES, By.CUSTOMER], at.of(shop.organisation_id)
    truth = dict(zip(SALES, queries.told(session, replace(question, by=By.DAY), scope).sums, strict=True))
    [together] = queries.told(session, question, scope).groups
    monkeypatch.setattr(rules, "SMALLEST_CELL", 1)
    told = queries.told(session, question, scope)
    rows = {group.key: dict(zip(names, group.values, strict=True)) for group in told.groups}
    sums = dict(zip(names, told.sums, strict=True))
    assert (together.key, together.values) == (None, told.sums)
    assert sums.items() & truth.items() == {(name, truth[name]) for name in names if name in truth}
    assert (rows["new"]["customer_entries"], rows["known"]["customer_entries"]) == (2, 1)
    assert (rows["known"]["sales_rial"], rows["known"]["sale_entries"]) == (500_000, 1)
    assert (sums["others_credit_rial"], sums["credit_used_rial"] > 60_000) == (60_000, True)
    assert By.CUSTOMER not in (*PLATFORM.groupings(Report.SALES), *at.of(at.union.id, is_pooled=True).groupings(Report.SALES))


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


def test_a_union_counts_its_members_once_the_day_is_over(session: Session) -> None:
    at = street(session)
    trade_a_day(session, at)
    truth, scope = ledger_of(session, at.shops), at.of(at.union.id, is_pooled=True)
    assert queries.told(session, asked(By.DAY), scope).groups == []
    with clock.frozen(clock.now() + timedelta(days=1)):
        for by in (By.DAY, By.MONTH):
            told = queries.told(session, asked(by), scope)
            assert told.columns == ("sale_entries", "sales_rial")
            assert told.sums == (rounded_count(truth["sale_entries"]), rounded_rial(truth["sales_rial"]))


@pytest.mark.parametrize(("shops", "more_rial"), [(2, 0), (4, 90_000_000)])
def test_days_of_too_few_shops_or_mostly_of_one_are_not_given(session: Session, shops: int, more_rial: int) -> None:
    at = street(session, shops=shops)
    trade_a_day(session, at)
    if more_rial:
        trade.post(session, trade.sale(trade.holder(session, money_rial=more_rial), at.shops[0], more_rial))
        price_lines(session)
        session.commit()
    with clock.frozen(clock.now() + timedelta(days=1)), pytest.raises(TooFewShops):
        queries.told(session, asked(By.DAY), at.of(at.union.id, is_pooled=True))


@pytest.mark.parametrize("by", [By.MONTH, By.KIND])
def test_shops_that_joined_are_counted_with_what_they_brought(session: Session, by: By) -> None:
    at = street(session)
    trade_a_day(session, at)
    for shop in at.shops:
        factories.account(session, Role.CASHIER, organisation_id=shop.organisation_id)
    session.commit()
    truth = ledger_of(session, at.shops)
    brought = truth["sales_rial"] + truth["returns_rial"] + truth["reversals_rial"]
    told = queries.told(session, replace(asked(by), report=Report.SHOPS), PLATFORM)
    assert told.sums == (4, 4, 4, 4, brought)
    told = queries.told(session, replace(asked(by), report=Report.SHOPS), at.of(at.union.id, is_pooled=True))
    assert told.sums == (4, 4, 4, 4), "over several shops, what they brought is read by day"
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
    assert count_cards(session) == 2
    session.commit()
    for by in GROUPINGS[Report.CARDS]:
        told = queries.told(session, asked(by, Report.CARDS), PLATFORM)
        assert dict(zip(COLUMNS[Report.CARDS], told.sums, strict=True)) == {
            "card_entries": 3, "active_entries": 3, "blocked_entries": 0, "closed_entries": 0, "holder_entries": 1,
        }, by  # fmt: skip
    [operator] = queries.told(session, asked(By.OPERATOR, Report.CARDS), PLATFORM).groups
    assert operator.key == "test"


def test_cards_are_told_by_the_branch_that_handed_them_out_and_narrowed(session: Session) -> None:
    till = factories.terminal(session)
    made = [factories.card(session, person_id=factories.person(session).id) for _ in range(3)]
    for card in made[:2]:
        session.add(CardIssue(card_id=card.id, kind=card.product, person_id=None, branch_id=till.branch_id, at=card.created_at))
    count_cards(session)
    block_card(session, ACTOR, made[0].id, BlockReason.LOST)
    count_cards(session)
    session.commit()
    told = queries.told(session, asked(By.BRANCH, Report.CARDS), PLATFORM)
    assert {group.key: group.values[:3] for group in told.groups} == {till.branch_id: (2, 1, 1), None: (1, 1, 0)}
    assert told.names[till.branch_id] == session.get_one(Branch, till.branch_id).names
    assert told.sums[0] == session.scalar(select(func.count()).select_from(Card)) == 3
    for filters, cards in (({"state": "blocked"}, 1), ({"product": made[0].product}, 3), ({"product": "gift"}, 0)):
        assert (
            sum(group.values[0] for group in queries.told(session, asked(By.BRANCH, Report.CARDS, **filters), PLATFORM).groups)
            == cards
        )


def test_moves_of_groups_are_those_of_the_journal_and_end_at_who_is_in(session: Session) -> None:
    owner, shop = shop_owner(session)
    group, gone = (groups.found_group(session, owner, shop, name) for name in ("مهمانان", "رفتگان"))
    for one in (group, group, group, gone):
        groups.add_one(session, owner, shop, one.id, mobile(), "")
    groups.remove_one(session, owner, shop, group.id, members_page(session, group.id)[0].id)
    groups.remove_group(session, owner, shop, gone.id)
    stranger, elsewhere = shop_owner(session)
    groups.add_one(session, stranger, elsewhere, groups.found_group(session, stranger, elsewhere, "مهمانان").id, mobile(), "")
    session.commit()
    for by in GROUPINGS[Report.GROUPS]:
        assert queries.told(session, asked(by, Report.GROUPS), Scope(shop, is_pooled=False)).sums == (4, 2, 2), by
        assert queries.told(session, asked(by, Report.GROUPS), PLATFORM).sums == (5, 2, 3), by
    told = queries.told(session, asked(By.GROUP, Report.GROUPS), PLATFORM)
    assert {group.key: group.values[2] for group in told.groups} == {
        one.id: count_members(session, one.id) for one in session.scalars(select(CustomerGroup))
    }
    assert len({name["fa"] for name in told.names.values()}) == 3
    assert Scope(shop, is_pooled=True).groupings(Report.GROUPS) == ()
    assert Scope(shop, is_pooled=False, branches=frozenset({1})).groupings(Report.GROUPS) == ()


def test_a_report_of_many_shops_is_one_query(session: Session) -> None:
    from tests.portal.conftest import statements_sent

    at = street(session)
    trade_a_day(session, at)
    with statements_sent() as sent:
        queries.told(session, asked(By.SHOP), PLATFORM)
    assert len(sent) == 2
    assert market.today() - timedelta(days=3) == asked(By.SHOP).first
    assert Scope(1, is_pooled=True).groupings(Report.CARDS) == ()
