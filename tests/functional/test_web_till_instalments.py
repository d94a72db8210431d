"""Instalments at the web till, over a real teller: the schedule is shown, sold on once, and taken back whole."""

from typing import Any

import psycopg
import pytest

from cardbank.ledger.verify import verify
from merchants.instalments.queries import instalments_of, plan_rows
from merchants.instalments.verify import CREDIT_LINES
from tests import factories
from tests.functional.bank import MONEY, Bank
from tests.functional.test_web_till_tap import tap
from tests.functional.till_page import TillPage, forms
from tests.merchants.instalments.deal import line, terms
from tests.merchants.till.shop import Shop, in_branch


@pytest.fixture
def at(bank: Bank, card: dict[str, Any]) -> Shop:
    """A shop of its own that sells so; the card's holder has a line."""
    with bank.session() as session:
        merchant = factories.merchant(session)
        factories.contract(session, merchant.id)
        terms(session, merchant.id, fee_rial=50_000)
        made = in_branch(session, merchant)
        line(session, card["card_id"], factories.organisation(session, "operator").id)
        session.commit()
    return made


def open_of(bank: Bank, at: Shop) -> list[list[int]]:
    with bank.session() as session:
        rows = plan_rows(session, merchant_id=at.merchant.id)
        return [[one.open_rial for one in instalments_of(session, row.plan.id)] for row in rows]


def test_a_basket_is_sold_in_instalments_and_undone(
    till_page: TillPage, bank: Bank, at: Shop, card: dict[str, Any], number: str
) -> None:
    assert "Numbers of instalments" not in till_page.see(till_page.begin(("نخ", "1", "10000")).location)
    sale = till_page.begin(("فرش", "1", "2000000")).location
    asked = till_page.see(sale)
    assert "In 2 or 4 monthly instalments." in asked
    schedule = till_page.client.post(f"{sale}/quote", data={"number": number, "count": "۴"}).text
    assert "2,050,000" in schedule
    assert number not in schedule
    token = forms(schedule)["instalments"]["token"][0]
    for _ in range(2):
        assert till_page.client.post(f"{sale}/instalments", data={"token": token}).location == sale
    paid = till_page.see(sale)
    assert "In instalments" in paid
    assert "2,050,000" in paid
    assert (open_of(bank, at), bank.balance(card)) == ([[514_000, 512_000, 512_000, 512_000]], MONEY)
    till_page.client.post(f"{sale}/withdraw")
    assert open_of(bank, at) == [[0, 0, 0, 0]]
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        assert [check for check in verify(connection, (CREDIT_LINES,)) if not check.ok] == []


def test_the_buyers_card_may_lie_on_the_reader(till_page: TillPage, bank: Bank, card: dict[str, Any]) -> None:
    sale = till_page.begin(("فرش", "1", "2000000")).location
    assert till_page.see(sale).count("data-challenge=") == 2
    proof = tap(till_page, bank.chip(card))
    assert "2,050,000" in till_page.client.post(f"{sale}/quote", data={"count": "4"} | proof).text


def test_what_the_line_or_the_contract_does_not_allow_is_said_and_nothing_is_lost(
    till_page: TillPage, bank: Bank, at: Shop, number: str
) -> None:
    sale = till_page.begin(("فرش", "1", "20000000")).location
    declined = till_page.client.post(f"{sale}/quote", data={"number": number, "count": "4"})
    assert (declined.status_code, "Credit line too small" in declined.text) == (409, True)
    wrong = till_page.client.post(f"{sale}/quote", data={"number": "12", "count": "4"})
    assert (wrong.status_code, "A card number has 19 digits" in wrong.text) == (422, True)
    assert 'data-about="line-number"' in wrong.text
    strange = till_page.client.post(f"{sale}/instalments", data={"token": "zz"})
    assert strange.status_code == 422
    assert open_of(bank, at) == []
