"""Repeats and reversals in every order: one charge per key, and the same answer each time."""

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card
from cardbank.reasons import Reason
from pos_gateway.wire.codec import Message
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.functional.bank import MONEY, Bank
from tests.functional.till import Reply, Till


def second_connection(till: Till) -> Till:
    """The same terminal on another connection; its counters go on from a place of their own."""
    return Till(till.config, counter=till.counter + 32)


def together(*calls: tuple[Till, Message]) -> list[Reply]:
    """Sent at the same moment on their own connections; the answers in the order of the calls."""
    barrier = threading.Barrier(len(calls))
    replies: dict[int, Reply] = {}

    def ask(place: int, till: Till, message: Message) -> None:
        till.connect()
        body = till.sign(message)
        barrier.wait()
        till.send_body(body)
        replies[place] = till.receive()

    threads = [threading.Thread(target=ask, args=(place, *call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [replies[place] for place in range(len(calls))]


def facts(reply: Reply) -> tuple[object, ...]:
    """What a repeat must say again."""
    tags = {tag: value for tag, value in reply.tags.items() if tag not in (Tag.KSN, Tag.REPLAYED)}
    return reply.code, reply[37], reply[15], reply.message.fields.get(38), tags


@pytest.mark.parametrize("as_repeat", [True, False], ids=["0201", "0200"])
def test_a_purchase_sent_again_is_answered_again_and_charged_once(
    bank: Bank, till: Till, card: dict[str, Any], as_repeat: bool
) -> None:
    purchase = till.purchase(card["card_number"], 150_000)
    first = till.ask(purchase)
    again = till.ask(till.again(purchase) if as_repeat else purchase)
    assert again.mti == "0210"
    assert facts(again) == facts(first)
    assert (Tag.REPLAYED in first.tags, again.tags[Tag.REPLAYED]) == (False, "1")
    assert bank.balance(card) == MONEY - 150_000


def test_a_tapped_purchase_sent_again_is_found_before_its_proof_is_judged(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.tapped(till.prove(bank.chip(card)), 150_000)
    first = till.ask(purchase)
    again = till.ask(till.again(purchase))
    assert facts(again) == facts(first)
    assert again.code == "00"
    assert "رسید تکراری" in again.receipt[Tag.CUSTOMER_COPY]
    assert bank.balance(card) == MONEY - 150_000


def test_the_same_purchase_on_two_connections_at_once_is_charged_once(bank: Bank, card: dict[str, Any]) -> None:
    for _ in range(10):
        till = bank.till()
        other = second_connection(till)
        purchase = till.tapped(till.prove(bank.chip(card)), 1_000)
        before = bank.balance(card)
        one, two = together((till, purchase), (other, purchase))
        assert facts(one) == facts(two)
        assert (one.code, before - bank.balance(card)) == ("00", 1_000)
        till.close()
        other.close()


@pytest.mark.parametrize("change", [{4: f"{150_001:012d}"}, {62: "999999"}])
def test_the_same_number_with_other_content_is_94(bank: Bank, till: Till, card: dict[str, Any], change: dict[int, str]) -> None:
    purchase = till.purchase(card["card_number"], 150_000)
    assert till.ask(purchase).code == "00"
    other = till.ask(Message("0200", purchase.fields | change))
    assert (other.code, other.reason) == ("94", Reason.DUPLICATE_WITH_OTHER_CONTENT)
    assert bank.balance(card) == MONEY - 150_000


def test_a_reversal_gives_back_what_was_paid_and_takes_back_what_was_earned(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    till.ask(till.purchase(card["card_number"], 1_000_000))
    money, credit = bank.balance(card), bank.credit(card)
    purchase = till.purchase(card["card_number"], 200_000, {Tag.CREDIT_MODE: b"\x01"})
    assert till.ask(purchase).number(Tag.PAID_BY_CREDIT) == 50_000
    reversal = till.reversal(purchase)
    reply = till.ask(reversal)
    check_presence(reply.message)
    assert (reply.mti, reply.code, reply.reason) == ("0410", "00", 0)
    assert (bank.balance(card), bank.credit(card)) == (money, credit)
    again = till.ask(till.again(reversal))
    assert (again.code, again[37], again.tags[Tag.REPLAYED]) == ("00", reply[37], "1")
    once_more = till.ask(till.reversal(purchase))
    assert (once_more.code, once_more.reason) == ("00", Reason.ALREADY_REVERSED)
    assert (bank.balance(card), bank.credit(card)) == (money, credit)
    assert bank.unbalanced() == []


def test_a_tapped_purchase_is_reversed_by_the_name_of_its_challenge(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.tapped(till.prove(bank.chip(card)), 40_000)
    assert till.ask(purchase).code == "00"
    assert till.ask(till.reversal(purchase)).code == "00"
    assert (bank.balance(card), bank.credit(card)) == (MONEY, 0)


def test_a_reversal_that_comes_first_leaves_a_tombstone(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], 40_000)
    early = till.ask(till.reversal(purchase))
    assert (early.code, early.reason) == ("00", Reason.TOMBSTONE_WRITTEN)
    late = till.ask(purchase)
    assert (late.code, late.reason) == ("21", Reason.REVERSED_BEFORE_ARRIVAL)
    assert till.ask(till.again(purchase)).code == "21"
    assert (bank.balance(card), bank.entries(card)) == (MONEY, 1)


def test_purchase_and_reversal_at_once_end_with_nothing_moved(bank: Bank, card: dict[str, Any]) -> None:
    """Both orders happen; the purse is whole after each."""
    seen = set()
    for turn in range(24):
        till = bank.till()
        other = second_connection(till)
        purchase = till.purchase(card["card_number"], 1_000)
        reversal = till.reversal(purchase)
        calls = ((till, purchase), (other, reversal))
        replies = together(*calls) if turn % 2 else together(*reversed(calls))[::-1]
        seen.add((replies[0].code, replies[1].reason))
        assert replies[1].code == "00"
        till.close()
        other.close()
    assert seen <= {("00", 0), ("21", Reason.TOMBSTONE_WRITTEN)}
    assert (bank.balance(card), bank.credit(card)) == (MONEY, 0)
    assert bank.unbalanced() == []


def test_a_part_reversal_leaves_what_stands(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], 100_000)
    till.ask(purchase)
    reply = till.ask(till.reversal(purchase, de95=f"{30_000:012d}".ljust(42, "0")))
    assert reply.code == "00"
    assert (bank.balance(card), bank.credit(card)) == (MONEY - 30_000, 1_500)


def test_a_reversal_of_another_amount_is_64(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], 100_000)
    till.ask(purchase)
    reply = till.ask(till.reversal(purchase, de4=f"{90_000:012d}"))
    assert (reply.code, reply.reason) == ("64", Reason.ORIGINAL_AMOUNT_INCORRECT)
    assert bank.balance(card) == MONEY - 100_000


def test_the_reversal_of_a_declined_purchase_moves_nothing(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], MONEY + 1)
    assert till.ask(purchase).code == "51"
    reply = till.ask(till.reversal(purchase))
    assert (reply.code, reply.reason) == ("00", Reason.NOTHING_TO_REVERSE)
    unknown = till.purchase("9364000000000000001", 1_000)
    assert till.ask(unknown).code == "14"
    assert till.ask(till.reversal(unknown)).code == "00"
    assert bank.balance(card) == MONEY


def test_a_card_blocked_since_still_gets_its_money_back(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], 100_000)
    till.ask(purchase)
    with bank.session() as session:
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.STOLEN)
        session.commit()
    assert till.ask(till.reversal(purchase)).code == "00"
    assert bank.balance(card) == MONEY


def test_another_card_in_the_reversal_moves_nothing(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], 100_000)
    till.ask(purchase)
    other = bank.card()
    reply = till.ask(Message("0400", till.reversal(purchase).fields | {2: other["card_number"]}))
    assert reply.reason == Reason.ORIGINAL_NOT_FOUND
    assert (bank.balance(card), bank.balance(other)) == (MONEY - 100_000, MONEY)


def test_a_card_that_nobody_knows_reverses_nothing(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    keyed = till.purchase(card["card_number"], 100_000)
    till.ask(keyed)
    reply = till.ask(Message("0400", till.reversal(keyed).fields | {2: "9364000000000000001"}))
    assert (reply.code, reply.reason) == ("25", Reason.ORIGINAL_NOT_FOUND)
    tapped = till.tapped(till.prove(bank.chip(card)), 40_000)
    till.ask(tapped)
    invented = {Tag.CARD_AUTHENTICATION: b"\x04" + bytes(8)}
    reply = till.ask(Message("0400", till.reversal(tapped).fields | {48: invented}))
    assert (reply.code, reply.reason) == ("25", Reason.ORIGINAL_NOT_FOUND)
    assert bank.balance(card) == MONEY - 140_000
    assert till.ask(till.reversal(keyed)).code == "00"
    assert till.ask(till.reversal(tapped)).code == "00"
    assert (bank.balance(card), bank.unbalanced()) == (MONEY, [])


def test_a_reversal_that_names_another_time_finds_no_original(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], 100_000)
    till.ask(purchase)
    reversal = till.reversal(purchase)
    de90 = str(reversal.fields[90])
    seconds = f"{(int(de90[18:20]) + 1) % 60:02d}"
    reply = till.ask(Message("0400", reversal.fields | {90: de90[:18] + seconds + de90[20:]}))
    assert reply.code == "00"
    assert bank.balance(card) == MONEY - 100_000


@pytest.mark.parametrize("de90", ["0" * 42, "02009999991399000000".ljust(42, "0"), "0800000001" + "1122000000".ljust(32, "0")])
def test_a_reversal_that_names_nothing_is_a_format_error(till: Till, card: dict[str, Any], de90: str) -> None:
    purchase = till.purchase(card["card_number"], 100_000)
    reply = till.ask(Message("0400", till.reversal(purchase).fields | {90: de90}))
    assert (reply.code, reply[44]) == ("30", "90")


def test_a_message_of_a_fortnight_ago_is_never_taken_as_new(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    old = datetime.now(UTC) - timedelta(days=14)
    purchase = till.purchase(card["card_number"], 1_000, de7=f"{old:%m%d%H%M%S}")
    reply = till.ask(purchase)
    assert (reply.code, reply.reason) == ("30", Reason.KEY_DATE_OUT_OF_WINDOW)
    reversal = till.reversal(purchase, de7=f"{old:%m%d%H%M%S}")
    assert till.ask(reversal).code == "00"
    assert bank.balance(card) == MONEY


def test_0420_and_0421_are_answered_by_0430(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    purchase = till.purchase(card["card_number"], 1_000)
    till.ask(purchase)
    reversal = Message("0420", till.reversal(purchase).fields)
    assert till.ask(reversal).mti == "0430"
    again = till.ask(till.again(reversal))
    assert (again.mti, again.code, again.tags[Tag.REPLAYED]) == ("0430", "00", "1")
    assert bank.balance(card) == MONEY
