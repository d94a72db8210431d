"""Selling from the portal, over a real teller: the same use case as a terminal's, and each basket is paid once."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from cardbank.cards.rules import BlockReason, new_card_number
from cardbank.cards.services import block_card
from cardbank.ledger.client import SyncTellerClient
from cardbank.ledger.errors import OutcomeUnknown
from identity.permissions import Role
from identity.services import add_member, open_sign_in, sign_in
from kernel.web.application import SESSION_COOKIE
from merchants.models import Merchant
from merchants.till.services import selling
from tests import factories
from tests.functional.bank import Bank
from tests.functional.till_page import TillPage, forms, number_of
from tests.merchants.till.shop import Shop, in_branch

APPROVED = "Paid at"


def test_a_basket_is_paid_by_a_keyed_card(till_page: TillPage, bank: Bank, card: dict[str, Any], number: str) -> None:
    before = bank.balance(card)
    begun = till_page.begin(("زعفران", "۲", "۱۵۰٬۰۰۰"), ("", "", "30000"), ("", "1", ""))
    asked = till_page.see(begun.location)
    assert "330,000" in asked
    assert "This purchase gives" in asked
    assert "16,500" in asked
    paid = till_page.pay(begun.location, number)
    page = till_page.see(paid.location)
    assert APPROVED in page
    assert number not in page
    assert bank.balance(card) == before - 330_000
    assert bank.unbalanced() == []


def test_a_double_click_charges_once(till_page: TillPage, bank: Bank, card: dict[str, Any], number: str, app: Flask) -> None:
    before, sale = bank.balance(card), till_page.begin(("", "1", "40000")).location
    cookie = till_page.client.get_cookie(SESSION_COOKIE)
    assert cookie is not None

    def click(_: int) -> tuple[int, str]:
        client = app.test_client()
        client.set_cookie(SESSION_COOKIE, cookie.value)
        answer = client.post(f"{sale}/pay", data={"number": number})
        return answer.status_code, answer.location

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(click, range(4)))
    assert set(answers) == {(303, sale)}
    assert bank.balance(card) == before - 40_000


def test_a_page_that_was_sent_twice_makes_one_sale(till_page: TillPage) -> None:
    key = forms(till_page.see("/till"))["sales"]["key"][0]
    first, again = (till_page.begin(("", "1", "50000"), key=key) for _ in range(2))
    other = till_page.begin(("", "1", "60000"), key=key)
    assert first.location == again.location
    assert other.location == f"{first.location}?other=1"
    page = till_page.see(other.location)
    assert "50,000" in page
    assert "holds what was sent first" in page


def test_a_lost_answer_is_found_again_and_charges_once(
    till_page: TillPage, bank: Bank, card: dict[str, Any], number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection to the teller breaks behind the sent request, and the page hears nothing."""
    before, sale = bank.balance(card), till_page.begin(("", "1", "70000")).location

    def torn(self: SyncTellerClient, connection: Any, request: Any) -> Any:
        real(connection, request)
        raise OutcomeUnknown

    real = SyncTellerClient._ask
    with monkeypatch.context() as patch:
        patch.setattr(SyncTellerClient, "_ask", torn)
        answer = till_page.pay(sale, number)
    assert answer.status_code >= 400
    assert "The bank has not said yet" in answer.text
    assert APPROVED in till_page.see(sale)
    assert till_page.pay(sale, number).location == sale
    assert bank.balance(card) == before - 70_000


def test_a_teller_that_is_killed_after_posting_charges_once(
    till_page: TillPage, bank: Bank, card: dict[str, Any], number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The socket dies between the commit and the answer; the next life of the teller is asked under the same key."""
    before, sale = bank.balance(card), till_page.begin(("", "1", "80000")).location
    real, killed = SyncTellerClient._ask, []

    def once(connection: Any, request: Any) -> Any:
        answer = real(connection, request)
        if not killed:
            killed.append(bank.teller.kill())
            bank.start_teller()
            raise ConnectionResetError
        return answer

    monkeypatch.setattr(SyncTellerClient, "_ask", staticmethod(once))
    assert till_page.pay(sale, number).location == sale
    assert killed
    assert APPROVED in till_page.see(sale)
    assert bank.balance(card) == before - 80_000


def test_a_decline_names_reason_and_remedy_and_keeps_the_basket(till_page: TillPage, bank: Bank, number: str) -> None:
    declined = till_page.sell("900000000", number)
    page = till_page.see(declined.location)
    assert "The card was declined: Above the limit." in page
    assert "Please split it" in page
    assert "900,000,000" in page
    poor = number_of(bank, bank.card(money_rial=1_000))
    page = till_page.see(till_page.sell("20000", poor).location)
    assert "Not enough money" in page
    assert "The card can be topped up at a desk" in page
    again = till_page.see(till_page.pay(forms(page)["pay"]["action"][0].removesuffix("/pay"), number).location)
    assert APPROVED in again


def test_the_page_of_a_declined_try_leads_to_the_next(till_page: TillPage, number: str) -> None:
    first = till_page.begin(("", "1", "900000000")).location
    second = till_page.pay(first, number).location
    assert second != first
    assert till_page.client.get(first).location == second
    assert till_page.pay(first, number).location == second


def test_an_answer_lost_before_it_was_noted_can_be_tried_again(
    till_page: TillPage, number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The visit dies between the decline and the next try: the ledger still says what happened."""
    first = till_page.begin(("", "1", "900000000")).location
    with monkeypatch.context() as patch:
        patch.setattr(selling, "try_again", lambda *_: (_ for _ in ()).throw(RuntimeError))
        assert till_page.pay(first, number).status_code == 500
    page = till_page.see(first)
    assert "Try again with the same basket" in page
    second = till_page.client.post(f"{first}/again").location
    assert second != first
    assert till_page.client.post(f"{first}/again").location == second


@pytest.mark.parametrize("typed", ["", "12345", "9364001234567890123", "x" * 60])
def test_what_is_no_card_number_is_told_and_given_back(till_page: TillPage, typed: str) -> None:
    answer = till_page.sell("20000", typed)
    assert answer.status_code == 422
    assert "A card number has 19 digits." in answer.text
    assert f'value="{typed[:40]}"' in answer.text


def test_an_unknown_and_a_lost_card_are_declined(till_page: TillPage, bank: Bank, card: dict[str, Any], number: str) -> None:
    assert "Unknown card" in till_page.see(till_page.sell("20000", new_card_number()).location)
    with bank.session() as session:
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.LOST)
        session.commit()
    page = till_page.see(till_page.sell("20000", number).location)
    assert "Card reported lost" in page
    assert "Please ask for another card." in page


def test_credit_pays_a_part(till_page: TillPage, bank: Bank, card: dict[str, Any], number: str) -> None:
    till_page.sell("1000000", number)
    earned = bank.credit(card)
    assert earned == 50_000
    page = till_page.see(till_page.sell("100000", number, credit="exactly", **{"credit-amount": "۲۰٬۰۰۰"}).location)
    assert "From credit" in page
    assert bank.credit(card) == earned - 20_000 + 4_000
    fault = till_page.sell("100000", number, credit="exactly", **{"credit-amount": "many"})
    assert fault.status_code == 422
    assert 'value="many"' in fault.text


def test_a_sale_that_is_given_up_is_never_paid(till_page: TillPage, bank: Bank, card: dict[str, Any], number: str) -> None:
    before, sale = bank.balance(card), till_page.begin(("چای", "3", "10000")).location
    edited = till_page.client.post(f"{sale}/withdraw", data={"edit": "1"})
    assert "چای" in edited.text
    assert 'value="10,000"' in edited.text
    assert forms(edited.text)["sales"]["key"][0] not in sale
    assert till_page.pay(sale, number).location == sale
    assert "Withdrawn" in till_page.see(sale)
    assert bank.balance(card) == before


def test_a_paid_sale_is_undone_once(till_page: TillPage, bank: Bank, card: dict[str, Any], number: str) -> None:
    before = bank.balance(card)
    sale = till_page.sell("90000", number).location
    for _ in range(2):
        assert till_page.client.post(f"{sale}/withdraw").location == sale
    assert "Withdrawn" in till_page.see(sale)
    assert bank.balance(card) == before
    assert bank.credit(card) == 0


def test_the_shift_is_cashed_up_over_what_the_ledger_says(till_page: TillPage, number: str) -> None:
    till_page.sell("300000", number)
    open_sale = till_page.begin(("", "1", "10000")).location
    sheet = f"/till/shifts/{till_page.see('/till').split('/till/shifts/')[1].split(chr(34))[0]}"
    refused = till_page.client.post(sheet, data={"counted": "500000"})
    assert refused.status_code == 409
    assert "Sales that are neither paid nor withdrawn: 1" in refused.text
    till_page.client.post(f"{open_sale}/withdraw")
    short = till_page.client.post(sheet, data={"counted": "۴۹۰٬۰۰۰"})
    assert short.status_code == 422
    assert "The drawer should hold 500,000 Rial and you counted 490,000" in short.text
    assert 'value="۴۹۰٬۰۰۰"' in short.text
    closed = till_page.client.post(sheet, data={"counted": "490000", "why": "بقیه کم بود"})
    page = till_page.see(closed.location)
    assert "The drawer differed" in page
    assert "300,000" in page
    assert "Choose a till" in till_page.see("/till")


def test_only_its_own_person_takes_a_sales_payment(
    till_page: TillPage, sit_down: Callable[..., TillPage], bank: Bank, number: str
) -> None:
    sale = till_page.begin(("", "1", "10000")).location
    colleague = sit_down()
    assert "Only the person of this shift takes its payment." in colleague.see(sale)
    assert colleague.pay(sale, number).status_code == 403
    with bank.session() as session:
        elsewhere = factories.organisation(session).id
        session.commit()
    stranger = sit_down(organisation_id=elsewhere)
    assert stranger.client.get(sale).status_code == 404


def test_the_bank_is_out_of_reach_and_nothing_is_charged(
    till_page: TillPage, bank: Bank, card: dict[str, Any], number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, sale = bank.balance(card), till_page.begin(("", "1", "10000")).location
    monkeypatch.setattr(selling, "DEADLINE", selling.DEADLINE / 20)
    bank.teller.kill()
    try:
        answer = till_page.pay(sale, number)
        assert answer.status_code == 503
        assert "Bank not reachable" in answer.text
        assert "Nothing was charged." in answer.text
    finally:
        bank.start_teller()
    assert till_page.pay(sale, number).location == sale
    assert bank.balance(card) == before - 10_000


def test_a_till_reads_few_statements_however_much_it_has_sold(
    till_page: TillPage, app: Flask, number: str, count_statements: Callable[[Callable[[], object]], int]
) -> None:
    client: FlaskClient = till_page.client
    sale = till_page.sell("10000", number).location

    def counts() -> list[int]:
        return [count_statements(partial(client.get, address)) for address in ("/till", sale, "/till/shifts")]

    few = counts()
    for _ in range(6):
        till_page.sell("10000", number)
    many = counts()
    assert many == few
    assert max(many) <= 10


@pytest.fixture
def count_statements() -> Callable[[Callable[[], object]], int]:
    from tests.portal.conftest import statements_sent

    def count(act: Callable[[], object]) -> int:
        with statements_sent() as sent:
            act()
        return len(sent)

    return count


def test_a_cashier_of_another_branch_sees_neither_sale_nor_shift(
    till_page: TillPage, app: Flask, bank: Bank, at: Shop, number: str
) -> None:
    sale = till_page.sell("10000", number).location
    sheet = f"/till/shifts/{till_page.see('/till').split('/till/shifts/')[1].split(chr(34))[0]}"
    with bank.session() as session:
        elsewhere = in_branch(session, session.get_one(Merchant, at.merchant.id))
        person = factories.person(session)
        add_member(session, factories.ACTOR, person.id, Role.CASHIER, at.merchant.organisation_id, elsewhere.branch.id)
        open_sign_in(session, factories.ACTOR, person.id, "bound-cashier", factories.PASSWORD, "en")
        token = sign_in(session, "bound-cashier", factories.PASSWORD)[1]
        session.commit()
    client = app.test_client()
    client.set_cookie(SESSION_COOKIE, token)
    for address in (sale, f"{sale}/receipt", sheet):
        assert client.get(address).status_code == 404
    assert client.post(f"{sale}/withdraw").status_code == 403
    chosen = client.get("/till").text
    assert elsewhere.till.code in chosen
    assert at.till.code not in chosen
    assert client.post("/till/shifts", data={"till": at.till.code}).status_code == 404
