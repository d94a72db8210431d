"""Instalments through the real gateway, teller and database: quote, purchase, repeats, returns, and what a till may not do."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from merchants.batches.verify import TERMINAL_BATCHES
from merchants.instalments import queries
from merchants.instalments.models import CreditLine
from merchants.instalments.services.paying import pay_now
from merchants.instalments.verify import CREDIT_LINES
from merchants.models import Merchant
from pos_gateway.wire.codec import Message
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.factories import ACTOR
from tests.functional.bank import MONEY, Bank
from tests.functional.till import Reply, Till
from tests.merchants.instalments.deal import LIMIT, line, terms

PRICE, FEE = 1_000_000, 20_000


@pytest.fixture(autouse=True)
def everything_balances(bank: Bank) -> Iterator[None]:
    yield
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        checks = verify(connection, (CREDIT_LINES, TERMINAL_BATCHES))
    assert [check for check in checks if not check.ok] == []


@pytest.fixture(scope="module")
def shop(bank: Bank) -> Merchant:
    with bank.session() as session:
        made = factories.merchant(session)
        factories.contract(session, made.id)
        terms(session, made.id, fee_rial=FEE)
        session.commit()
        return made


@pytest.fixture
def seller(bank: Bank, shop: Merchant) -> Iterator[Till]:
    terminal = bank.till(shop=shop)
    yield terminal
    terminal.close()


@pytest.fixture
def given(bank: Bank, card: dict[str, Any]) -> CreditLine:
    """The card's credit line."""
    with bank.session() as session:
        made = line(session, card["card_id"], factories.organisation(session, "operator").id)
        session.commit()
        return made


def open_of(bank: Bank, given: CreditLine) -> list[list[int]]:
    """What is open of each plan's instalments."""
    with bank.session() as session:
        rows = queries.plan_rows(session, wallet_ids=[given.wallet_id])
        return [[part.open_rial for part in queries.instalments_of(session, row.plan.id)] for row in rows]


def quote(seller: Till, number: str | None, price: int = PRICE, tags: dict[int, Any] | None = None, **changes: Any) -> Message:
    fields = seller.fields(de2=number, de3="003000", de4=f"{price:012d}", **changes)
    return Message("0100", fields | {48: {Tag.INSTALMENTS: "04"} | (tags or {})})  # type: ignore[dict-item]


def purchase(
    seller: Till, number: str | None, told: Reply, amount: int | None = None, tags: dict[int, Any] | None = None
) -> Message:
    fields = seller.fields(de2=number, de3="003000", de4=told[4] if amount is None else f"{amount:012d}")
    return Message("0200", fields | {48: {Tag.QUOTE_TOKEN: told.tags[Tag.QUOTE_TOKEN]} | (tags or {})})  # type: ignore[dict-item]


def test_a_quote_then_a_purchase_with_its_schedule_on_the_receipt(
    bank: Bank, seller: Till, card: dict[str, Any], given: CreditLine
) -> None:
    told = seller.ask(quote(seller, card["card_number"]))
    check_presence(told.message)
    assert (told.mti, told.code, int(told[4])) == ("0110", "00", PRICE + FEE)
    schedule = str(told.tags[Tag.INSTALMENT_SCHEDULE])
    amounts = [int(schedule[at + 8 : at + 20]) for at in range(0, len(schedule), 20)]
    assert amounts == [255_000] * 4
    message = purchase(seller, card["card_number"], told)
    sold = seller.ask(message)
    check_presence(sold.message)
    assert (sold.code, sold.tags[Tag.INSTALMENT_SCHEDULE], bank.balance(card)) == ("00", schedule, MONEY)
    copy = sold.receipt[Tag.CUSTOMER_COPY]
    assert "خرید قسطی: ۱٬۰۲۰٬۰۰۰" in copy
    assert all(f"قسط {number}، " in copy for number in "۱۲۳۴")
    assert copy.count(": ۲۵۵٬۰۰۰") == 4
    assert "در ۴ قسط" in " ".join(sold.receipt[Tag.FOOTER].split())
    again = seller.ask(seller.again(message))
    assert (again.code, again[37], again.tags[Tag.REPLAYED]) == ("00", sold[37], "1")
    assert again.tags[Tag.INSTALMENT_SCHEDULE] == schedule
    assert open_of(bank, given) == [[255_000] * 4]


def test_a_tapped_card_proves_itself_once_for_quote_and_purchase(
    bank: Bank, seller: Till, card: dict[str, Any], given: CreditLine
) -> None:
    proof = seller.prove(bank.chip(card))
    told = seller.ask(quote(seller, None, tags={Tag.CARD_AUTHENTICATION: proof}, de22="071"))
    assert told.code == "00"
    named = {Tag.CARD_AUTHENTICATION: b"\x04" + proof[1:9]}
    assert seller.ask(purchase(seller, None, told, tags=named)).code == "00"
    unknown = {Tag.CARD_AUTHENTICATION: b"\x04" + b"12345678"}
    assert seller.ask(purchase(seller, None, told, tags=unknown)).reason == Reason.CHALLENGE_UNKNOWN
    assert open_of(bank, given) == [[255_000] * 4]


def test_what_is_not_as_quoted_is_refused_with_its_reason(
    bank: Bank, seller: Till, till: Till, card: dict[str, Any], given: CreditLine
) -> None:
    number = card["card_number"]
    for tags, price, code, reason in (
        ({Tag.INSTALMENTS: "03"}, PRICE, "58", Reason.INSTALMENTS_NOT_OFFERED),
        ({Tag.INSTALMENT_PLAN: "02"}, PRICE, "58", Reason.INSTALMENTS_NOT_OFFERED),
        ({Tag.INSTALMENT_INTERVAL_DAYS: "010"}, PRICE, "58", Reason.INSTALMENTS_NOT_OFFERED),
        ({Tag.FIRST_DUE_DATE: "20200101"}, PRICE, "58", Reason.INSTALMENTS_NOT_OFFERED),
        ({}, 99_999, "61", Reason.OUTSIDE_INSTALMENT_AMOUNTS),
        ({}, LIMIT, "51", Reason.INSUFFICIENT_LINE),
    ):
        refused = seller.ask(quote(seller, number, price, tags))
        assert (refused.code, refused.reason) == (code, reason)
    assert till.ask(quote(till, number)).reason == Reason.INSTALMENTS_NOT_OFFERED  # another shop
    without = bank.card()
    refused = seller.ask(quote(seller, without["card_number"]))
    assert (refused.code, refused.reason) == ("39", Reason.NO_CREDIT_LINE)
    bare = seller.ask(Message("0100", seller.fields(de2=number, de3="003000", de4=f"{PRICE:012d}") | {48: {}}))
    assert bare.code == "30"

    told = seller.ask(quote(seller, number))
    for other, card_number, amount, reason in (
        (seller, without["card_number"], None, Reason.QUOTE_UNKNOWN),
        (seller, number, PRICE, Reason.QUOTE_AMOUNT_DIFFERS),
        (till, number, None, Reason.QUOTE_UNKNOWN),
    ):
        assert other.ask(purchase(other, card_number, told, amount)).reason == reason
    assert seller.ask(purchase(seller, number, told)).code == "00"
    assert seller.ask(purchase(seller, number, told)).reason == Reason.QUOTE_USED
    assert open_of(bank, given) == [[255_000] * 4]


def test_refund_reversal_of_it_and_void_keep_schedule_and_ledger_together(
    bank: Bank, seller: Till, card: dict[str, Any], given: CreditLine
) -> None:
    sold = seller.ask(purchase(seller, card["card_number"], seller.ask(quote(seller, card["card_number"]))))
    with bank.session() as session:
        plan_id = queries.plan_rows(session, wallet_ids=[given.wallet_id])[0].plan.id
        pay_now(session, ACTOR, [given.wallet_id], plan_id, 255_000, factories.new_request_key())
        session.commit()
    refund = seller.refund(sold, 820_000)
    back = seller.ask(refund)
    assert (back.code, bank.balance(card)) == ("00", MONEY - 255_000 + 55_000)
    assert "از قسط‌ها کم شد: ۷۶۵٬۰۰۰" in back.receipt[Tag.CUSTOMER_COPY]
    assert open_of(bank, given) == [[0, 0, 0, 0]]
    assert seller.ask(seller.again(refund)).tags[Tag.REPLAYED] == "1"
    assert seller.ask(seller.reversal(refund)).code == "00"
    assert (open_of(bank, given), bank.balance(card)) == ([[0, 255_000, 255_000, 255_000]], MONEY - 255_000)
    assert seller.ask(seller.void(sold)).code == "00"
    assert (open_of(bank, given), bank.balance(card)) == ([[0, 0, 0, 0]], MONEY)


def test_a_reversal_before_and_after_the_purchase_leaves_nothing(
    bank: Bank, seller: Till, card: dict[str, Any], given: CreditLine
) -> None:
    number = card["card_number"]
    late = purchase(seller, number, seller.ask(quote(seller, number)))
    assert seller.ask(seller.reversal(late)).reason == Reason.TOMBSTONE_WRITTEN
    assert seller.ask(late).reason == Reason.REVERSED_BEFORE_ARRIVAL
    done = purchase(seller, number, seller.ask(quote(seller, number)))
    assert seller.ask(done).code == "00"
    reversal = seller.reversal(done)
    assert seller.ask(reversal).code == "00"
    assert seller.ask(seller.again(reversal)).tags[Tag.REPLAYED] == "1"
    assert open_of(bank, given) == [[0, 0, 0, 0]]


def test_an_instalment_sale_falls_in_the_terminals_batch(bank: Bank, seller: Till, card: dict[str, Any], given: CreditLine) -> None:
    number = card["card_number"]
    assert seller.ask(purchase(seller, number, seller.ask(quote(seller, number)))).code == "00"
    closed = seller.ask(seller.batch_close(1, {"debits": 1, "debits_rial": PRICE + FEE}))
    assert (closed.code, closed[66]) == ("00", "1")
    assert seller.ask(purchase(seller, number, seller.ask(quote(seller, number)))).code == "00"
    assert seller.ask(seller.batch_close(2, {"debits": 1, "debits_rial": PRICE + FEE}))[66] == "1"
    assert len(open_of(bank, given)) == 2
