"""Cash for cards at a till: 0200 210000 through the real gateway, teller and database."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from merchants.models import Merchant
from pos_gateway.wire.codec import Message
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.functional.bank import MONEY, Bank
from tests.functional.test_gateway_repeats import facts, together
from tests.functional.till import Till

LIMIT = 1_000_000


@pytest.fixture(autouse=True)
def everything_balances(bank: Bank) -> Iterator[None]:
    yield
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        assert [check for check in verify(connection) if not check.ok] == []


@pytest.fixture
def shop(bank: Bank) -> Merchant:
    """A shop of its own, so that its day is its own, too."""
    with bank.session() as session:
        merchant = factories.merchant(session)
        factories.contract(session, merchant.id, cash_limit_rial=LIMIT)
        session.commit()
    return merchant


@pytest.fixture
def cash_till(bank: Bank, shop: Merchant) -> Iterator[Till]:
    terminal = bank.till(shop=shop)
    yield terminal
    terminal.close()


def top_up(till: Till, card: dict[str, Any], amount: int) -> Message:
    return till.purchase(card["card_number"], amount, de3="210000")


def owed_to(bank: Bank, shop: Merchant) -> int:
    sql = "SELECT balance FROM ledger.account_now WHERE wallet_id = %s AND kind = 20"
    [(balance,)] = bank.read(sql, shop.wallet_id)
    return int(balance)


def test_cash_goes_on_the_card_and_the_shop_owes_it(bank: Bank, cash_till: Till, shop: Merchant, card: dict[str, Any]) -> None:
    message = top_up(cash_till, card, 300_000)
    reply = cash_till.ask(message)
    check_presence(reply.message)
    assert (reply.mti, reply.code, reply.reason) == ("0210", "00", 0)
    assert "شارژ کارت: ۳۰۰٬۰۰۰" in reply.receipt[Tag.CUSTOMER_COPY]
    assert Tag.PAID_FROM_CARD not in reply.tags
    assert (bank.balance(card), owed_to(bank, shop)) == (MONEY + 300_000, -300_000)
    again = cash_till.ask(cash_till.again(message))
    assert (facts(again), again.tags[Tag.REPLAYED]) == (facts(reply), "1")
    assert bank.balance(card) == MONEY + 300_000


def test_a_tapped_card_is_topped_up_too(bank: Bank, cash_till: Till, card: dict[str, Any]) -> None:
    tapped = cash_till.tapped(cash_till.prove(bank.chip(card)), 1_000)
    assert cash_till.ask(Message("0200", tapped.fields | {3: "210000"})).code == "00"
    assert bank.balance(card) == MONEY + 1_000


def test_a_reversed_top_up_gives_its_room_back_and_what_was_spent_is_owed_and_paid_first(
    bank: Bank, cash_till: Till, shop: Merchant
) -> None:
    card = bank.card(money_rial=0)
    message = top_up(cash_till, card, LIMIT)
    assert cash_till.ask(message).code == "00"
    assert cash_till.ask(top_up(cash_till, card, 1)).reason == Reason.CASH_LIMIT_OF_DAY
    assert cash_till.ask(cash_till.purchase(card["card_number"], 400_000)).code == "00"
    assert cash_till.ask(cash_till.reversal(message)).code == "00"
    owed = "SELECT sum(balance) FROM ledger.account WHERE wallet_id = %s AND kind = 10"
    assert (bank.balance(card), bank.read(owed, card["wallet_id"])) == (0, [(-400_000,)])
    reply = cash_till.ask(top_up(cash_till, card, LIMIT))
    assert reply.code == "00"
    assert "بابت بدهی: ۴۰۰٬۰۰۰" in reply.receipt[Tag.CUSTOMER_COPY]
    assert (bank.balance(card), bank.read(owed, card["wallet_id"])) == (600_000, [(0,)])
    assert owed_to(bank, shop) == 400_000 - LIMIT


def test_a_shop_without_a_limit_takes_no_cash_and_a_blocked_card_gets_none(
    bank: Bank, cash_till: Till, card: dict[str, Any]
) -> None:
    with bank.session() as session:
        other = factories.merchant(session)
        factories.contract(session, other.id)
        session.commit()
    till = bank.till(shop=other)
    refused = till.ask(top_up(till, card, 1_000))
    assert (refused.code, refused.reason) == ("58", Reason.NOT_PERMITTED_TO_TERMINAL)
    till.close()
    with bank.session() as session:
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.LOST)
        session.commit()
    assert cash_till.ask(top_up(cash_till, card, 1_000)).code == "41"
    assert bank.balance(card) == MONEY


def test_many_tills_of_a_shop_at_once_take_exactly_what_the_shop_may(bank: Bank, shop: Merchant) -> None:
    """Twelve tills, twelve cards, a tenth of the limit each."""
    pairs = [(bank.till(shop=shop), bank.card(money_rial=0)) for _ in range(12)]
    replies = together(*((till, top_up(till, card, LIMIT // 10)) for till, card in pairs))
    assert sorted(reply.code for reply in replies) == ["00"] * 10 + ["61"] * 2
    assert sum(bank.balance(card) for _, card in pairs) == LIMIT == -owed_to(bank, shop)
    for till, _ in pairs:
        till.close()


def test_a_teller_that_starts_anew_knows_what_was_taken_today(bank: Bank, cash_till: Till, card: dict[str, Any]) -> None:
    assert cash_till.ask(top_up(cash_till, card, LIMIT - 1)).code == "00"
    bank.teller.kill()
    bank.start_teller()
    assert cash_till.ask(top_up(cash_till, card, 2)).reason == Reason.CASH_LIMIT_OF_DAY
    assert cash_till.ask(top_up(cash_till, card, 1)).code == "00"
