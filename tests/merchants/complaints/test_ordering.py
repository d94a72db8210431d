"""Refunds that a union orders: two people or the shop itself, once, into the ledger; and what an appeal may change."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from cardbank.outcomes import purchase_of_entry
from cardbank.services import new_request_key
from cardbank.statements import balances, receipt
from kernel import clock
from merchants.complaints import queries
from merchants.complaints.errors import (
    AppealNotPossible,
    OrderAmountWrong,
    OrderDecided,
    OrderNeedsSecondPerson,
    OrderNotFound,
    OrderNotPaid,
    OrderNotPossible,
)
from merchants.complaints.models import Complaint, RefundOrder
from merchants.complaints.rules import Act
from merchants.complaints.services import ordering
from merchants.complaints.services.handling import Wanted, handle
from merchants.complaints.services.ordering import Asked
from tests.merchants.complaints.case import PAID, Case, case
from tests.purchases import refund

OVER = 150_000


@pytest.fixture
def at(session: Session) -> Case:
    return case(session)


@pytest.fixture
def complaint(session: Session, at: Case) -> Complaint:
    return at.complaint(session, mobile="09151234567")


def ordered(session: Session, at: Case, complaint: Complaint, amount_rial: int = OVER) -> RefundOrder:
    return ordering.order_refund(session, at.inspector, complaint.id, Asked(new_request_key(), amount_rial, "گران‌تر از سقف"))


def held_rial(session: Session, at: Case) -> int:
    assert at.card.wallet_id is not None
    return balances(session, at.card.wallet_id, clock.now()).money_rial


def test_a_second_person_confirms_and_the_card_has_its_money_once(session: Session, at: Case, complaint: Complaint) -> None:
    order = ordered(session, at, complaint)
    with pytest.raises(OrderNeedsSecondPerson):
        ordering.confirm_order(session, at.inspector, order.id)
    colleague = at.colleague(session)
    session.commit()
    for _ in range(2):
        paid = ordering.confirm_order(session, colleague, order.id)
        session.commit()
    assert (paid.state, paid.confirmed_by) == ("paid", colleague.person_id)
    assert held_rial(session, at) == 1_000_000 - PAID + OVER
    bought = purchase_of_entry(session, at.sold.business_date, at.sold.entry_id)
    assert bought is not None
    assert bought.returned_rial == OVER
    assert paid.paid_on is not None
    assert paid.paid_entry_id is not None
    told = receipt(session, paid.paid_on, paid.paid_entry_id)
    assert (told.line.kind.name, told.line.amount_rial, told.wallet_id) == ("REFUND", OVER, at.card.wallet_id)
    entry = (paid.paid_on, paid.paid_entry_id)
    assert queries.ordered_refunds(session, [entry, (at.sold.business_date, at.sold.entry_id)]) == {entry}


def test_the_shop_pays_of_its_own_accord_and_does_not_appeal_then(session: Session, at: Case, complaint: Complaint) -> None:
    order = ordered(session, at, complaint)
    session.commit()
    assert ordering.consent(session, at.owner, order.id).confirmed_by is None
    assert held_rial(session, at) == 1_000_000 - PAID + OVER
    with pytest.raises(AppealNotPossible):
        ordering.appeal(session, at.owner, order.id, "نه")


def test_an_order_is_for_what_is_left_and_stands_alone(session: Session, at: Case, complaint: Complaint) -> None:
    refund(session, at.till.code, at.card, at.sold, 300_000)
    with pytest.raises(OrderAmountWrong) as refusal:
        ordered(session, at, complaint)
    assert refusal.value.facts == {"field": "amount", "left_rial": 100_000}
    asked = Asked(new_request_key(), 100_000, "x")
    order = ordering.order_refund(session, at.inspector, complaint.id, asked)
    assert ordering.order_refund(session, at.inspector, complaint.id, asked).id == order.id
    with pytest.raises(OrderNotPossible):
        ordered(session, at, complaint, 1)
    with pytest.raises(OrderNotPossible):
        handle(session, at.inspector, complaint.id, Wanted(Act.RESOLVE, new_request_key(), "تمام"))
    ordering.withdraw_order(session, at.inspector, order.id, "اشتباه")
    assert ordered(session, at, complaint, 100_000).id != order.id


def test_what_a_till_gave_back_meanwhile_is_not_paid_again(session: Session, at: Case, complaint: Complaint) -> None:
    order = ordered(session, at, complaint, PAID)
    colleague = at.colleague(session)
    refund(session, at.till.code, at.card, at.sold, 1_000)
    with pytest.raises(OrderNotPaid):
        ordering.confirm_order(session, colleague, order.id)
    session.rollback()
    assert session.get_one(RefundOrder, order.id).state == "proposed"
    assert held_rial(session, at) == 1_000_000 - PAID + 1_000


def test_an_order_of_last_week_is_made_anew(session: Session, at: Case, complaint: Complaint) -> None:
    order, colleague = ordered(session, at, complaint), at.colleague(session)
    with clock.frozen(clock.now() + timedelta(days=8)), pytest.raises(OrderNotPossible) as refusal:
        ordering.confirm_order(session, colleague, order.id)
    assert refusal.value.facts == {"fault": "lapsed"}


@pytest.mark.parametrize("is_upheld", [True, False])
def test_an_appeal_never_takes_the_money_from_the_card(session: Session, at: Case, complaint: Complaint, is_upheld: bool) -> None:
    order, colleague = ordered(session, at, complaint), at.colleague(session)
    with pytest.raises(AppealNotPossible):
        ordering.appeal(session, at.owner, order.id, "هنوز نپرداخته‌ام")
    session.commit()
    ordering.confirm_order(session, colleague, order.id)
    session.commit()
    with clock.frozen(clock.now() + timedelta(days=11)), pytest.raises(AppealNotPossible):
        ordering.appeal(session, at.owner, order.id, "دیر شد")
    ordering.appeal(session, at.owner, order.id, "قیمت درست بود")
    office = queries.office_of(at.town.town_officer)
    assert office is not None
    assert queries.handled(session, office, complaint.id).id == complaint.id
    found = ordering.answer_appeal(session, at.town.town_officer, order.id, is_upheld=is_upheld, words="دیده شد")
    assert found.state == ("upheld" if is_upheld else "overturned")
    with pytest.raises(OrderDecided):
        ordering.answer_appeal(session, at.town.town_officer, order.id, is_upheld=True, words="باز هم")
    assert held_rial(session, at) == 1_000_000 - PAID + OVER


def test_others_find_no_order(session: Session, at: Case, complaint: Complaint) -> None:
    order, other = ordered(session, at, complaint), case(session)
    for try_it in (
        lambda: ordering.confirm_order(session, other.inspector, order.id),
        lambda: ordering.consent(session, other.owner, order.id),
        lambda: ordering.consent(session, at.inspector, order.id),
        lambda: ordering.withdraw_order(session, at.town.town_officer, order.id, "x"),
        lambda: ordering.answer_appeal(session, at.inspector, order.id, is_upheld=True, words="x"),
        lambda: ordering.confirm_order(session, at.inspector, order.id + 1),
    ):
        with pytest.raises(OrderNotFound):
            try_it()
