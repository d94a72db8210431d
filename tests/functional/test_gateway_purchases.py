"""Purchases, keyed and tapped, through the real gateway, teller and database."""

import os
import threading
from typing import Any

import pytest

from cardbank.cards.export import card_export
from cardbank.cards.rules import BlockReason
from cardbank.cards.services import block_card, replace_card, stock_card
from cardbank.reasons import Reason
from cardbank.replacing.services import replace_at_desk
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.functional.bank import MONEY, Bank
from tests.functional.till import Till, wait_until

MOST, EXACTLY = b"\x01", b"\x02"


def test_a_keyed_purchase_pays_earns_and_prints(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    reply = till.ask(till.purchase(card["card_number"], 150_000))
    check_presence(reply.message)
    assert (reply.mti, reply.code, reply.reason) == ("0210", "00", 0)
    assert (reply.number(Tag.PAID_FROM_CARD), reply.number(Tag.PAID_BY_CREDIT)) == (150_000, 0)
    assert (reply.number(Tag.CREDIT_EARNED), reply.number(Tag.CREDIT_BALANCE)) == (7_500, 7_500)
    assert reply.tags[Tag.MASKED_CARD] == card["masked"]
    assert "اعتبار گرفتید: ۷٬۵۰۰" in reply.receipt[Tag.CUSTOMER_COPY]
    assert (bank.balance(card), bank.credit(card)) == (MONEY - 150_000, 7_500)
    assert bank.unbalanced() == []


def test_the_reference_of_a_purchase_is_its_entry(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    from pos_gateway.replies import approval_code, retrieval_reference

    reply = till.ask(till.purchase(card["card_number"], 10_000))
    [(day, entry)] = bank.read(
        "SELECT business_date, id FROM ledger.entry WHERE wallet_id = %s AND shop_id IS NOT NULL",
        card["wallet_id"],
    )
    assert reply[37] == retrieval_reference(day, entry)
    assert (reply[38], reply[15]) == (approval_code(entry), f"{day:%m%d}")


def test_a_tapped_purchase_is_proven_by_the_chip(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    begun = till.begin_tap(bank.chip(card))
    check_presence(begun.message)
    assert begun.tags.keys() == {Tag.KSN, Tag.CARD_AUTHENTICATION}
    reply = till.ask(till.tapped(till.prove(bank.chip(card)), 40_000))
    assert reply.code == "00"
    assert bank.balance(card) == MONEY - 40_000


def test_credit_pays_as_much_as_possible_or_exactly_or_not_at_all(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    number = card["card_number"]
    assert till.ask(till.purchase(number, 1_000_000)).number(Tag.CREDIT_BALANCE) == 50_000
    exactly = till.ask(till.purchase(number, 100_000, {Tag.CREDIT_MODE: EXACTLY, Tag.LOYALTY_AMOUNT: f"{20_000:012d}"}))
    assert (exactly.number(Tag.PAID_FROM_CARD), exactly.number(Tag.PAID_BY_CREDIT)) == (80_000, 20_000)
    assert exactly.number(Tag.CREDIT_EARNED) == 4_000
    most = till.ask(till.purchase(number, 200_000, {Tag.CREDIT_MODE: MOST}))
    assert (most.number(Tag.PAID_FROM_CARD), most.number(Tag.PAID_BY_CREDIT)) == (166_000, 34_000)
    none = till.ask(till.purchase(number, 1_000, {Tag.CREDIT_MODE: b"\x00"}))
    assert none.number(Tag.PAID_BY_CREDIT) == 0
    assert bank.balance(card) == MONEY - 1_000_000 - 80_000 - 166_000 - 1_000
    assert bank.credit(card) == most.number(Tag.CREDIT_BALANCE) + none.number(Tag.CREDIT_EARNED)


def test_credit_that_is_not_there_is_declined_whole(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    number = card["card_number"]
    short = till.ask(till.purchase(number, 100_000, {Tag.CREDIT_MODE: EXACTLY, Tag.LOYALTY_AMOUNT: f"{1:012d}"}))
    assert (short.code, short.reason) == ("51", Reason.INSUFFICIENT_CREDIT)
    beyond = till.ask(till.purchase(number, 100, {Tag.CREDIT_MODE: EXACTLY, Tag.LOYALTY_AMOUNT: f"{101:012d}"}))
    assert (beyond.code, beyond.reason) == ("13", Reason.CREDIT_EXCEEDS_AMOUNT)
    assert bank.balance(card) == MONEY


@pytest.mark.parametrize(
    ("amount", "code", "reason"),
    [
        (0, "13", Reason.INVALID_AMOUNT),
        (MONEY + 1, "51", Reason.INSUFFICIENT_FUNDS),
        (999_999_999_999, "61", Reason.AMOUNT_LIMIT),
    ],
)
def test_strange_amounts_are_declined_by_name(
    bank: Bank, till: Till, card: dict[str, Any], amount: int, code: str, reason: Reason
) -> None:
    reply = till.ask(till.purchase(card["card_number"], amount))
    check_presence(reply.message)
    assert (reply.code, reply.reason) == (code, reason)
    assert 38 not in reply.message.fields
    assert bank.balance(card) == MONEY


def test_a_purse_can_be_emptied_to_the_last_rial(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    assert till.ask(till.purchase(card["card_number"], MONEY)).code == "00"
    assert till.ask(till.purchase(card["card_number"], 1)).code == "51"
    assert bank.balance(card) == 0


@pytest.mark.parametrize("number", ["9364000000000000001", "9364009999999999999", "4111111111111111111", "936400"])
def test_a_number_that_is_no_card_is_14(till: Till, number: str) -> None:
    reply = till.ask(till.purchase(number, 1_000))
    assert (reply.code, reply.reason) == ("14", Reason.NO_SUCH_CARD)


@pytest.mark.parametrize(("why", "code"), [(BlockReason.HOLDER, "62"), (BlockReason.LOST, "41"), (BlockReason.STOLEN, "43")])
def test_a_block_holds_from_the_next_message_on(bank: Bank, till: Till, card: dict[str, Any], why: BlockReason, code: str) -> None:
    assert till.ask(till.purchase(card["card_number"], 1_000)).code == "00"
    with bank.session() as session:
        block_card(session, factories.ACTOR, card["card_id"], why)
        session.commit()
    wait_until(lambda: till.ask(till.purchase(card["card_number"], 1_000)).code == code)
    spent = MONEY - bank.balance(card)
    assert till.ask(till.purchase(card["card_number"], 1_000)).code == code
    assert MONEY - bank.balance(card) == spent


def test_a_replaced_card_pays_no_more_and_its_successor_not_before_activation(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    with bank.session() as session:
        new = replace_card(session, bank.keystore, factories.ACTOR, card["card_id"])
        session.commit()
    number = bank.keystore.open_card_number(new.number_sealed, new.token)
    assert till.ask(till.purchase(card["card_number"], 1_000)).reason == Reason.CARD_REPLACED
    assert till.ask(till.purchase(number, 1_000)).reason == Reason.CARD_NOT_ACTIVATED


def test_the_desks_new_card_pays_from_the_same_balance_and_the_lost_one_is_dead_on_its_next_tap(
    bank: Bank, till: Till, card: dict[str, Any]
) -> None:
    assert till.ask(till.tapped(till.prove(bank.chip(card)), 100_000)).code == "00"
    with bank.session() as session:
        chip = b"\x04" + os.urandom(6)
        stock_card(session, bank.keystore, factories.ACTOR, chip)
        new = replace_at_desk(session, bank.keystore, factories.ACTOR, card["card_id"], "lost", chip.hex())
        session.commit()
        handed_over = card_export(session, bank.keystore, new.id)
    wait_until(lambda: till.ask(till.tapped(till.prove(bank.chip(card)), 1_000)).reason == Reason.CARD_REPLACED)
    assert till.ask(till.purchase(card["card_number"], 1_000)).reason == Reason.CARD_REPLACED
    paid = till.ask(till.tapped(till.prove(bank.chip(handed_over)), 40_000))
    assert (paid.code, bank.balance(card)) == ("00", MONEY - 140_000)
    assert paid.number(Tag.CREDIT_BALANCE) == 7_000


def test_a_decline_is_kept_like_an_approval(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    with bank.session() as session:
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.HOLDER)
        session.commit()
    purchase = till.purchase(card["card_number"], 1_000)
    first = till.ask(purchase)
    again = till.ask(till.again(purchase))
    assert (first.code, again.code) == ("62", "62")
    assert (first[37], again.tags[Tag.REPLAYED]) == (again[37], "1")


def test_a_used_foreign_or_invented_proof_is_63(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    proof = till.prove(bank.chip(card))
    assert till.ask(till.tapped(proof, 1_000)).code == "00"
    used = till.ask(till.tapped(proof, 1_000))
    assert (used.code, used.reason) == ("63", Reason.CHALLENGE_UNKNOWN)
    other = bank.till()
    foreign = other.ask(other.tapped(till.prove(bank.chip(card)), 1_000))
    assert (foreign.code, foreign.reason) == ("63", Reason.CARD_PROOF_REFUSED)
    other.close()
    invented = till.ask(till.tapped(b"\x03" + bytes(8) + bytes(32), 1_000))
    assert (invented.code, invented.reason) == ("63", Reason.CHALLENGE_UNKNOWN)
    wrong = till.prove(bank.chip(card))
    flipped = till.ask(till.tapped(wrong[:-20] + bytes([wrong[-20] ^ 1]) + wrong[-19:], 1_000))
    assert (flipped.code, flipped.reason) == ("63", Reason.CARD_PROOF_REFUSED)
    nameless = till.ask(till.tapped(b"\x04" + wrong[1:9], 1_000))
    assert (nameless.code, nameless.reason) == ("63", Reason.CHALLENGE_UNKNOWN)
    assert bank.balance(card) == MONEY - 1_000


def test_a_cloned_uid_gets_a_challenge_and_no_money(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    clone = bank.chip(card | {"card_keys": {"1": "00" * 16}})
    begun = till.begin_tap(clone)
    data = begun.tags[Tag.CARD_AUTHENTICATION]
    assert isinstance(data, bytes)
    assert till.ask(till.tapped(b"\x03" + data[1:9] + bytes(32), 1_000)).reason == Reason.CARD_PROOF_REFUSED
    assert bank.balance(card) == MONEY


def test_an_unknown_chip_is_14(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    assert till.begin_tap(bank.chip(card | {"uid": "04000000000001"})).reason == Reason.NO_SUCH_CARD


def test_a_blocked_card_gets_a_challenge_like_any_other_and_is_declined_after_its_proof(
    bank: Bank, till: Till, card: dict[str, Any]
) -> None:
    with bank.session() as session:
        block_card(session, factories.ACTOR, card["card_id"], BlockReason.HOLDER)
        session.commit()
    assert till.ask(till.tapped(till.prove(bank.chip(card)), 1_000)).reason == Reason.CARD_BLOCKED


def test_a_card_check_says_the_state_and_greets_only_a_proven_card(bank: Bank, till: Till) -> None:
    from tests.functional.till import Message

    with bank.session() as session:
        holder = factories.person(session)
        issued = factories.card(session, person_id=holder.id, uid=b"\x04" + bytes(5) + b"\x09")
        session.commit()
        from cardbank.cards.export import card_export

        card = card_export(session, bank.keystore, issued.id)
    keyed = till.ask(Message("0100", till.fields(de3="330000", de2=card["card_number"]) | {48: {}}))
    assert (keyed.code, keyed.tags[Tag.CARD_STATUS], keyed.tags[Tag.MASKED_CARD]) == (
        "00",
        b"\x02",
        card["masked"],
    )
    assert Tag.TIER_AND_INITIAL not in keyed.tags
    proof = till.prove(bank.chip(card))
    tapped = till.ask(Message("0100", till.fields(de3="330000", de22="071") | {48: {Tag.CARD_AUTHENTICATION: proof}}))
    assert (tapped.code, tapped.tags[Tag.TIER_AND_INITIAL]) == ("00", "ز")


def test_concurrent_taps_of_one_account_never_overdraw_it(bank: Bank) -> None:
    """Twenty tills want a tenth of the purse each: ten get it."""
    card = bank.card(money_rial=1_000_000)
    tills = [bank.till() for _ in range(20)]
    codes: list[str] = []

    def buy(till: Till) -> None:
        codes.append(till.ask(till.purchase(card["card_number"], 100_000)).code)

    threads = [threading.Thread(target=buy, args=(till,)) for till in tills]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for till in tills:
        till.close()
    assert sorted(codes) == ["00"] * 10 + ["51"] * 10
    assert bank.balance(card) == 0
    assert bank.unbalanced() == []
