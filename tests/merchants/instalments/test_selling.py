"""Quotes, purchases on them, and goods that come back: ledger and schedule say the same after each step."""

from datetime import timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.ledger.types import AccountKind, EntryKind
from cardbank.reasons import Reason
from cardbank.statements import balances
from kernel import clock
from kernel.calendar import local_day
from merchants.instalments import queries
from merchants.instalments.models import Plan, Quote
from merchants.instalments.services.paying import pay_now
from merchants.instalments.services.selling import buy, drop_old_quotes
from merchants.settlement.models import CommissionTerm, PricedLine
from merchants.settlement.services.pricing import price_everything
from tests import factories
from tests.factories import ACTOR
from tests.merchants.instalments.deal import (
    LIMIT,
    Deal,
    bought,
    deal,
    faults,
    line,
    money,
    opens,
    quoted,
    returned,
    sale,
)


def room(session: Session, at: Deal) -> int:
    [standing] = queries.lines_of_wallet(session, at.card.wallet_id or 0, at.card.member_id)
    return standing.room_rial


def purse(session: Session, at: Deal) -> int:
    return balances(session, at.card.wallet_id or 0, clock.now()).money_rial


def test_a_purchase_is_posted_with_its_schedule_and_answered_again(session: Session, database_url: str) -> None:
    at = deal(session, fee_rial=50_000)
    told = quoted(session, at, 1_000_000)
    assert (told.reason, told.total_rial, told.fee_rial, len(told.parts)) == (Reason.APPROVED, 1_050_000, 50_000, 4)
    asked = sale(at, told)
    first = buy(session, asked, at.card, None)
    session.commit()
    again = buy(session, replace(asked, is_repeat=True), at.card, None)
    session.commit()
    assert (first.reason, first.amount, first.paid) == (Reason.APPROVED, 1_050_000, {AccountKind.LINE: 1_050_000})
    assert again == replace(first, replayed=True)
    assert queries.parts_of_entry(session, (first.business_date, first.entry_id)) == told.parts
    assert session.scalar(select(func.count()).select_from(Plan)) == 1
    assert room(session, at) == LIMIT - 1_050_000
    assert faults(database_url) == []


def test_a_quote_sells_once_and_to_its_card_alone(session: Session, database_url: str) -> None:
    at = deal(session)
    told = quoted(session, at, 1_000_000)
    stranger = deal(session).card
    for changes, card, reason in (
        ({"total_rial": 999_999}, at.card, Reason.QUOTE_AMOUNT_DIFFERS),
        ({"token": b"x" * 16}, at.card, Reason.QUOTE_UNKNOWN),
        ({"received_at": clock.now() + timedelta(minutes=10, seconds=1)}, at.card, Reason.QUOTE_EXPIRED),
        ({}, stranger, Reason.QUOTE_UNKNOWN),
    ):
        asked = sale(at, told, **changes)
        assert buy(session, asked, card, None).reason is reason
        session.commit()
        assert buy(session, asked, card, None).replayed  # a refusal is an answer under its key, too
        session.commit()
    assert buy(session, sale(at, told), at.card, None).reason is Reason.APPROVED
    session.commit()
    assert buy(session, sale(at, told), at.card, None).reason is Reason.QUOTE_USED
    session.commit()
    assert room(session, at) == LIMIT - 1_000_000
    assert faults(database_url) == []


def test_a_quote_says_what_the_contract_and_the_line_do_not_allow(session: Session) -> None:
    at = deal(session, limit_rial=1_000_000)
    for price, number, reason in (
        (1_000_000, 3, Reason.INSTALMENTS_NOT_OFFERED),
        (99_999, 4, Reason.OUTSIDE_INSTALMENT_AMOUNTS),
        (1_000_001, 4, Reason.INSUFFICIENT_LINE),
    ):
        assert quoted(session, at, price, number).reason is reason
    at.card = replace(at.card, purchase_limit_rial=500_000)
    assert quoted(session, at, 600_000).reason is Reason.AMOUNT_LIMIT
    elsewhere = deal(session, giver_id=factories.organisation(session, "operator").id)
    assert quoted(session, elsewhere, 1_000_000).reason is Reason.NO_CREDIT_LINE
    line(session, elsewhere.card.card_id, elsewhere.giver_id + 0, LIMIT * 2)  # more of a line that the shop does not take
    assert quoted(session, elsewhere, 1_000_000).reason is Reason.NO_CREDIT_LINE


def test_goods_brought_back_shrink_what_is_open_and_then_pay_back(session: Session, database_url: str) -> None:
    at = deal(session, money_rial=2_000_000)
    answer, plan_id = bought(session, at, 1_000_000)
    pay_now(session, ACTOR, [at.card.wallet_id or 0], plan_id, 400_000, factories.new_request_key())
    session.commit()
    assert opens(session, plan_id) == [0, 100_000, 250_000, 250_000]
    assert returned(session, at, plan_id, answer, 300_000).paid == {AccountKind.LINE: 300_000}
    assert opens(session, plan_id) == [0, 50_000, 125_000, 125_000]
    second = returned(session, at, plan_id, answer, 500_000)
    assert second.paid == {AccountKind.LINE: 300_000, AccountKind.MONEY: 200_000}
    assert (opens(session, plan_id), purse(session, at)) == ([0, 0, 0, 0], 1_800_000)
    assert faults(database_url) == []

    undone = returned(session, at, plan_id, second, 500_000, EntryKind.REVERSAL)
    assert undone.reason is Reason.APPROVED
    assert (opens(session, plan_id), purse(session, at)) == ([0, 50_000, 125_000, 125_000], 1_600_000)
    assert room(session, at) == LIMIT - 300_000
    assert faults(database_url) == []


@pytest.mark.parametrize("kind", [EntryKind.VOID, EntryKind.REVERSAL])
def test_a_purchase_taken_back_leaves_nothing_to_pay(session: Session, database_url: str, kind: EntryKind) -> None:
    at = deal(session)
    answer, plan_id = bought(session, at, 1_000_000)
    first = returned(session, at, plan_id, answer, 1_000_000, kind)
    assert (first.reason, opens(session, plan_id), room(session, at)) == (Reason.APPROVED, [0] * 4, LIMIT)
    again = returned(session, at, plan_id, answer, 1_000_000, EntryKind.REVERSAL)
    assert again.reason is Reason.ALREADY_REVERSED
    assert opens(session, plan_id) == [0] * 4
    assert faults(database_url) == []


def test_a_return_whose_money_is_spent_is_undone_onto_the_line_and_as_a_debt(session: Session, database_url: str) -> None:
    at = deal(session, money_rial=1_000_000)
    answer, plan_id = bought(session, at, 1_000_000)
    pay_now(session, ACTOR, [at.card.wallet_id or 0], plan_id, 1_000_000, factories.new_request_key())
    session.commit()
    back = returned(session, at, plan_id, answer, 400_000)
    assert back.paid == {AccountKind.MONEY: 400_000}
    _, other = bought(session, at, 1_000_000)
    pay_now(session, ACTOR, [at.card.wallet_id or 0], other, 400_000, factories.new_request_key())
    session.commit()
    undone = returned(session, at, plan_id, back, 400_000, EntryKind.REVERSAL)
    assert (undone.reason, undone.owed) == (Reason.APPROVED, 400_000)
    assert opens(session, plan_id) == [0] * 4
    assert faults(database_url) == []


def test_the_shop_pays_what_was_agreed_for_instalments_and_gets_it_back_with_the_goods(session: Session) -> None:
    at = deal(session, shop_basis_points=300)
    answer, plan_id = bought(session, at, 1_000_000)
    returned(session, at, plan_id, answer, 400_000)
    price_everything(session)
    lines = session.scalars(select(PricedLine).order_by(PricedLine.entry_id)).all()
    assert [(one.gross_rial, one.commission_rial) for one in lines] == [(1_000_000, 30_000), (-400_000, -12_000)]
    term = session.get(CommissionTerm, lines[0].term_id)
    assert term is not None
    assert term.on_instalments


def test_old_quotes_are_forgotten(session: Session) -> None:
    at = deal(session)
    quoted(session, at, 1_000_000)
    old = session.scalars(select(Quote)).one()
    old.expires_at = clock.now() - timedelta(days=3)
    quoted(session, at, 1_000_000)
    drop_old_quotes(session)
    assert session.scalar(select(func.count()).select_from(Quote)) == 1


def test_the_lists_show_shop_and_holder_where_they_stand(session: Session) -> None:
    at = deal(session, money_rial=300_000)
    _, plan_id = bought(session, at, 1_000_000)
    bought(session, at, 2_000_000, 2)
    pay_now(session, ACTOR, [at.card.wallet_id or 0], plan_id, 250_000, factories.new_request_key())
    session.commit()
    newest, oldest = queries.plan_rows(session, wallet_ids=[at.card.wallet_id or 0])
    assert (newest.open_rial, newest.instalments, oldest.open_rial, oldest.next_rial) == (2_000_000, 2, 750_000, 250_000)
    assert queries.plan_rows(session, merchant_id=at.merchant.id, before=newest.plan.id) == [oldest]
    facts = queries.plan_facts(session, plan_id)
    assert (facts.open_rial, facts.due_rial(local_day(clock.now())), len(facts.payments)) == (750_000, 0, 1)


def test_money_alone_never_pays_by_a_line(session: Session) -> None:
    at = deal(session)
    money(session, at.card.card_id, 100_000)
    told = quoted(session, at, 5_000_000)
    assert buy(session, sale(at, told), at.card, None).money_balance == 100_000
