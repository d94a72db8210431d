"""Instalments are collected on their day, tried again when there was no money, and paid earlier by who wants to."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.errors import PostingRefused
from cardbank.ledger.types import AccountKind
from cardbank.reasons import Reason
from kernel import clock
from kernel.calendar import local_day
from merchants.instalments import queries
from merchants.instalments.errors import PlanNotFound, WrongPayment
from merchants.instalments.models import InstalmentPayment
from merchants.instalments.services.paying import collect_due, pay_now
from tests import factories
from tests.factories import ACTOR
from tests.merchants.instalments.deal import bought, deal, faults, make_due, money, opens


def test_what_is_due_is_collected_once_and_what_is_not_stays(session: Session, database_url: str) -> None:
    at = deal(session, money_rial=600_000)
    _, plan_id = bought(session, at, 1_000_000)
    assert collect_due(session) == 0
    make_due(session, plan_id, numbers=(1, 2))
    assert collect_due(session) == 2
    session.commit()
    assert opens(session, plan_id) == [0, 0, 250_000, 250_000]
    assert collect_due(session) == 0
    assert [paid.is_due for paid in session.scalars(select(InstalmentPayment))] == [True, True]
    assert faults(database_url) == []


def test_without_money_it_is_tried_again_the_next_day_and_costs_nothing(session: Session, database_url: str) -> None:
    at = deal(session, money_rial=200_000)
    _, plan_id = bought(session, at, 1_000_000)
    make_due(session, plan_id, days_ago=3)
    assert collect_due(session) == 0
    session.commit()
    [late, *_] = queries.instalments_of(session, plan_id)
    assert (late.tries, late.fault, late.tried_on) == (1, Reason.INSUFFICIENT_FUNDS, local_day(clock.now()))
    money(session, at.card.card_id, 100_000)
    assert collect_due(session) == 0  # once a day
    [late, *_] = queries.instalments_of(session, plan_id)
    late.tried_on = local_day(clock.now()) - timedelta(days=1)
    session.commit()
    assert collect_due(session) == 1
    session.commit()
    [late, *_] = queries.instalments_of(session, plan_id)
    assert (late.tries, late.fault, late.paid_rial) == (2, None, 250_000)
    assert faults(database_url) == []


def test_the_holder_pays_what_she_likes_the_oldest_first_and_a_form_sent_twice_pays_once(
    session: Session, database_url: str
) -> None:
    at = deal(session, money_rial=900_000)
    wallet = [at.card.wallet_id or 0]
    _, plan_id = bought(session, at, 1_000_000)
    key = factories.new_request_key()
    first = pay_now(session, ACTOR, wallet, plan_id, 300_000, key)
    session.commit()
    again = pay_now(session, ACTOR, wallet, plan_id, 300_000, key)
    session.commit()
    assert (first.entry_id, first.paid) == (again.entry_id, {AccountKind.MONEY: 300_000})
    assert opens(session, plan_id) == [0, 200_000, 250_000, 250_000]
    for amount in (0, -1, 700_001):
        with pytest.raises(WrongPayment):
            pay_now(session, ACTOR, wallet, plan_id, amount, factories.new_request_key())
    with pytest.raises(PostingRefused):
        pay_now(session, ACTOR, wallet, plan_id, 700_000, factories.new_request_key())
    session.rollback()
    with pytest.raises(PlanNotFound):
        pay_now(session, ACTOR, [1], plan_id, 1, factories.new_request_key())
    session.rollback()
    assert faults(database_url) == []
