"""The book of debts at the till: entered, paid in parts by cash and by card, given back, struck out, counted with the drawer."""

from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from openpyxl import load_workbook

from cardbank.services import new_request_key
from identity.permissions import Role
from kernel import clock
from kernel.calendar import jalali_digits, local_day
from tests import factories
from tests.functional.bank import Bank
from tests.functional.till_page import TillPage, forms
from tests.merchants.till.shop import Shop, in_branch
from tests.portal.conftest import statements_sent


def enter(page: TillPage, amount: str = "۵۰۰٬۰۰۰", days: int = 10, **form: str) -> Any:
    due = jalali_digits(local_day(clock.now()) + timedelta(days=days))
    typed = {"key": new_request_key(), "customer": "آقای رضایی", "amount": amount, "due_on": due, "note": "دو بسته زعفران"}
    return page.client.post("/till/debts", data=typed | form)


def pay(page: TillPage, debt: str, amount: str, way: str = "cash", key: str | None = None) -> Any:
    return page.client.post(f"{debt}/{way}", data={"key": key or new_request_key(), "amount": amount})


def left(page: TillPage, debt: str) -> str:
    """What the page says is left, digits only."""
    shown = page.see(debt).split("<dt>Left over</dt>")[1].split("</dd>")[0]
    return "".join(letter for letter in shown if letter.isdigit())


def test_a_debt_is_paid_in_parts_by_cash_and_by_card(till_page: TillPage, bank: Bank, card: dict[str, Any], number: str) -> None:
    before = bank.balance(card)
    debt = enter(till_page).location
    key = new_request_key()
    for _ in range(2):
        assert pay(till_page, debt, "200000", key=key).location.startswith(f"{debt}?taken=")
    assert left(till_page, debt) == "300000"
    sale = pay(till_page, debt, "۲۵۰٬۰۰۰", "card").location
    assert "Debt no." in till_page.see(sale)
    assert "رضایی" not in till_page.see(sale)
    assert "50,000 Rial of this debt may be paid now" in pay(till_page, debt, "100000").text
    till_page.pay(sale, number)
    assert bank.balance(card) == before - 250_000
    assert left(till_page, debt) == "50000"
    assert pay(till_page, debt, "50000").location.startswith(f"{debt}?taken=")
    page = till_page.see(debt)
    assert "Nothing is left to pay" in page
    assert "رضایی" not in till_page.see("/till/debts")
    assert "رضایی" in till_page.see("/till/debts?closed=1")
    assert pay(till_page, debt, "1").status_code == 409
    sheet = till_page.see(f"{debt}/sheet")
    assert "آقای رضایی" in sheet
    assert sheet.count("<td>Cash</td>") == 2
    assert bank.unbalanced() == []


def test_a_payment_that_goes_back_to_its_card_is_owed_again(till_page: TillPage, card: dict[str, Any], number: str) -> None:
    debt = enter(till_page, "90000").location
    sale = pay(till_page, debt, "90000", "card").location
    till_page.pay(sale, number)
    assert "Nothing is left to pay" in till_page.see(debt)
    till_page.client.post(f"{sale}/withdraw")
    assert left(till_page, debt) == "90000"
    assert "رضایی" in till_page.see("/till/debts")
    given_up = pay(till_page, debt, "90000", "card").location
    till_page.client.post(f"{given_up}/withdraw")
    assert pay(till_page, debt, "90000").location.startswith(f"{debt}?taken=")


def test_a_declined_card_frees_what_it_was_asked_for_only_until_it_is_asked_again(
    till_page: TillPage, bank: Bank, number: str
) -> None:
    from tests.functional.till_page import number_of

    debt = enter(till_page, "80000").location
    poor = number_of(bank, bank.card(money_rial=1_000))
    sale = pay(till_page, debt, "80000", "card").location
    second = till_page.pay(sale, poor).location
    assert "0 Rial of this debt may be paid now" in pay(till_page, debt, "1000").text
    till_page.pay(second, number)
    assert "Nothing is left to pay" in till_page.see(debt)


def test_cash_for_debts_lies_in_the_drawer(till_page: TillPage) -> None:
    debt = enter(till_page).location
    pay(till_page, debt, "120000")
    sheet = f"/till/shifts/{till_page.see('/till').split('/till/shifts/')[1].split(chr(34))[0]}"
    assert "120,000" in till_page.see(sheet)
    assert till_page.client.post(sheet, data={"counted": "500000"}).status_code == 422
    closed = till_page.client.post(sheet, data={"counted": "620000"})
    assert "The drawer was right" in till_page.see(closed.location)
    assert "Debts paid in cash" in till_page.see(closed.location)
    assert pay(till_page, debt, "1000").status_code == 409


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"customer": "", "number": ""}, "write the customer&#39;s name"),
        ({"amount": "0"}, "whole number of Rial"),
        ({"due_on": "1460/01/01"}, "within three years"),
        ({"due_on": "x"}, "year/month/day"),
        ({"number": "123"}, "No card has this number"),
        ({"note": "x" * 201}, "200 letters at most"),
    ],
)
def test_a_wrong_field_is_told_and_nothing_typed_is_lost(till_page: TillPage, typed: dict[str, str], said: str) -> None:
    answer = enter(till_page, **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="دو بسته زعفران"' in answer.text or "note" in typed
    assert 'value="۵۰۰٬۰۰۰"' in answer.text or "amount" in typed


def test_a_card_stands_for_a_name_and_one_form_makes_one_debt(till_page: TillPage, number: str) -> None:
    key = new_request_key()
    first, again = (enter(till_page, customer="", number=number, key=key).location for _ in range(2))
    assert first == again
    assert number[-4:] in till_page.see(first)
    assert number not in till_page.see(first)


def test_a_debt_is_struck_out_with_a_reason(till_page: TillPage) -> None:
    debt = enter(till_page).location
    assert till_page.client.post(f"{debt}/strike-out", data={"why": " "}).status_code == 422
    pay(till_page, debt, "1000")
    sale = pay(till_page, debt, "1000", "card").location
    assert till_page.client.post(f"{debt}/strike-out", data={"why": "اشتباه"}).status_code == 409
    till_page.client.post(f"{sale}/withdraw")
    assert till_page.client.post(f"{debt}/strike-out", data={"why": "اشتباه"}).location == debt
    assert "اشتباه" in till_page.see(debt)
    assert left(till_page, debt) == "0"
    assert till_page.client.post(f"{debt}/strike-out", data={"why": "باز"}).status_code == 409


def test_the_open_book_is_a_sheet_whose_ages_add_up(till_page: TillPage) -> None:
    addresses = [enter(till_page, "100000", days, customer=name).location for days, name in ((5, "=cmd"), (-31, "ب"), (-100, "پ"))]
    pay(till_page, addresses[1], "40000")
    answer = till_page.client.get("/till/debts.xlsx")
    sheet = load_workbook(BytesIO(answer.data)).active
    rows = list(sheet.values)
    assert rows[0][7] == "Left over", "what is left of a debt, not who has left"
    own = [row for row in rows if f"/till/debts/{row[0]}" in addresses]
    assert [row[7:] for row in own] == [
        (100_000, 0, 0, 0, 0, 100_000),
        (60_000, 0, 0, 60_000, 0, 0),
        (100_000, 100_000, 0, 0, 0, 0),
    ]
    assert rows[-1][5:] == tuple(sum(row[column] for row in rows[1:-1]) for column in range(5, 13))
    assert sum(rows[-1][8:]) == rows[-1][7]
    assert {cell.data_type for cell in sheet["B"] if cell.value == "=cmd"} == {"s"}, "a name is never computed"
    assert not [cell for row in rows for cell in row if "<" in str(cell)], "no markup in a sheet"
    assert "'=cmd" in till_page.client.get("/till/debts.csv").data.decode()
    assert till_page.client.get("/till/debts.pdf").status_code == 404
    page = till_page.see("/till/debts")
    assert "More than 90 days late" in page
    found = till_page.client.post("/till/debts/found", data={"q": "CMD"}).text
    assert ("=cmd" in found, "<bdi>ب</bdi>" in found) == (True, False), "a name is looked for, in no address"
    assert till_page.client.get("/till/debts?due=x&id=1").status_code == 422


def test_nobody_else_reads_the_book(till_page: TillPage, bank: Bank, sit_down: Any, at: Shop) -> None:
    debt = enter(till_page).location
    with bank.session() as session:
        elsewhere = in_branch(session, factories.merchant(session))
        union = factories.organisation(session)
        session.commit()
    other = sit_down(organisation_id=elsewhere.merchant.organisation_id)
    other.open(elsewhere.till.code)
    for address in (debt, f"{debt}/sheet"):
        assert other.client.get(address).status_code == 404
    for act in ("cash", "card", "strike-out"):
        assert other.client.post(f"{debt}/{act}", data={"key": new_request_key(), "amount": "1", "why": "x"}).status_code == 404
    assert "رضایی" not in other.see("/till/debts")
    assert sit_down(Role.UNION, organisation_id=union.id).client.get("/till/debts").status_code == 403


def test_the_book_is_read_in_as_many_queries_however_long_it_is(till_page: TillPage) -> None:
    sent = []
    for _ in range(2):
        for _ in range(4):
            pay(till_page, enter(till_page).location, "1000", "card")
        with statements_sent() as statements:
            assert forms(till_page.see("/till/debts"))
        sent.append(len(statements))
    assert sent[0] == sent[1]
    assert sent[1] <= 16
