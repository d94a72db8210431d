"""Who may work at which till, one shift at a time, and how it ends."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.errors import WrongAmount
from cardbank.services import new_request_key
from identity.permissions import Role
from kernel.audit import AuditEntry
from kernel.errors import BadInput, NotPermitted
from merchants.errors import BranchNotFound
from merchants.services import suspend_terminal
from merchants.till import queries
from merchants.till.errors import (
    DifferenceUnexplained,
    OtherBasket,
    SalesUndecided,
    ShiftIsClosed,
    ShiftNotFound,
    ShiftOpenAlready,
    TillNotFound,
    TillNotWorking,
    TillTaken,
)
from merchants.till.rules import Line
from merchants.till.services.selling import begin_sale, try_again
from merchants.till.services.shifts import cash_up, open_shift, open_web_till
from tests import factories
from tests.factories import ACTOR
from tests.merchants.till.shop import cashier, in_branch, shop, web_till

BASKET = [Line("زعفران", 2, 150_000), Line("", 1, 30_000)]


def test_a_merchant_opens_a_web_till_in_its_own_branch_only(session: Session) -> None:
    own, other = shop(session), shop(session)
    owner = cashier(session, own, role=Role.MERCHANT)
    till = open_web_till(session, owner, own.branch.id)
    assert (till.kind, till.branch_id, till.status) == ("web", own.branch.id, "active")
    for branch_id in (other.branch.id, 10**9):
        with pytest.raises(BranchNotFound):
            open_web_till(session, owner, branch_id)
    with pytest.raises(BranchNotFound):
        open_web_till(session, cashier(session, own), own.branch.id)


def test_a_shift_is_opened_once_and_audited(session: Session) -> None:
    at = shop(session)
    person = cashier(session, at)
    first = open_shift(session, person, at.till.code, 500_000)
    assert open_shift(session, person, at.till.code, 500_000).id == first.id
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.subject == "till shift"))
    assert (entry.act, entry.account_id, entry.after) == ("open", 1, {"till": at.till.code, "opening_rial": 500_000})
    [row] = queries.tills_page(session, [at.merchant.organisation_id])
    assert row.shift_id == first.id


def test_a_till_takes_one_person_and_a_person_one_till(session: Session) -> None:
    at = shop(session)
    second = web_till(session, at.branch.id)
    one, other = cashier(session, at), cashier(session, at)
    open_shift(session, one, at.till.code, 0)
    with pytest.raises(TillTaken):
        open_shift(session, other, at.till.code, 0)
    with pytest.raises(ShiftOpenAlready) as refusal:
        open_shift(session, one, second.code, 0)
    assert refusal.value.facts == {"till": at.till.code}


def test_a_cashier_of_one_branch_sees_no_other(session: Session) -> None:
    at = shop(session)
    other_branch, other_shop = in_branch(session, at.merchant), shop(session)
    bound = cashier(session, at, is_bound=True)
    for code in (other_branch.till.code, other_shop.till.code, factories.terminal(session, shop=at.merchant).code, "X"):
        with pytest.raises(TillNotFound):
            open_shift(session, bound, code, 0)
    assert open_shift(session, cashier(session, at), other_branch.till.code, 0)


def test_a_suspended_till_and_an_impossible_amount_open_nothing(session: Session) -> None:
    at = shop(session)
    with pytest.raises(WrongAmount):
        open_shift(session, cashier(session, at), at.till.code, -1)
    suspend_terminal(session, ACTOR, at.till.code, "test")
    with pytest.raises(TillNotWorking):
        open_shift(session, cashier(session, at), at.till.code, 0)


def test_a_shift_is_cashed_up_by_its_own_person_and_stays_as_it_was(session: Session) -> None:
    at = shop(session)
    person = cashier(session, at)
    shift = open_shift(session, person, at.till.code, 500_000)
    with pytest.raises(NotPermitted):
        cash_up(session, cashier(session, at), shift.id, 500_000, "")
    with pytest.raises(WrongAmount):
        cash_up(session, person, shift.id, -1, "")
    with pytest.raises(BadInput):
        cash_up(session, person, shift.id, 1, "x" * 201)
    with pytest.raises(DifferenceUnexplained):
        cash_up(session, person, shift.id, 490_000, "  ")
    closed = cash_up(session, person, shift.id, 490_000, " ده هزار  کم بود ")
    assert (closed.expected_rial, closed.counted_rial, closed.why) == (500_000, 490_000, "ده هزار کم بود")
    assert cash_up(session, person, shift.id, 490_000, "").closed_at == closed.closed_at
    with pytest.raises(ShiftIsClosed):
        cash_up(session, person, shift.id, 1, "x")
    with pytest.raises(ShiftNotFound):
        cash_up(session, person, 10**9, 1, "x")
    assert open_shift(session, person, at.till.code, 490_000).id != shift.id


def test_nothing_is_cashed_up_while_a_basket_is_undecided(session: Session) -> None:
    at = shop(session)
    person = cashier(session, at)
    shift = open_shift(session, person, at.till.code, 0)
    begin_sale(session, person, shift.id, new_request_key(), BASKET)
    with pytest.raises(SalesUndecided) as refusal:
        cash_up(session, person, shift.id, 0, "")
    assert refusal.value.facts == {"count": 1}


def test_a_key_holds_one_basket(session: Session) -> None:
    at = shop(session)
    person, key = cashier(session, at), new_request_key()
    shift = open_shift(session, person, at.till.code, 0)
    sale = begin_sale(session, person, shift.id, key, BASKET)
    assert (sale.amount_rial, sale.lines, sale.outcome) == (330_000, tuple(BASKET), None)
    assert begin_sale(session, person, shift.id, key, BASKET).key == key
    with pytest.raises(OtherBasket):
        begin_sale(session, person, shift.id, key, BASKET[:1])


def test_a_declined_sale_is_tried_again_once(session: Session) -> None:
    at = shop(session)
    person = cashier(session, at)
    shift = open_shift(session, person, at.till.code, 0)
    declined = begin_sale(session, person, shift.id, new_request_key(), BASKET)
    first = try_again(session, person, declined, new_request_key())
    assert try_again(session, person, declined, new_request_key()).key == first.key
    assert queries.sale_row(session, declined.key).next_key == first.key


def test_no_sale_begins_in_a_closed_shift(session: Session) -> None:
    at = shop(session)
    person = cashier(session, at)
    shift = open_shift(session, person, at.till.code, 0)
    cash_up(session, person, shift.id, 0, "")
    with pytest.raises(ShiftIsClosed):
        begin_sale(session, person, shift.id, new_request_key(), BASKET)
