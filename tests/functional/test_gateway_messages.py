"""What is malformed, unsigned, strange or later: the answer that the message specification names, and nothing moved."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from cardbank.reasons import Reason
from merchants.services import close_terminal, resume_terminal, suspend_terminal
from pos_gateway.wire import mac, tlv
from pos_gateway.wire.codec import Message, decode
from pos_gateway.wire.dukpt import Usage
from pos_gateway.wire.presence import check_presence
from pos_gateway.wire.tlv import Tag
from tests import factories
from tests.functional.bank import MONEY, Bank
from tests.functional.till import TPDU, Till, wait_until


@pytest.fixture
def purchase(till: Till, card: dict[str, Any]) -> Message:
    return till.purchase(card["card_number"], 1_000)


@pytest.mark.parametrize("code", ["001", "002", "301"])
def test_sign_on_sign_off_and_echo_are_answered_with_the_hosts_time(till: Till, code: str) -> None:
    reply = till.ask(till.network(code))
    check_presence(reply.message)
    assert (reply.mti, reply.code, reply[70]) == ("0810", "00", code)
    assert len(str(reply.tags[Tag.SERVER_TIME])) == 14


def test_the_aliases_need_no_second_bitmap(till: Till) -> None:
    for alias in ("900000", "990000"):
        fields = till.fields(de3=alias, de12=None, de13=None, de22=None, de25=None, de49=None, de62=None)
        reply = till.ask(Message("0800", fields | {48: {}}))
        assert (reply.code, reply[3]) == ("00", alias)
        assert 64 in reply.message.fields


@pytest.mark.parametrize("code", ["101", "161", "201"])
def test_key_exchange_and_cutover_come_later(till: Till, code: str) -> None:
    assert till.ask(till.network(code)).code == "40"


@pytest.mark.parametrize(
    ("mti", "processing_code", "answer"),
    [
        ("0100", "310000", "57"), ("0200", "310000", "57"),
        ("0100", "319000", "40"), ("0200", "009000", "40"),
        ("0200", "170000", "12"), ("0100", "000000", "12"), ("0200", "999999", "12"),
    ],
)  # fmt: skip
def test_what_comes_later_is_40_or_57_and_the_unknown_12(
    bank: Bank, till: Till, card: dict[str, Any], mti: str, processing_code: str, answer: str
) -> None:
    fields = till.purchase(card["card_number"], 1_000, de3=processing_code).fields
    reply = till.ask(Message(mti, fields))
    check_presence(reply.message)
    assert reply.code == answer
    assert bank.balance(card) == MONEY


def test_advice_comes_later(till: Till, card: dict[str, Any]) -> None:
    fields = till.purchase(card["card_number"], 1_000).fields
    assert till.ask(Message("0220", fields | {38: "ABC123"})).code == "40"


@pytest.mark.parametrize(
    ("changes", "code", "element"),
    [
        ({49: "840"}, "12", None),
        ({49: "\x03d\x00"}, "30", "49"),
        ({7: "1399250000"}, "30", "7"),
        ({12: "250000"}, "30", "12"),
        ({13: "0230"}, "30", "13"),
        ({25: "08"}, "58", None),
        ({11: None}, "30", "11"),
        ({11: "000000"}, "30", "11"),
        ({62: None}, "30", "62"),
        ({4: None}, "30", "4"),
        ({2: None}, "30", "2"),
        ({39: "00"}, "30", "39"),
        ({90: "0" * 42}, "30", "90"),
    ],
)
def test_a_wrong_element_is_named(
    bank: Bank, till: Till, purchase: Message, card: dict[str, Any], changes: dict[int, str | None],
    code: str, element: str | None,
) -> None:  # fmt: skip
    fields = {number: value for number, value in (purchase.fields | changes).items() if value is not None}
    if 49 in changes and "\x00" in str(changes[49]):
        body = till.sign(purchase).replace(b"364", b"\x03d\x00")
        till.send_body(body)
    else:
        till.send_body(till.sign(Message("0200", fields)))
    reply = till.receive()
    assert reply.code == code
    assert reply.message.fields.get(44) == element
    assert bank.balance(card) == MONEY


@pytest.mark.parametrize(
    "tags",
    [
        {Tag.CREDIT_MODE: b"\x07"},
        {Tag.CARD_AUTHENTICATION: b"\x03" + bytes(8)},
    ],
)
def test_a_tag_with_a_meaningless_value_is_30(till: Till, card: dict[str, Any], tags: dict[int, Any]) -> None:
    message = till.purchase(card["card_number"], 1_000, tags)
    if Tag.CARD_AUTHENTICATION in tags:
        del message.fields[2]
    reply = till.ask(message)
    assert (reply.code, reply[44]) == ("30", "48")


def test_an_unknown_tag_is_ignored_and_an_unknown_critical_one_refused(till: Till, purchase: Message) -> None:
    def with_tag(tag: bytes) -> bytes:
        till.counter += 1
        tags = tlv.encode({Tag.KSN: bytes.fromhex(till.config["initial_key_id"]) + till.counter.to_bytes(4, "big")})
        fields = purchase.fields | {48: tags + tag + b"\x01\x00", 11: f"{till.counter:06d}"}
        return mac.sign(Message("0200", fields), till._keys.derive(till.counter, Usage.MAC_TO_HOST))

    till.send_body(with_tag(b"\xdf\x7e"))
    assert till.receive().code == "00"
    till.send_body(with_tag(b"\xdf\x3e"))
    refusal = till.receive()
    assert (refusal.code, refusal.reason) == ("30", 3024)


def test_a_message_cut_short_anywhere_is_30_or_silence_and_the_gateway_lives(
    bank: Bank, till: Till, purchase: Message, card: dict[str, Any]
) -> None:
    body = till.sign(purchase)
    for length in range(10, len(body)):
        till.send_body(body[:length])
        reply = decode(till.receive_body())
        assert (reply.mti, reply.fields[39]) == ("0210", "30"), length
    till.send_body(body + b"\x00")
    assert decode(till.receive_body()).fields[39] == "30"
    assert bank.balance(card) == MONEY
    till.send_body(body)
    assert till.receive().code == "00"


def test_a_bit_flipped_in_any_element_breaks_the_mac(bank: Bank, till: Till, purchase: Message, card: dict[str, Any]) -> None:
    """Each on a fresh connection, since three failures in a row close one; the terminal is resumed when suspended."""
    body = till.sign(purchase)
    refused = 0
    for place in range(2, len(body), 3):
        flipped = body[:place] + bytes([body[place] ^ 0x01]) + body[place + 1 :]
        till.close()
        till.send_body(flipped)
        reply = decode(till.receive_body())
        assert reply.fields[39] in ("30", "63"), place
        refused += 1
    assert refused > 30
    assert bank.balance(card) == MONEY
    with bank.session() as session:
        resume_terminal(session, factories.ACTOR, till.config["terminal"], "test")
        session.commit()
    till.close()
    till.counter += 1
    wait_until(lambda: till.ask(till.network("301")).code == "00")
    till.send_body(body)
    assert till.receive().code == "00"


def test_another_terminals_key_signs_nothing(bank: Bank, till: Till, purchase: Message) -> None:
    other = bank.till()
    other.send_body(other.sign(purchase))
    reply = other.receive()
    assert (reply.code, reply.reason) == ("63", Reason.MAC_INVALID)
    other.close()


def test_a_key_serial_number_counts_once(bank: Bank, till: Till, purchase: Message, card: dict[str, Any]) -> None:
    body = till.sign(purchase)
    till.send_body(body)
    assert till.receive().code == "00"
    till.send_body(body)
    replayed = till.receive()
    assert (replayed.code, replayed.reason) == ("63", Reason.KEY_SERIAL_REPLAYED)
    till.send_body(till.sign(till.network("301"), counter=till.counter + 200))
    assert till.receive().code == "00"
    till.send_body(till.sign(till.network("301"), counter=till.counter + 100))
    assert till.receive().reason == Reason.KEY_SERIAL_REPLAYED
    assert bank.balance(card) == MONEY - 1_000


def test_three_failures_in_a_row_close_the_connection(till: Till, purchase: Message) -> None:
    for _ in range(3):
        body = till.sign(purchase)
        till.send_body(body[:-1] + bytes([body[-1] ^ 1]))
        assert till.receive().code == "63"
    with pytest.raises(ConnectionError):
        till.receive_body()


def test_a_good_message_between_failures_keeps_the_connection(till: Till, purchase: Message) -> None:
    for _ in range(3):
        body = till.sign(purchase)
        till.send_body(body[:-1] + bytes([body[-1] ^ 1]))
        assert till.receive().code == "63"
        assert till.ask(till.network("301")).code == "00"


def test_ten_failures_within_an_hour_suspend_the_terminal_and_audit_it(bank: Bank, till: Till, purchase: Message) -> None:
    assert till.ask(till.network("001")).code == "00"
    for _ in range(10):
        till.close()
        body = till.sign(purchase)
        till.send_body(body[:-1] + bytes([body[-1] ^ 1]))
        assert till.receive().code == "63"
    till.close()
    wait_until(lambda: till.ask(till.network("301")).reason == Reason.TERMINAL_SUSPENDED)
    [(who,)] = bank.read(
        "SELECT actor FROM audit_entry WHERE subject = 'terminal' AND subject_id = %s ORDER BY id DESC LIMIT 1",
        till.config["terminal"],
    )
    assert who == "POS gateway"


def test_a_suspended_terminal_is_58_and_a_resumed_one_works(bank: Bank, till: Till, purchase: Message) -> None:
    code = till.config["terminal"]
    with bank.session() as session:
        suspend_terminal(session, factories.ACTOR, code, "lost")
        session.commit()
    reply = till.ask(purchase)
    assert (reply.code, reply.reason) == ("58", Reason.TERMINAL_SUSPENDED)
    with bank.session() as session:
        resume_terminal(session, factories.ACTOR, code, "found")
        session.commit()
    wait_until(lambda: till.ask(till.network("301")).code == "00")


@pytest.mark.parametrize(("change", "code", "taken"), [(suspend_terminal, "00", 0), (close_terminal, "58", 1_000)])
def test_a_suspended_terminal_may_undo_and_a_closed_one_may_not(
    bank: Bank, till: Till, card: dict[str, Any], purchase: Message, change: Any, code: str, taken: int
) -> None:
    before = bank.balance(card)
    assert till.ask(purchase).code == "00"
    with bank.session() as session:
        change(session, factories.ACTOR, till.config["terminal"], "lost")
        session.commit()
    wait_until(lambda: till.ask(till.network("301")).reason == Reason.TERMINAL_SUSPENDED)
    assert till.ask(till.reversal(purchase)).code == code
    assert before - bank.balance(card) == taken


def test_an_unknown_terminal_is_58(till: Till, purchase: Message) -> None:
    till.send_body(till.sign(Message("0200", purchase.fields | {41: "NOBODY01"})))
    reply = till.receive()
    assert (reply.code, reply.reason, reply[41]) == ("58", Reason.TERMINAL_UNKNOWN, "NOBODY01")


def test_another_shops_acceptor_is_03(till: Till, purchase: Message) -> None:
    reply = till.ask(Message("0200", purchase.fields | {42: "M99999999999999"}))
    assert (reply.code, reply.reason) == ("03", Reason.INVALID_SHOP)


def test_a_shop_without_a_contract_sells_nothing(bank: Bank, card: dict[str, Any]) -> None:
    with bank.session() as session:
        shop = factories.merchant(session)
        session.commit()
    till = bank.till(shop=shop)
    assert till.ask(till.purchase(card["card_number"], 1_000)).code == "03"
    with bank.session() as session:
        factories.contract(session, shop.id)
        session.commit()
    wait_until(lambda: till.ask(till.purchase(card["card_number"], 1_000)).code == "00")
    no_credit = till.ask(till.purchase(card["card_number"], 1_000, {Tag.CREDIT_MODE: b"\x01"}))
    assert (no_credit.code, no_credit.reason) == ("58", Reason.NOT_PERMITTED_TO_TERMINAL)
    till.close()


def test_requests_without_a_ksn_get_no_signed_answer(till: Till, purchase: Message) -> None:
    unsigned = mac.sign(Message("0200", purchase.fields | {48: tlv.encode({Tag.CASHIER: "7"})}), bytes(16))
    till.send_body(unsigned)
    reply = decode(till.receive_body())
    assert (reply.fields[39], 64 in reply.fields) == ("63", False)


@pytest.mark.parametrize("mti", ["0210", "0810", "1200", "2100"])
def test_what_is_no_request_gets_no_answer_and_the_third_closes(till: Till, purchase: Message, mti: str) -> None:
    body = till.sign(purchase)
    strange = bytes.fromhex(mti) + body[2:]
    till.send_body(strange)
    till.send_body(strange)
    assert till.ask(till.network("301")).code == "00"
    till.send_body(strange)
    with pytest.raises(ConnectionError):
        till.receive_body()


def test_an_unknown_request_type_is_30(till: Till, purchase: Message) -> None:
    till.send_body(till.sign(Message("0600", purchase.fields)))
    reply = till.receive()
    assert (reply.mti, reply.code) == ("0610", "30")


@pytest.fixture
def raw(bank: Bank) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", bank.port), 20) as connection:
        yield connection


@pytest.mark.parametrize(
    "data",
    [
        b"\x00\x00",
        b"\x00\x0e" + TPDU,
        b"\x10\x01" + TPDU,
        b"\xff\xff" + TPDU,
        b"\x00\x20\x61\x00\x01\x00\x02",
    ],
)
def test_a_broken_frame_closes_without_an_answer(raw: socket.socket, data: bytes) -> None:
    raw.sendall(data)
    assert raw.recv(10) == b""


def test_no_card_number_key_or_proof_reaches_the_log(bank: Bank, till: Till, card: dict[str, Any]) -> None:
    till.ask(till.purchase(card["card_number"], 1_000))
    till.ask(till.tapped(till.prove(bank.chip(card)), 1_000))
    till.send_body(till.sign(till.purchase(card["card_number"], 1_000))[:-9])
    decode(till.receive_body())
    text = (bank.folder / "gateway.log").read_text() + (bank.folder / "teller.log").read_text()
    secrets = [
        card["card_number"],
        card["token"],
        card["uid"],
        *card["card_keys"].values(),
        till.config["initial_key"],
    ]
    assert not [secret for secret in secrets if secret in text or secret.upper() in text]
    lines = [line for line in bank.log_lines() if line.get("terminal") == till.config["terminal"]]
    assert [(line["mti"], line["de39"]) for line in lines[-4:]] == [
        ("0200", "00"),
        ("0100", "00"),
        ("0200", "00"),
        ("0200", "30"),
    ]
    assert lines[-2]["ms"].keys() == {"mac", "read", "bank", "receipt", "reply"}
