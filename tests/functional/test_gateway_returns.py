"""Refunds and voids, and their reversals, through the real gateway, teller and database."""

from typing import Any

import psycopg
import pytest

from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card, replace_card
from cardbank.ledger.verify import verify
from cardbank.reasons import Reason
from pos_gateway.wire.codec import Message
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.functional.bank import MONEY, Bank
from tests.functional.test_gateway_repeats import facts, second_connection, together
from tests.functional.till import Till

PAID = 200_000


@pytest.fixture(autouse=True)
def everything_balances(bank: Bank) -> Any:
    yield
    with psycopg.connect(bank.database_url, autocommit=True) as connection:
        connection.execute("SELECT ledger.roll_up(10000)")
        assert [check for check in verify(connection) if not check.ok] == []


def left(bank: Bank, card: dict[str, Any]) -> tuple[int, int]:
    return bank.balance(card), bank.credit(card)


def test_a_refund_gives_back_a_part_and_then_the_rest_and_prints(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    first = till.ask(till.refund(sold, 50_000))
    check_presence(first.message)
    assert (first.mti, first.code, first.reason) == ("0210", "00", 0)
    assert first.tags[Tag.MASKED_CARD] == card["masked"]
    assert "برگشت: ۵۰٬۰۰۰" in first.receipt[Tag.CUSTOMER_COPY]
    assert "اعتبار پس‌گرفته: ۲٬۵۰۰" in first.receipt[Tag.CUSTOMER_COPY]
    assert left(bank, card) == (MONEY - 150_000, 7_500)
    assert till.ask(till.refund(sold, 150_000)).code == "00"
    assert left(bank, card) == (MONEY, 0)
    more = till.ask(till.refund(sold, 1))
    check_presence(more.message)
    assert (more.code, more.reason) == ("64", Reason.MORE_THAN_IS_LEFT)
    assert left(bank, card) == (MONEY, 0)


def test_a_part_credit_purchase_goes_back_in_the_proportion_that_paid(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    till.ask(till.purchase(card["card_number"], 1_000_000))
    before = left(bank, card)
    sold = till.ask(till.purchase(card["card_number"], PAID, {Tag.CREDIT_MODE: b"\x01"}))
    assert sold.number(Tag.PAID_BY_CREDIT) == 50_000
    back = till.ask(till.refund(sold, 100_000))
    assert (back.number(Tag.PAID_FROM_CARD), back.number(Tag.PAID_BY_CREDIT)) == (75_000, 25_000)
    assert till.ask(till.refund(sold, 100_000)).code == "00"
    assert left(bank, card) == before


def test_another_branch_of_the_shop_takes_goods_back_and_another_shop_does_not(
    bank: Bank, till: Till, card: dict[str, Any]
) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    with bank.session() as session:
        foreign_shop = factories.merchant(session)
        factories.contract(session, foreign_shop.id)
        session.commit()
    branch, foreign = bank.till(), bank.till(shop=foreign_shop)
    refused = foreign.ask(foreign.refund(sold, PAID))
    assert (refused.code, refused.reason) == ("58", Reason.NOT_OF_THIS_SHOP)
    assert branch.ask(branch.refund(sold, PAID)).code == "00"
    assert left(bank, card) == (MONEY, 0)
    branch.close()
    foreign.close()


def test_what_the_till_says_of_the_original_must_be_so(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    wrong_amount = till.ask(till.refund(sold, 1_000, of=PAID + 1))
    assert (wrong_amount.code, wrong_amount.reason) == ("64", Reason.ORIGINAL_AMOUNT_INCORRECT)
    refund = till.refund(sold, 1_000)
    other_day = dict(refund.fields[48]) | {Tag.ORIGINAL_DATE: "20200101"}  # type: ignore[call-overload]
    assert till.ask(Message("0200", refund.fields | {48: other_day})).reason == Reason.ORIGINAL_NOT_FOUND
    no_day = dict(refund.fields[48]) | {Tag.ORIGINAL_DATE: "20261399"}  # type: ignore[call-overload]
    assert till.ask(Message("0200", till.refund(sold, 1).fields | {48: no_day})).code == "30"
    bare = till.ask(Message("0200", till.refund(sold, 1).fields | {48: {}}))
    assert (bare.code, bare[44]) == ("30", "48")
    for reference in ("000000000000", "6326ZZZZZZZZ", "NOREFERENCE!"):
        unknown = till.ask(till.refund(sold, 1_000, de37=reference))
        assert (unknown.code, unknown.reason) == ("25", Reason.ORIGINAL_NOT_FOUND)
    named = till.refund(sold, 1_000, de2=card["card_number"], de37=None)
    assert till.ask(named).reason == Reason.NOT_PERMITTED_TO_TERMINAL
    assert left(bank, card) == (MONEY - PAID, 10_000)


def test_a_decline_and_a_refund_are_no_originals(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    declined = till.ask(till.purchase(card["card_number"], MONEY + 1))
    assert till.ask(till.refund(declined, 1)).reason == Reason.ORIGINAL_NOT_FOUND
    sold = till.ask(till.purchase(card["card_number"], PAID))
    back = till.ask(till.refund(sold, 1_000))
    assert till.ask(till.refund(back, 1_000)).reason == Reason.ORIGINAL_NOT_FOUND
    assert left(bank, card) == (MONEY - PAID + 1_000, 9_950)


def test_a_reversed_purchase_has_nothing_left_to_return(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], PAID)
    sold = till.ask(purchase)
    assert till.ask(till.reversal(purchase)).code == "00"
    assert till.ask(till.refund(sold, PAID)).reason == Reason.MORE_THAN_IS_LEFT
    assert till.ask(till.void(sold)).reason == Reason.MORE_THAN_IS_LEFT
    assert left(bank, card) == (MONEY, 0)


def test_the_card_that_is_shown_must_be_of_the_wallet_that_paid(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.tapped(till.prove(bank.chip(card)), PAID))
    for stranger in (bank.card()["card_number"], "9364000000000000001"):
        refused = till.ask(till.refund(sold, PAID, de2=stranger))
        assert (refused.code, refused.reason) == ("25", Reason.ORIGINAL_NOT_FOUND)
    with bank.session() as session:
        new = replace_card(session, bank.keystore, factories.ACTOR, card["card_id"])
        session.commit()
    number = bank.keystore.open_card_number(new.number_sealed, new.token)
    assert till.ask(till.refund(sold, 150_000, de2=number)).code == "00"
    assert till.ask(till.refund(sold, 50_000)).code == "00"
    assert left(bank, card) == (MONEY, 0)


def test_a_blocked_card_gets_its_money_back(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    with bank.session() as session:
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.STOLEN)
        session.commit()
    assert till.ask(till.refund(sold, PAID)).code == "00"
    assert left(bank, card) == (MONEY, 0)


def test_a_refund_sent_again_is_answered_again_and_given_once(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    refund = till.refund(till.ask(till.purchase(card["card_number"], PAID)), 60_000)
    first = till.ask(refund)
    again = till.ask(till.again(refund))
    assert facts(again) == facts(first)
    assert again.tags[Tag.REPLAYED] == "1"
    other = till.ask(Message("0200", refund.fields | {4: f"{60_001:012d}"}))
    assert (other.code, other.reason) == ("94", Reason.DUPLICATE_WITH_OTHER_CONTENT)
    assert left(bank, card) == (MONEY - 140_000, 7_000)


def test_two_tills_at_once_return_the_rest_once(bank: Bank, card: dict[str, Any]) -> None:
    for _ in range(8):
        one, two = bank.till(), bank.till()
        sold = one.ask(one.purchase(card["card_number"], 100_000))
        replies = together((one, one.refund(sold, 60_000)), (two, two.refund(sold, 60_000)))
        assert sorted(reply.code for reply in replies) == ["00", "64"]
        assert one.ask(one.refund(sold, 40_000)).code == "00"
        one.close()
        two.close()
    assert left(bank, card) == (MONEY, 0)


def test_a_void_takes_back_the_whole_purchase_at_its_own_till(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    neighbour = bank.till()
    refused = neighbour.ask(neighbour.void(sold))
    assert (refused.code, refused.reason) == ("58", Reason.NOT_PERMITTED_TO_TERMINAL)
    part = till.ask(till.void(sold, de4=f"{PAID - 1:012d}"))
    assert (part.code, part.reason) == ("64", Reason.ORIGINAL_AMOUNT_INCORRECT)
    assert till.ask(till.void(sold, "220000")).reason == Reason.ORIGINAL_NOT_FOUND
    done = till.ask(till.void(sold))
    check_presence(done.message)
    assert done.code == "00"
    assert "لغو خرید: ۲۰۰٬۰۰۰" in done.receipt[Tag.CUSTOMER_COPY]
    assert till.ask(till.void(sold)).reason == Reason.MORE_THAN_IS_LEFT
    assert left(bank, card) == (MONEY, 0)
    neighbour.close()


def test_a_voided_refund_is_paid_again_and_its_purchase_can_be_returned_anew(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    back = till.ask(till.refund(sold, 80_000))
    done = till.ask(till.void(back, "220000"))
    assert done.code == "00"
    assert "لغو برگشت: ۸۰٬۰۰۰" in done.receipt[Tag.CUSTOMER_COPY]
    assert left(bank, card) == (MONEY - PAID, 10_000)
    assert till.ask(till.refund(sold, PAID)).code == "00"
    assert left(bank, card) == (MONEY, 0)


def test_a_refund_that_is_spent_cannot_be_voided(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], MONEY))
    back = till.ask(till.refund(sold, 80_000))
    assert till.ask(till.purchase(card["card_number"], 80_000)).code == "00"
    refused = till.ask(till.void(back, "220000"))
    assert (refused.code, refused.reason) == ("51", Reason.INSUFFICIENT_FUNDS)
    assert bank.balance(card) == 0


@pytest.mark.parametrize("is_keyed", [True, False], ids=["with card", "by its original alone"])
def test_a_refund_whose_answer_is_lost_is_reversed_exactly_once(
    bank: Bank, till: Till, card: dict[str, Any], is_keyed: bool
) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    refund = till.refund(sold, 80_000, **({"de2": card["card_number"]} if is_keyed else {}))
    till.ask(refund)
    reversal = till.reversal(refund)
    reply = till.ask(reversal)
    check_presence(reply.message)
    assert (reply.mti, reply.code, reply.reason) == ("0410", "00", 0)
    assert left(bank, card) == (MONEY - PAID, 10_000)
    assert till.ask(till.again(reversal)).tags[Tag.REPLAYED] == "1"
    assert till.ask(till.reversal(refund)).reason == Reason.ALREADY_REVERSED
    assert till.ask(till.refund(sold, PAID)).code == "00"
    assert left(bank, card) == (MONEY, 0)


def test_a_refund_is_reversed_down_to_what_stands(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    refund = till.refund(sold, 80_000)
    till.ask(refund)
    assert till.ask(till.reversal(refund, de95=f"{20_000:012d}".ljust(42, "0"))).code == "00"
    assert left(bank, card) == (MONEY - 180_000, 9_000)
    assert till.ask(till.refund(sold, 180_001)).reason == Reason.MORE_THAN_IS_LEFT
    assert till.ask(till.refund(sold, 180_000)).code == "00"
    assert left(bank, card) == (MONEY, 0)


def test_the_reversal_of_a_refund_that_was_spent_leaves_a_debt_and_a_case(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], MONEY))
    refund = till.refund(sold, 80_000)
    till.ask(refund)
    till.ask(till.purchase(card["card_number"], 50_000))
    assert till.ask(till.reversal(refund)).code == "00"
    owed = "SELECT sum(balance) FROM ledger.account WHERE wallet_id = %s AND kind = 10"
    assert bank.read(owed, card["wallet_id"]) == [(-50_000,)]
    assert bank.balance(card) == 0


@pytest.mark.parametrize("code", ["020000", "220000"])
def test_a_void_whose_answer_is_lost_is_reversed(bank: Bank, till: Till, card: dict[str, Any], code: str) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    done = sold if code == "020000" else till.ask(till.refund(sold, PAID))
    before = left(bank, card)
    void = till.void(done, code)
    assert till.ask(void).code == "00"
    assert left(bank, card) != before
    part = till.ask(till.reversal(void, de95=f"{1:012d}".ljust(42, "0")))
    assert (part.code, part.reason) == ("64", Reason.ORIGINAL_AMOUNT_INCORRECT)
    assert till.ask(till.reversal(void)).code == "00"
    assert left(bank, card) == before
    assert till.ask(till.void(done, code)).code == "00"
    assert left(bank, card) != before


def test_the_reversal_that_comes_before_its_refund_leaves_a_tombstone(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    sold = till.ask(till.purchase(card["card_number"], PAID))
    for late in (till.refund(sold, 80_000), till.void(sold)):
        early = till.ask(till.reversal(late))
        assert (early.code, early.reason) == ("00", Reason.TOMBSTONE_WRITTEN)
        assert till.ask(late).reason == Reason.REVERSED_BEFORE_ARRIVAL
    assert left(bank, card) == (MONEY - PAID, 10_000)


def test_a_refund_and_its_reversal_at_once_end_with_nothing_moved(bank: Bank, card: dict[str, Any]) -> None:
    seen = set()
    for turn in range(16):
        till = bank.till()
        other = second_connection(till)
        sold = till.ask(till.purchase(card["card_number"], 1_000))
        refund = till.refund(sold, 1_000)
        reversal = till.reversal(refund)
        calls = ((till, refund), (other, reversal))
        replies = together(*calls) if turn % 2 else together(*reversed(calls))[::-1]
        seen.add((replies[0].code, replies[1].reason))
        assert till.ask(till.refund(sold, 1_000)).code == "00"
        till.close()
        other.close()
    assert seen <= {("00", 0), ("21", Reason.TOMBSTONE_WRITTEN)}
    assert left(bank, card) == (MONEY, 0)


def test_a_reversal_without_a_card_reverses_only_what_its_code_says(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], PAID)
    till.ask(purchase)
    nameless = Message("0400", till.reversal(purchase, de3="200000").fields)
    del nameless.fields[2]
    refused = till.ask(nameless)
    assert (refused.code, refused.reason) == ("25", Reason.ORIGINAL_NOT_FOUND)
    assert left(bank, card) == (MONEY - PAID, 10_000)
