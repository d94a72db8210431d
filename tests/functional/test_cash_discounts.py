"""The discount for paying at once, through the real gateway, web till, teller and database: taken off once, returned as paid."""

import io
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from cardbank.references import entry_of_reference
from kernel import clock
from kernel.calendar import local_day
from kernel.settings import load_settings
from merchants.discounts.queries import Taken, discount_of_entry
from merchants.look.services import set_look
from merchants.models import Merchant
from merchants.onboarding.adapters.folder import FolderStore
from merchants.queries import terminal_profile
from merchants.settlement.models import PricedLine
from merchants.settlement.services.closing import close_now
from merchants.settlement.verify import SETTLEMENT
from merchants.till.texts import set_texts
from pos_gateway.wire.tlv import Tag
from reader_agent.sale import SaleQueue, read_sale
from reader_agent.screen import Screen
from reader_agent.till import Result
from reader_agent.till import Till as AgentTill
from tests import factories
from tests.factories import ACTOR
from tests.functional.bank import MONEY, Bank
from tests.functional.test_gateway_reader_agent import NoReader, opened
from tests.functional.test_web_till_goods import give_back, purchase_of
from tests.functional.till import Till
from tests.functional.till_page import TillPage
from tests.merchants.instalments.deal import line, terms
from tests.merchants.till.shop import Shop, in_branch
from tests.pictures import photo

TWELVE = 1_200


def discounting(bank: Bank, share: int = TWELVE, **changes: Any) -> Merchant:
    with bank.session() as session:
        made = factories.merchant(session)
        factories.contract(session, made.id)
        terms(session, made.id, cash_discount_basis_points=share, **changes)
        session.commit()
        return made


@pytest.fixture
def shop(bank: Bank) -> Merchant:
    return discounting(bank)


@pytest.fixture
def at(bank: Bank, shop: Merchant) -> Shop:
    with bank.session() as session:
        made = in_branch(session, shop)
        session.commit()
    return made


@pytest.fixture
def seller(bank: Bank, shop: Merchant) -> Any:
    terminal = bank.till(shop=shop)
    yield terminal
    terminal.close()


def priced(price: int) -> dict[Tag, str]:
    return {Tag.PRICE: f"{price:012d}"}


def taken(bank: Bank, reference: str) -> Taken | None:
    found = entry_of_reference(reference, local_day(clock.now()))
    assert found
    with bank.session() as session:
        return discount_of_entry(session, *found)


def test_a_terminal_hears_the_share_and_what_it_takes_off_is_checked_kept_and_printed(
    bank: Bank, seller: Till, card: dict[str, Any]
) -> None:
    assert seller.ask(seller.network("001")).tags[Tag.CASH_DISCOUNT] == "1200"
    message = seller.purchase(card["card_number"], 880_001, priced(1_000_001))
    sold = seller.ask(message)
    assert (sold.code, bank.balance(card)) == ("00", MONEY - 880_001)
    assert "قیمت: ۱٬۰۰۰٬۰۰۱" in sold.receipt[Tag.CUSTOMER_COPY]
    assert "تخفیف نقدی ۱۲٪: ۱۲۰٬۰۰۰" in sold.receipt[Tag.CUSTOMER_COPY]
    again = seller.ask(seller.again(message))
    assert (again.tags[Tag.REPLAYED], "تخفیف نقدی" in again.receipt[Tag.CUSTOMER_COPY]) == ("1", True)
    assert taken(bank, sold[37]) == Taken(1_000_001, 120_000, TWELVE)
    assert bank.balance(card) == MONEY - 880_001


def test_the_shops_own_words_stand_on_the_paper_of_every_till_and_its_look_on_the_portals(
    bank: Bank, shop: Merchant, till_page: TillPage, seller: Till, card: dict[str, Any], number: str
) -> None:
    with bank.session() as session:
        set_texts(session, ACTOR, shop.id, {"head_fa": "زعفران اصل قائنات", "foot_fa": "به امید دیدار"})
        set_look(session, FolderStore(load_settings().documents_folder), ACTOR, shop.id, "lapis", photo())
        session.commit()
    sold = seller.ask(seller.purchase(card["card_number"], 100_000))
    assert "^Cزعفران اصل قائنات" in sold.receipt[Tag.CUSTOMER_COPY]
    assert "به امید دیدار" in sold.receipt[Tag.FOOTER]
    sale = till_page.sell("50000", number).location
    paper = till_page.see(f"{sale}/receipt")
    assert (
        paper.index("look look-lapis")
        < paper.index('class="logo slip-logo"')
        < paper.index("زعفران اصل قائنات")
        < paper.index("به امید دیدار")
    )
    assert till_page.client.get(f"{sale}/slip").status_code == 200


def test_another_share_is_declined_with_the_one_that_holds_and_moves_nothing(
    bank: Bank, seller: Till, till: Till, card: dict[str, Any]
) -> None:
    for price, amount in ((1_000_000, 900_000), (1_000_000, 879_999), (1_000_000, 1_000_000), (800_000, 880_000)):
        refused = seller.ask(seller.purchase(card["card_number"], amount, priced(price)))
        assert (refused.code, refused.reason, refused.tags[Tag.CASH_DISCOUNT]) == ("13", Reason.CASH_DISCOUNT_DIFFERS, "1200")
    elsewhere = till.ask(till.purchase(card["card_number"], 880_000, priced(1_000_000)))
    assert (elsewhere.reason, elsewhere.tags[Tag.CASH_DISCOUNT]) == (Reason.CASH_DISCOUNT_DIFFERS, "0000")
    assert Tag.CASH_DISCOUNT not in till.ask(till.network("301")).tags
    assert bank.balance(card) == MONEY


def test_a_terminal_that_knows_nothing_of_it_goes_on_as_before(bank: Bank, seller: Till, card: dict[str, Any]) -> None:
    sold = seller.ask(seller.purchase(card["card_number"], 1_000_000))
    assert (sold.code, taken(bank, sold[37])) == ("00", None)
    assert bank.balance(card) == MONEY - 1_000_000


def test_returns_and_reversals_give_back_what_was_paid_and_the_lines_follow(
    bank: Bank, seller: Till, shop: Merchant, card: dict[str, Any]
) -> None:
    message = seller.purchase(card["card_number"], 880_000, priced(1_000_000))
    sold = seller.ask(message)
    assert seller.ask(seller.refund(sold, 220_000)).code == "00"
    undone = seller.purchase(card["card_number"], 88_000, priced(100_000))
    assert seller.ask(undone).code == "00"
    assert seller.ask(seller.reversal(undone)).code == "00"
    assert bank.balance(card) == MONEY - 660_000
    with bank.session() as session:
        close_now(session, ACTOR)
        session.commit()
        lines = session.query(PricedLine).filter_by(merchant_id=shop.id).order_by(PricedLine.entry_id).all()
    assert [(line.gross_rial, line.discount_rial) for line in lines] == [
        (880_000, 120_000), (-220_000, -30_000), (88_000, 12_000), (-88_000, -12_000),
    ]  # fmt: skip
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        assert [check for check in verify(connection, (SETTLEMENT,)) if not check.ok] == []


def test_our_own_till_shows_price_discount_and_rest_and_learns_a_new_share(
    bank: Bank, shop: Merchant, card: dict[str, Any], tmp_path: Path
) -> None:
    screen, results, number = io.StringIO(), list[Result](), card["card_number"]

    def type_in(agent: Any, order: str) -> Result:
        AgentTill(NoReader(), agent, SaleQueue(None, sales=(read_sale(order),)), Screen("en", screen), results.append).serve()  # type: ignore[arg-type]
        return results[-1]

    sale = f'{{"amount_rial": 1000000, "card_number": "{number}"}}'
    with opened(bank.till(shop=shop).config, tmp_path) as agent:
        sold = type_in(agent, sale)
        assert (sold["outcome"], sold["amount_rial"], sold["price_rial"], sold["discount_rial"]) == (
            "approved", 880_000, 1_000_000, 120_000,
        )  # fmt: skip
        assert "Price 1,000,000 Rial, cash discount 120,000 Rial, to pay 880,000 Rial." in screen.getvalue()
        plain = type_in(agent, sale[:-1] + ', "discount": false}')
        assert (plain["outcome"], plain["amount_rial"], "price_rial" in plain) == ("approved", 1_000_000, False)
        with bank.session() as session:
            terms(session, shop.id, cash_discount_basis_points=500)
            session.commit()
        assert type_in(agent, sale)["outcome"] == "declined"
        assert "The shop's cash discount has changed." in screen.getvalue()
        assert type_in(agent, sale)["amount_rial"] == 950_000
    assert bank.balance(card) == MONEY - 880_000 - 1_000_000 - 950_000


def test_the_web_till_shows_both_prices_takes_the_lower_and_returns_it(
    till_page: TillPage, bank: Bank, card: dict[str, Any], number: str
) -> None:
    sale = till_page.begin(("فرش", "3", "1000")).location
    asked = till_page.see(sale)
    assert "Cash discount of 12%" in asked
    assert "2,640" in asked
    till_page.pay(sale, number)
    paid = till_page.see(sale)
    assert bank.balance(card) == MONEY - 2_640
    receipt = till_page.see(f"{sale}/receipt")
    assert "قیمت" in receipt
    assert "تخفیف نقدی ۱۲٪" in receipt
    give_back(till_page, purchase_of(paid), **{"back-0": "1"})
    assert bank.balance(card) == MONEY - 1_760


def test_instalments_cost_the_whole_price_and_a_declined_sale_keeps_its_promise(
    till_page: TillPage, bank: Bank, shop: Merchant, card: dict[str, Any], number: str
) -> None:
    with bank.session() as session:
        line(session, card["card_id"], factories.organisation(session, "operator").id)
        session.commit()
    sale = till_page.begin(("فرش", "1", "2000000")).location
    assert "In instalments the whole price" in till_page.see(sale)
    schedule = till_page.client.post(f"{sale}/quote", data={"number": number, "count": "2"}).text
    assert "2,000,000" in schedule
    dear = till_page.begin(("فرش", "1", "10000000")).location
    again = till_page.pay(dear, number).location
    assert again != dear
    with bank.session() as session:
        terms(session, shop.id, cash_discount_basis_points=0)
        session.commit()
    assert "8,800,000" in till_page.see(again)


def test_terms_hold_to_the_end_of_their_last_day(bank: Bank, at: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    today = local_day(clock.now())
    with bank.session() as session:
        terms(
            session, at.merchant.id, cash_discount_basis_points=700, ends_on=today + timedelta(days=1), discounts_card_prices=True
        )
        session.commit()
        now = terminal_profile(session, at.till.code)
        assert now is not None
        assert (now.cash_discount_basis_points, now.discounts_card_prices) == (700, True)
        assert now.valid_until is not None
        assert local_day(now.valid_until) == today + timedelta(days=2)
        ended = now.valid_until
        monkeypatch.setattr(clock, "now", lambda: ended)
        later = terminal_profile(session, at.till.code)
    assert later is not None
    assert (later.cash_discount_basis_points, later.discounts_card_prices) == (0, False)
