"""Gift cards at the web till, over a real teller: sold, loaded, spent, paid out, and counted with the drawer."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from cardbank.cards.rules import CardStatus
from tests.functional.bank import Bank
from tests.functional.test_gateway_gifts import gifts, held
from tests.functional.till_page import TillPage


@pytest.fixture
def gift(bank: Bank) -> str:
    return gifts(bank, 1)[0]


def key_of_page(till: TillPage, address: str = "/till/gifts") -> str:
    return till.see(address).split('name="key" value="')[1].split('"')[0]


def load(till: TillPage, number: str, amount: str, operation: str = "sell", key: str | None = None) -> TestResponse:
    data = {"key": key or key_of_page(till), "number": number, "amount": amount, "operation": operation}
    begun = till.client.post("/till/gifts", data=data)
    return till.client.post(begun.location, data=data) if begun.status_code == 307 else begun


def give_back(till: TillPage, slip: str, number: str) -> TestResponse:
    address = slip.partition("?")[0]
    return till.client.post(address, data={"key": key_of_page(till, address), "number": number})


def test_a_gift_is_sold_once_spent_as_payment_and_counted_with_the_drawer(till_page: TillPage, bank: Bank, gift: str) -> None:
    key = key_of_page(till_page)
    slips = [load(till_page, gift, "۵۰۰٬۰۰۰", key=key) for _ in range(2)]
    assert [slip.status_code for slip in slips] == [303, 303]
    assert slips[0].location == slips[1].location
    page = till_page.see(slips[0].location)
    assert "500,000" in page
    assert gift not in page
    assert held(bank, gift) == (500_000, CardStatus.ACTIVE)
    twice = load(till_page, gift, "1000")
    assert (twice.status_code, "Choose “load again”" in twice.text) == (409, True)
    assert load(till_page, gift, "100000", "load").status_code == 303
    paid = till_page.sell("600000", gift)
    assert "From a gift" in till_page.see(paid.location) or "600,000" in till_page.see(paid.location)
    assert held(bank, gift)[0] == 0
    sheet = f"/till/shifts/{till_page.see('/till').split('/till/shifts/')[1].split(chr(34))[0]}"
    closed = till_page.client.post(sheet, data={"counted": "1100000"})
    assert "The drawer was right" in till_page.see(closed.location)


def test_an_unspent_gift_is_found_by_its_receipt_and_paid_out_of_the_drawer(till_page: TillPage, bank: Bank, gift: str) -> None:
    slip = load(till_page, gift, "300000").location
    number = till_page.see(slip).split('slip-number">')[1].split("<")[0]
    assert till_page.client.get(f"/till/gifts?receipt={number}").location == slip.partition("?")[0]
    assert "No gift card was loaded" in till_page.see("/till/gifts?receipt=000000000000")
    other = gifts(bank, 1)[0]
    assert "do not belong together" in give_back(till_page, slip, other).text
    assert give_back(till_page, slip, gift).status_code == 303
    page = till_page.see(slip.partition("?")[0])
    assert "Given back: " in page
    assert "Pay it out" not in page
    assert held(bank, gift) == (0, CardStatus.BLOCKED)
    sheet = f"/till/shifts/{till_page.see('/till').split('/till/shifts/')[1].split(chr(34))[0]}"
    closed = till_page.client.post(sheet, data={"counted": "500000"})
    assert "The drawer was right" in till_page.see(closed.location)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"amount": "much"}, "The amount must be a whole number of Rial"),
        ({"number": "12"}, "A card number has 19 digits"),
    ],
)
def test_what_is_typed_wrong_is_told_and_kept(till_page: TillPage, gift: str, typed: dict[str, str], said: str) -> None:
    data = {"key": key_of_page(till_page), "number": gift, "amount": "1000", "operation": "load"} | typed
    page = till_page.client.post("/till/gifts", data=data)
    assert (page.status_code, said in page.text) == (422, True)
    assert all(f'value="{value}"' in page.text for value in typed.values())
    assert 'value="load" checked' in page.text
    assert gift not in page.text


def test_a_spent_gift_and_another_card_are_not_what_they_seem(
    till_page: TillPage, card: dict[str, Any], number: str, gift: str
) -> None:
    assert "This is no gift card." in load(till_page, number, "1000").text
    assert "It is not sold yet." in load(till_page, gift, "1000", "load").text
    slip = load(till_page, gift, "50000").location
    key = key_of_page(till_page, slip.partition("?")[0])
    till_page.sell("10000", gift)
    late = till_page.client.post(slip.partition("?")[0], data={"key": key, "number": gift})
    assert (late.status_code, "spent already" in late.text) == (409, True)
