"""The paper of a sale, and cash for a card: in the holder's language, into the same drawer."""

import re
from typing import Any

import pytest

from cardbank.cards.rules import new_card_number
from cardbank.ledger.client import SyncTellerClient
from cardbank.ledger.errors import OutcomeUnknown
from cardbank.references import retrieval_reference
from kernel.printing import thermal
from merchants.services import sign_contract
from merchants.till.receipt import TEXTS, figures_of
from tests.factories import ACTOR
from tests.functional.bank import Bank
from tests.functional.till_page import TillPage, number_of
from tests.kernel.test_slip import printer, read_back, same
from tests.merchants.till.shop import Shop

__all__ = ["printer"]


@pytest.mark.parametrize(
    ("language", "said"),
    [("fa", "از پول کارت"), ("en", "From the card&#39;s money"), ("ar", "من مال البطاقة"), ("ur", "کارڈ کی رقم سے")],
)
def test_a_receipt_speaks_the_holders_language(till_page: TillPage, bank: Bank, language: str, said: str) -> None:
    number = number_of(bank, bank.card(language=language))
    sale = till_page.begin(("زعفران", "2", "45000"), ("", "1", "5000")).location
    till_page.pay(sale, number)
    page = till_page.see(f"{sale}/receipt")
    assert f'lang="{language}" dir="{"ltr" if language == "en" else "rtl"}"' in page
    assert said in page
    assert TEXTS[language]["keep"] in page
    assert f"<dt>{TEXTS[language]['credit']}</dt>" in page  # spent, earned and left, however little it is
    assert re.search(r'<svg [^>]*viewBox="0 0 \d+ \d+"', page)  # drawn smaller, the code stays whole
    assert {"fa": "۹۵٬۰۰۰", "en": "95,000", "ar": "٩٥٬٠٠٠", "ur": "۹۵٬۰۰۰"}[language] in page
    [(day, entry_id)] = bank.read("SELECT business_date, id FROM ledger.entry WHERE kind = 1 ORDER BY decided_at DESC LIMIT 1")
    assert retrieval_reference(day, entry_id) in page
    assert number not in page


def test_the_paper_is_as_wide_as_the_printer(till_page: TillPage, number: str) -> None:
    sale = till_page.sell("10000", number).location
    assert "slip-80" in till_page.see(f"{sale}/receipt")
    assert "slip-58" in till_page.see(f"{sale}/receipt?paper=58")
    assert "slip-80" in till_page.see(f"{sale}/receipt?paper=7")


def test_only_a_paid_sale_has_a_receipt(till_page: TillPage) -> None:
    sale = till_page.begin(("", "1", "10000")).location
    assert till_page.client.get(f"{sale}/receipt").location == sale
    assert till_page.client.get(f"{sale}/slip").location == sale
    assert till_page.client.post(f"{sale}/slip").status_code == 404


def test_the_slip_is_drawn_as_wide_as_the_head_and_carries_no_number(till_page: TillPage, bank: Bank, number: str) -> None:
    sale = till_page.sell("10000", number).location
    for paper, dots in {"80": 576, "58": 384, "7": 576}.items():
        answer = till_page.client.get(f"{sale}/slip?paper={paper}")
        assert answer.mimetype == "application/octet-stream"
        assert read_back(answer.data).width == dots
    other = number_of(bank, bank.card(language="en"))
    english = till_page.sell("10000", other).location
    pictures = [read_back(till_page.client.get(f"{one}/slip").data) for one in (sale, english)]
    assert not same(*pictures)


def test_a_slip_goes_to_the_tills_own_printer(till_page: TillPage, number: str, printer: dict[str, Any]) -> None:
    sale = till_page.sell("10000", number).location
    told = till_page.client.post(f"{sale}/slip")
    assert "This till has no printer yet" in told.text
    assert "To the till" not in told.text.split("slip-acts")[1].split("Set up")[0]
    for outside in ("8.8.8.8", "printer.local", "127.0.0.1", "169.254.169.254"):
        refused = till_page.client.post("/till/printer", data={"host": outside, "width": "58"})
        assert refused.status_code == 422
        assert f'value="{outside}"' in refused.text
        assert "no address of the shop&#39;s own network" in refused.text
    till_page.client.post("/till/printer", data={"host": "۱۹۲.۱۶۸.۱.۵۰", "width": "58", "drawer": "1"})
    assert 'value="192.168.1.50"' in till_page.see("/till/printer")
    printed = till_page.client.post(f"{sale}/slip")
    assert "The receipt is at the printer" in till_page.see(printed.location)
    assert printer["address"] == ("192.168.1.50", 9100)
    assert till_page.client.post("/till/printer", data={"host": "192.168.1.50", "width": "70"}).status_code == 422
    till_page.client.post("/till/printer", data={"host": "", "width": "58"})
    assert till_page.client.post(f"{sale}/slip").status_code == 409


def test_a_printer_that_is_off_is_told(till_page: TillPage, number: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(thermal.socket, "create_connection", refused)
    till_page.client.post("/till/printer", data={"host": "10.0.0.9", "width": "80"})
    answer = till_page.client.post(f"{till_page.sell('10000', number).location}/slip")
    assert "The printer does not answer" in answer.text


def test_every_language_says_the_same_things() -> None:
    assert len({frozenset(texts) for texts in TEXTS.values()}) == 1
    assert figures_of


@pytest.fixture
def with_cash(bank: Bank, at: Shop) -> None:
    """The shop's contract lets it take cash, up to 3,000,000 Rial a day."""
    from kernel import clock

    with bank.session() as session:
        sign_contract(
            session, ACTOR, at.merchant.id, starts_at=clock.now(), programme_id=bank.club.id, earns=True, spends=True,
            purchase_limit_rial=500_000_000, cash_limit_rial=3_000_000,
        )  # fmt: skip
        session.commit()


def take(till: TillPage, number: str, amount: str, key: str | None = None) -> Any:
    key = key or till.see("/till/top-up").split('name="key" value="')[1].split('"')[0]
    data = {"key": key, "number": number, "amount": amount}
    begun = till.client.post("/till/top-up", data=data)
    return till.client.post(begun.location, data=data) if begun.status_code == 307 else begun


@pytest.mark.usefixtures("with_cash")
def test_cash_is_taken_once_and_counted_with_the_drawer(till_page: TillPage, bank: Bank, card: dict[str, Any], number: str) -> None:
    before = bank.balance(card)
    key = till_page.see("/till/top-up").split('name="key" value="')[1].split('"')[0]
    for _ in range(2):
        taken = take(till_page, number, "۲٬۰۰۰٬۰۰۰", key)
        assert "2,000,000" in till_page.see(taken.location)
    assert bank.balance(card) == before + 2_000_000
    too_much = take(till_page, number, "1000001")
    assert too_much.status_code == 409
    assert "Please take less cash" in too_much.text
    assert 'value="1000001"' in too_much.text
    sheet = f"/till/shifts/{till_page.see('/till').split('/till/shifts/')[1].split(chr(34))[0]}"
    assert till_page.client.post(sheet, data={"counted": "500000"}).status_code == 422
    closed = till_page.client.post(sheet, data={"counted": "2500000"})
    assert "The drawer was right" in till_page.see(closed.location)


@pytest.mark.usefixtures("with_cash")
def test_cash_keyed_again_on_a_fresh_page_is_taken_once(
    till_page: TillPage, bank: Bank, card: dict[str, Any], number: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bank is silent, once before it has booked and once after; the cashier leaves the page and keys the same again."""
    before, real = bank.balance(card), SyncTellerClient._ask

    def silent(connection: Any, asked: Any) -> Any:
        raise OutcomeUnknown

    def torn(connection: Any, asked: Any) -> Any:
        real(connection, asked)
        raise OutcomeUnknown

    with monkeypatch.context() as patch:
        patch.setattr(SyncTellerClient, "_ask", staticmethod(silent))
        assert "The bank has not said yet" in take(till_page, number, "300000").text
    key, again = (till_page.see("/till/top-up").split('name="key" value="')[1].split('"')[0] for _ in range(2))
    assert key == again
    with monkeypatch.context() as patch:
        patch.setattr(SyncTellerClient, "_ask", staticmethod(torn))
        take(till_page, number, "300000")
    seen = till_page.see("/till/top-up")
    assert "is on the card now" in seen
    assert "300,000" in seen
    assert bank.balance(card) == before + 300_000
    take(till_page, number, "300000")
    assert bank.balance(card) == before + 600_000


def test_a_shop_whose_contract_takes_no_cash_is_told(till_page: TillPage, bank: Bank, number: str) -> None:
    with bank.session() as session:
        from kernel import clock

        sign_contract(
            session, ACTOR, bank.shop.id, starts_at=clock.now(), programme_id=bank.club.id, earns=True, spends=True,
            purchase_limit_rial=500_000_000,
        )  # fmt: skip
        session.commit()
    answer = take(till_page, number, "10000")
    assert answer.status_code == 409
    assert "takes no cash for cards" in answer.text
    unknown = take(till_page, "123", "10000")
    assert unknown.status_code == 422
    assert 'value="123"' in unknown.text
    assert "Unknown card" in take(till_page, new_card_number(), "10000").text
