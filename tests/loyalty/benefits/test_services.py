"""A sponsor's money on its way: stated, confirmed, set aside, given, spent, returned; and who may do which step."""

from collections.abc import Iterator
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank import budgets as bank
from cardbank.ledger.types import AccountKind
from cardbank.ledger.verify import verify
from cardbank.statements import balances
from kernel import clock
from kernel.background import Errand, run_errand
from kernel.lists import ListHasFaults
from loyalty.benefits import errors, queries
from loyalty.benefits.models import BenefitImport, Grant
from loyalty.benefits.rules import Recurs
from loyalty.benefits.services import budgets, funding, members, plans
from loyalty.benefits.tasks import STEPS
from merchants.benefits.verify import BENEFITS
from tests import factories
from tests.loyalty.benefits.sponsors import AMOUNT_RIAL, House, national_id, today
from tests.purchases import purchase, refund


@pytest.fixture
def house(session: Session, database_url: str) -> Iterator[House]:
    yield House(session)
    session.commit()
    with psycopg.connect(database_url, autocommit=True) as connection:
        assert [check for check in verify(connection, (BENEFITS,)) if not check.ok] == []


def funds(house: House) -> tuple[int, int, int]:
    held = bank.funds(house.session, house.sponsor.wallet_id)
    return held.budget_rial, held.waiting_rial, held.lapsed_rial


def till(house: House, kind: str) -> str:
    shop = factories.merchant(house.session, kind)
    factories.contract(house.session, shop.id)
    code = factories.terminal(house.session, shop=shop).code
    house.session.commit()
    return code


def test_a_benefit_is_set_aside_given_and_spent_where_it_is_meant_for(house: House) -> None:
    _, card = house.member_with_card()
    house.member()
    run = house.fund(house.plan())
    assert (run.members, run.amount_rial, funds(house)) == (2, 2 * AMOUNT_RIAL, (9_000_000, 1_000_000, 0))
    assert (house.give(), house.give()) == (1, 0), "the other member has no card yet"
    _, sold = purchase(house.session, till(house, "restaurant"), card, 700_000, own_order=True)
    house.session.commit()
    assert sold.paid == {AccountKind.BENEFIT: AMOUNT_RIAL, AccountKind.MONEY: 200_000}
    _, other = purchase(house.session, till(house, "books"), card, 100_000, own_order=True)
    house.session.commit()
    assert other.paid == {AccountKind.MONEY: 100_000}
    [line, *_] = queries.budget_statement(house.session, house.sponsor, today() - timedelta(days=2), today() + timedelta(days=1))
    assert (line.amount_rial, line.budget_rial, line.members, line.plan_names) == (-1_000_000, 9_000_000, 2, {"fa": "ناهار"})


def test_a_return_finds_its_purse_and_a_late_card_its_benefit(house: House) -> None:
    _, card = house.member_with_card()
    waiting = house.member()
    house.fund(house.plan(recurs=Recurs.ONCE))
    house.give()
    code = till(house, "restaurant")
    _, sold = purchase(house.session, code, card, 400_000, own_order=True)
    house.session.commit()
    refund(house.session, code, card, sold, 100_000)
    house.session.commit()
    [benefit] = balances(house.session, card.wallet_id, clock.now()).benefits
    assert benefit.balance_rial == 200_000
    held = queries.benefits_of_purses(house.session, [benefit.account_id])[benefit.account_id]
    assert (held.amount_rial, held.kinds, held.cities) == (AMOUNT_RIAL, ("restaurant",), (house.city_id,))
    late = factories.card(house.session, person_id=waiting.person_id)
    house.session.commit()
    assert house.give() == 1
    assert balances(house.session, late.wallet_id, clock.now()).benefit_rial == AMOUNT_RIAL


def test_what_nobody_can_get_goes_back(house: House) -> None:
    house.member()
    leaver = house.member()
    plan = house.plan(recurs=Recurs.ONCE)
    house.fund(plan)
    members.remove_one(house.session, house.clerk, house.organisation_id, leaver.id)
    house.session.commit()
    assert funding.return_what_is_left(house.session) == 1
    house.session.commit()
    assert funds(house) == (9_500_000, 500_000, 0)
    house.session.execute(text("UPDATE benefit_run SET usable_until = now()"))
    assert (funding.return_what_is_left(house.session), funding.return_what_is_left(house.session)) == (1, 0)
    house.session.commit()
    assert funds(house) == (10_000_000, 0, 0)


def test_nobody_is_funded_twice_and_whoever_joins_later_gets_the_rest(house: House) -> None:
    house.member(group="ستاد")
    plan = house.plan(group="ستاد")
    house.fund(plan)
    with pytest.raises(errors.NobodyToFund):
        house.fund(plan)
    house.session.rollback()
    house.member(group="صف")
    house.member(group="ستاد")
    row = queries.plan_row(house.session, plan, today())
    assert (row.members, row.due) == (2, 1)
    assert house.fund(plan).members == 1


def test_a_budget_that_is_too_small_funds_nobody_and_says_what_it_lacks(session: Session) -> None:
    house = House(session, budget_rial=AMOUNT_RIAL)
    house.member()
    house.member()
    plan = house.plan()
    with pytest.raises(errors.BudgetTooSmall) as refusal:
        house.fund(plan)
    assert (refusal.value.facts["needed_rial"], refusal.value.facts["lacking_rial"]) == (2 * AMOUNT_RIAL, AMOUNT_RIAL)
    session.rollback()
    assert session.scalars(select(Grant)).all() == []
    step, _ = STEPS["fund_monthly_benefits"]
    assert isinstance(step, Errand)
    run_errand(step)
    session.expire_all()
    assert queries.plan_of(session, house.organisation_id, plan.id).lacking_rial == AMOUNT_RIAL
    house.deposit(AMOUNT_RIAL)
    run_errand(step)
    session.expire_all()
    assert queries.plan_of(session, house.organisation_id, plan.id).lacking_rial == 0
    assert [one.run.members for one in queries.runs_of(session, plan.id)] == [2]


def test_a_deposit_counts_when_a_second_person_has_seen_it(house: House) -> None:
    stated = budgets.state_deposit(house.session, house.clerk, house.sponsor, 700, "۱۲۳۴-ab", today())
    house.session.commit()
    assert stated.reference == "1234AB"
    with pytest.raises(errors.OwnDeposit):
        budgets.confirm_deposit(house.session, house.clerk, stated.id)
    with pytest.raises(errors.DepositStatedBefore):
        budgets.state_deposit(house.session, house.clerk, house.sponsor, 900, "1234AB", today())
    house.session.rollback()
    budgets.refuse_deposit(house.session, house.operator, stated.id, "در حساب نیست")
    house.session.commit()
    with pytest.raises(errors.DepositDecided):
        budgets.confirm_deposit(house.session, house.operator, stated.id)
    house.session.rollback()
    assert funds(house) == (10_000_000, 0, 0)


@pytest.mark.parametrize(
    ("amount", "reference", "days", "field"),
    [
        (0, "1234", 0, "amount"),
        (10**14, "1234", 0, "amount"),
        (5, "12", 0, "reference"),
        (5, "1234", 1, "paid_on"),
        (5, "1234", -91, "paid_on"),
    ],
)
def test_a_wrong_deposit_names_its_field(house: House, amount: int, reference: str, days: int, field: str) -> None:
    with pytest.raises(errors.WrongDeposit) as refusal:
        budgets.state_deposit(house.session, house.clerk, house.sponsor, amount, reference, today() + timedelta(days=days))
    assert refusal.value.facts["field"] == field


def test_an_ended_plan_funds_nobody(house: House) -> None:
    plan = house.plan()
    plans.end_plan(house.session, house.clerk.actor, house.organisation_id, plan.id)
    house.session.commit()
    house.member()
    assert funding.due_plans(house.session) == []
    with pytest.raises(errors.PlanIsOver):
        house.fund(plan)
    house.session.rollback()
    with pytest.raises(errors.PlanNotFound):
        plans.end_plan(house.session, house.clerk.actor, factories.organisation(house.session).id, plan.id)
    house.session.rollback()


def test_a_list_is_repaired_and_then_taken_in_whole(house: House) -> None:
    held = factories.card(house.session, person_id=factories.person(house.session).id)
    number = house.keystore.open_card_number(held.number_sealed, held.token)
    house.session.commit()
    known, twice = national_id(), national_id()
    house.member(known)
    rows = [
        ("علی", known, "", ""), ("حسن", twice, "", ""), ("حسین", twice, "", ""), ("رضا", "123", "", ""), ("زهرا", "", number, "ستاد"),
        ("مریم", "", "", ""),
    ]  # fmt: skip
    text_of = "نام,کد ملی,شماره کارت,گروه\n" + "\n".join(",".join(row) for row in rows)
    kept = members.begin_list(house.session, house.clerk, house.sponsor, text_of.encode())
    house.session.commit()
    assert number.encode() not in house.session.get_one(BenefitImport, kept.id).rows_sealed
    found = members.faults_of(house.session, house.keystore, house.organisation_id, members.rows_of(kept))
    assert [(fault.row, fault.column, fault.error.code) for fault in found] == [
        (0, "national_id", "benefit_member_already"), (1, "national_id", "benefit_member_already"), (2, "national_id", "benefit_member_already"),
        (3, "national_id", "wrong_national_id"), (5, "national_id", "wrong_member"),
    ]  # fmt: skip
    with pytest.raises(ListHasFaults):
        members.finish_list(house.session, house.clerk, house.keystore, house.organisation_id, kept.id)
    house.session.rollback()
    cells = {(at, "national_id"): national_id() for at in (2, 3, 5)}
    members.repair(house.session, house.organisation_id, kept.id, cells, 0)
    house.session.commit()
    assert members.finish_list(house.session, house.clerk, house.keystore, house.organisation_id, kept.id) == kept.rows == 5
    house.session.commit()
    assert members.rows_of(kept) == []
    assert queries.groups_of(house.session, house.organisation_id) == [("", 6), ("ستاد", 1)]
    assert [row.has_card for row in queries.members_page(house.session, house.organisation_id)].count(True) == 1


def test_a_member_is_a_member_once(house: House) -> None:
    number = national_id()
    house.member(number)
    with pytest.raises(errors.AlreadyMember):
        house.member(number)
    house.session.rollback()
    with pytest.raises(errors.CardHasNoHolder):
        members.add_one(
            house.session,
            house.clerk,
            house.keystore,
            house.sponsor,
            {"name": "علی", "card": house.keystore.open_card_number(*_anonymous(house))},
        )
    house.session.rollback()


def _anonymous(house: House) -> tuple[bytes, bytes]:
    card = factories.card(house.session)
    return card.number_sealed, card.token
