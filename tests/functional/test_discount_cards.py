"""Cards without money, through the real gateway, web till, teller and database: shown, paid in cash, and never filled."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from cardbank.cards.export import card_export
from cardbank.cards.services import activate_card, issue_card, stock_card
from cardbank.errors import CardNotUsable
from cardbank.kinds.rules import KindTerms, Technology
from cardbank.kinds.services import define_kind
from cardbank.reasons import Reason
from cardbank.services import new_request_key, top_up_at_desk
from kernel import clock
from kernel.calendar import local_day
from merchants.discounts.queries import SoldForCash, cash_sales_between, cash_sales_of_card
from merchants.models import Merchant
from pos_gateway.wire.codec import Message
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.factories import ACTOR
from tests.functional.bank import Bank
from tests.functional.test_cash_discounts import discounting, priced
from tests.functional.till import Reply, Till
from tests.functional.till_page import TillPage, number_of
from tests.merchants.till.shop import Shop, in_branch


@pytest.fixture(scope="module")
def kind(bank: Bank) -> str:
    with bank.session() as session:
        terms = KindTerms(
            {"fa": "کارت تخفیف", "en": "Discount card"},
            local_day(clock.now()),
            12,
            Technology.CHIP,
            allows_anonymous=True,
            holds_money=False,
        )
        define_kind(session, ACTOR, "discount", terms)
        session.commit()
    return "discount"


@pytest.fixture
def shown(bank: Bank, kind: str) -> dict[str, Any]:
    """A card without money, with `card_id`."""
    with bank.session() as session:
        blank = stock_card(session, bank.keystore, ACTOR, b"\x04" + os.urandom(6), kind)
        card = issue_card(session, bank.keystore, ACTOR, person_id=factories.person(session).id, card=blank, product=kind)
        activate_card(session, ACTOR, card.id)
        session.commit()
        return card_export(session, bank.keystore, card.id) | {"card_id": card.id}


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
def seller(bank: Bank, shop: Merchant) -> Iterator[Till]:
    terminal = bank.till(shop=shop)
    yield terminal
    terminal.close()


NOTHING_ON_IT = "این کارت برای تخفیف است و پولی روی آن نیست."


def sentence(reply: Reply) -> str:
    return " ".join(str(reply.receipt[Tag.FOOTER]).split())


def sold(bank: Bank, card: dict[str, Any]) -> list[SoldForCash]:
    with bank.session() as session:
        return cash_sales_of_card(session, card["card_id"], most=9)


def posted(bank: Bank, card: dict[str, Any]) -> int:
    return len(bank.read("SELECT 1 FROM ledger.entry WHERE wallet_id = %s", card["wallet_id"]))


@pytest.mark.parametrize(("amount", "told"), [(880_000, priced(1_000_000)), (1_000_000, {})], ids=["takes it off", "knows of none"])
def test_a_terminal_hears_what_is_paid_in_cash_and_the_sale_is_on_record_once(
    bank: Bank, seller: Till, shown: dict[str, Any], amount: int, told: dict[Tag, str]
) -> None:
    message = seller.purchase(shown["card_number"], amount, told)
    for reply in (seller.ask(message), seller.ask(seller.again(message))):
        assert (reply.code, reply.reason) == ("57", Reason.PAYS_IN_CASH)
        assert sentence(reply) == "این کارتِ تخفیف پول ندارد؛ ۸۸۰٬۰۰۰ ریال نقد بپردازید."
        assert "تخفیف نقدی ۱۲٪: ۱۲۰٬۰۰۰" in reply.receipt[Tag.CUSTOMER_COPY]
        assert reply.tags[Tag.CASH_DISCOUNT] == "1200"
    [one] = sold(bank, shown)
    assert (one.due.price_rial, one.due.due_rial, one.is_taken_back) == (1_000_000, 880_000, False)
    assert posted(bank, shown) == 0


def test_a_tap_tells_the_entitlement_before_any_amount_and_a_reversal_takes_the_sale_back(
    bank: Bank, seller: Till, till: Till, shown: dict[str, Any]
) -> None:
    check = seller.ask(Message("0100", seller.fields(de3="330000", de2=shown["card_number"]) | {48: {}}))
    assert (check.code, check.tags[Tag.CASH_DISCOUNT], "۱۲٪" in sentence(check)) == ("00", "1200", True)
    tap = seller.tapped(seller.prove(bank.chip(shown)), 500_000)
    assert seller.ask(tap).reason == Reason.PAYS_IN_CASH
    assert seller.ask(seller.reversal(tap)).code == "00"
    assert seller.ask(seller.again(tap)).reason == Reason.PAYS_IN_CASH
    assert [one.is_taken_back for one in sold(bank, shown)] == [True], "a late copy sells nothing anew"
    elsewhere = till.ask(till.purchase(shown["card_number"], 500_000))
    assert (elsewhere.reason, sentence(elsewhere)) == (Reason.HOLDS_NO_MONEY, NOTHING_ON_IT)
    assert len(sold(bank, shown)) == 1


def test_nothing_is_put_on_it_at_a_till_or_a_desk(bank: Bank, till: Till, shown: dict[str, Any]) -> None:
    refused = till.ask(till.purchase(shown["card_number"], 100_000, de3="210000"))
    assert (refused.code, refused.reason) == ("57", Reason.HOLDS_NO_MONEY)
    assert sentence(refused) == NOTHING_ON_IT
    asked = till.fields(de2=shown["card_number"], de3="003000", de4=f"{100_000:012d}")
    quoted = till.ask(Message("0100", asked | {48: {Tag.INSTALMENTS: "02"}}))
    assert (quoted.reason, sentence(quoted)) == (Reason.HOLDS_NO_MONEY, NOTHING_ON_IT)
    with bank.session() as session, pytest.raises(CardNotUsable) as told:
        top_up_at_desk(session, ACTOR, shown["card_id"], 100_000, new_request_key())
    assert told.value.facts == {"reason": Reason.HOLDS_NO_MONEY}
    assert posted(bank, shown) == 0


def test_at_the_web_till_the_drawer_holds_the_cash_until_the_sale_is_undone(
    till_page: TillPage, bank: Bank, shop: Merchant, shown: dict[str, Any]
) -> None:
    number = number_of(bank, shown)
    kept = till_page.sell("1000000", number).location
    page = till_page.see(kept)
    assert all(said in page for said in ("Paid in cash", "880,000", "take this amount in cash"))
    assert till_page.pay(kept, number).location == kept
    receipt = till_page.see(f"{kept}/receipt")
    assert all(said in receipt for said in ("نقد", "تخفیف نقدی ۱۲٪"))
    assert till_page.client.get(f"{kept}/slip").status_code == 200
    undone = till_page.sell("500000", number).location
    till_page.client.post(f"{undone}/withdraw")
    assert "The cash goes back to the customer." in till_page.see(undone)
    assert [one.is_taken_back for one in sold(bank, shown)] == [True, False]
    with bank.session() as session:
        now = clock.now()
        assert cash_sales_between(session, shop.id, now.replace(hour=0, minute=0), now) == (1, 880_000, 120_000)
    sheet = f"/till/shifts/{till_page.see('/till').split('/till/shifts/')[1].split(chr(34))[0]}"
    assert "Sold in cash" in till_page.see(sheet)
    assert till_page.client.post(sheet, data={"counted": "1380000"}).status_code == 303, (
        "500,000 at the opening, and the sale that stands"
    )
