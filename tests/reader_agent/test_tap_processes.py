"""The online tap between real processes: card, reader agent, bank; over nfcpy's UDP transport."""

import re
import secrets
from pathlib import Path
from typing import Any

import pytest

from cardbank.cards.ev2 import EV2Challenge
from tests.reader_agent.presented import tap

pytestmark = pytest.mark.slow

NAME = "f0534d41525450494c4752494d01"


def test_a_tap_is_three_apdus_with_the_bank_in_between(bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any) -> None:
    bank.issue(card_keys)
    field, port = field_of(card_keys)
    till = till_at(port)
    result = tap(field, till, card_keys, {"amount_rial": 150_000, "credit": "most"})
    trace = [field.read() for _ in range(3)]
    assert till.finish() == 0
    assert field.finish() == 0
    assert field.rest == ""
    assert trace[0]["apdu"] == "00a4040c0e" + NAME
    assert trace[0]["answer"] == "9000"
    assert trace[1]["apdu"] == "9071000002010000"
    assert re.fullmatch("[0-9a-f]{32}91af", trace[1]["answer"])
    assert re.fullmatch("90af000020[0-9a-f]{64}00", trace[2]["apdu"])
    assert re.fullmatch("[0-9a-f]{64}9100", trace[2]["answer"])
    sign_on, challenge, purchase = bank.received
    assert sign_on.fields[70] == "001"
    assert challenge.private[0xDF33] == bytes.fromhex("01" + card_keys["uid"] + trace[1]["answer"][:32])
    assert purchase.private[0xDF33][9:].hex() == trace[2]["answer"][:64]
    assert bank.total_rial == 150_000
    assert (result["outcome"], result["code"], result["amount_rial"]) == ("approved", "00", 150_000)
    assert result["paid_card_rial"] + result["paid_credit_rial"] == 150_000
    assert result["paid_credit_rial"] == 15_000
    assert result["receipt"] == ["^Cفروشگاه نمونه", "اعتبار این خرید ۵٪"]
    assert list(result["stages_ms"]) == [
        "sense",
        "select",
        "auth1",
        "challenge",
        "auth2",
        "purchase",
        "total",
    ]
    assert result["stages_ms"]["total"] >= sum(result["stages_ms"].values()) / 2.5


def readable_memory(pid: int) -> bytes:
    """Every readable page of a process."""
    memory = bytearray()
    ranges = re.findall(
        r"^([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+ *(\S*)",
        Path(f"/proc/{pid}/maps").read_text(),
        re.MULTILINE,
    )
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as pages:
        for start, end, name in ranges:
            if name in ("[vvar]", "[vsyscall]", "[vvar_vclock]"):
                continue
            try:
                pages.seek(int(start, 16))
                memory += pages.read(int(end, 16) - int(start, 16))
            except OSError:
                continue
    return bytes(memory)


def test_no_card_key_and_no_session_key_is_ever_in_the_reader(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    sessions = []
    finish = EV2Challenge.finish
    monkeypatch.setattr(EV2Challenge, "finish", lambda *given: sessions.append(finish(*given)) or sessions[-1])
    bank.issue(card_keys)
    field, port = field_of(card_keys)
    till = till_at(port)
    for _ in range(3):
        assert tap(field, till, card_keys, {"amount_rial": 1000})["outcome"] == "approved"
    memory = readable_memory(till.child.pid)
    output = till.log.read_bytes()
    assert len(sessions) == 3
    assert bytes.fromhex(NAME) in memory
    secrets_of_card = [bytes.fromhex(key) for key in card_keys["card_keys"].values()]
    for secret in [*secrets_of_card, *(key for each in sessions for key in (each.ses_enc, each.ses_mac))]:
        assert secret not in memory
        assert secret.hex().encode() not in memory
        assert secret.hex().encode() not in output
    assert till.finish() == 0
    assert till.rest == ""


def test_the_card_may_come_before_the_amount(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any, wait_until: Any
) -> None:
    bank.issue(card_keys)
    field, port = field_of(card_keys)
    till = till_at(port)
    field.send({"place": card_keys["uid"]})
    wait_until(lambda: bool(bank.received))
    till.send("۲۵٬۰۰۰")
    result = till.read()
    assert (result["outcome"], result["amount_rial"]) == ("approved", 25_000)
    assert bank.total_rial == 25_000


def test_a_card_left_lying_is_not_charged_for_the_next_sale(
    bank: Any, card_keys: dict[str, Any], other_card_keys: dict[str, Any], field_of: Any, till_at: Any
) -> None:
    bank.issue(card_keys)
    bank.issue(other_card_keys)
    field, port = field_of(card_keys, other_card_keys)
    till = till_at(port, "--card-seconds", "0.3")
    till.send(1000)
    field.send({"place": card_keys["uid"]})
    assert till.read()["outcome"] == "approved"
    till.send(2000)
    assert till.read()["outcome"] == "no_card"
    field.send({"remove": card_keys["uid"]})
    assert tap(field, till, other_card_keys, 3000)["outcome"] == "approved"
    assert bank.total_rial == 4000


def test_two_cards_at_once_are_not_charged(
    bank: Any, card_keys: dict[str, Any], other_card_keys: dict[str, Any], field_of: Any, till_at: Any
) -> None:
    bank.issue(card_keys)
    bank.issue(other_card_keys)
    field, port = field_of(card_keys, other_card_keys)
    till = till_at(port, "--card-seconds", "0.5")
    field.send({"place": card_keys["uid"]})
    field.send({"place": other_card_keys["uid"]})
    till.send(1000)
    assert till.read()["outcome"] == "no_card"
    field.send({"remove": other_card_keys["uid"]})
    till.send(2000)
    assert till.read()["outcome"] == "approved"
    assert bank.total_rial == 2000


def test_each_kind_of_sale_has_its_outcome(bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any) -> None:
    bank.issue(card_keys)
    field, port = field_of(card_keys)
    till = till_at(port)
    total = 0
    for sale, outcome, code, charged in (
        ({"amount_rial": 0}, "declined", "13", 0),
        ({"amount_rial": 999_999_999_999}, "approved", "00", 999_999_999_999),
        ({"amount_rial": 5000, "credit": 2000}, "approved", "00", 5000),
        ({"amount_rial": 5000, "cancel": True}, "reversed", "00", 0),
    ):
        result = tap(field, till, card_keys, sale)
        assert (result["outcome"], result["code"]) == (outcome, code)
        total += charged
        assert bank.total_rial == total


def test_bad_input_is_refused_and_the_next_sale_goes_through(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any
) -> None:
    bank.issue(card_keys)
    field, port = field_of(card_keys)
    till = till_at(port)
    lines = ["-5", "1.5", "1000000000000", "{", '{"amount": 5}', '{"amount_rial": true}', "abc", "9" * 5000]
    for line in lines:
        till.send(line)
        refused = till.read()
        assert refused["outcome"] == "refused"
        assert refused["why"]
    assert tap(field, till, card_keys, 700)["outcome"] == "approved"
    assert bank.total_rial == 700


def test_a_keyed_card_number_needs_no_card_and_shows_nowhere(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any, tmp_path: Path
) -> None:
    _, port = field_of(card_keys)
    till = till_at(port)
    till.send({"amount_rial": 9000, "card_number": "9364000000000000001", "cancel": True})
    result = till.read()
    assert (result["outcome"], result["entry"]) == ("reversed", "keyed")
    assert till.finish() == 0
    assert "9364000000000000001" not in str(result) + till.rest + till.log.read_text()
    assert b"9364000000000000001" not in (tmp_path / "terminal.flash").read_bytes()
    assert "card_number" not in str(result)


def test_a_blocked_card_is_declined(bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any) -> None:
    bank.issue(card_keys)
    bank.blocked.add(bytes.fromhex(card_keys["uid"]))
    field, port = field_of(card_keys)
    result = tap(field, till_at(port), card_keys, 1000)
    assert (result["outcome"], result["code"], result["reason"]) == ("declined", "62", "1062")
    assert bank.total_rial == 0


@pytest.mark.parametrize(("reversal", "outcome", "is_reversed"), [("honest", "declined", True), ("91", "no_answer", False)])
def test_an_answer_that_decides_nothing_is_reported_with_its_reversal(
    bank: Any,
    card_keys: dict[str, Any],
    field_of: Any,
    till_at: Any,
    reversal: str,
    outcome: str,
    is_reversed: bool,
) -> None:
    bank.issue(card_keys)
    bank.behave |= {"0200": "91", "0400": reversal}
    field, port = field_of(card_keys)
    till = till_at(port)
    result = tap(field, till, card_keys, 1000)
    assert (result["outcome"], result["code"], result["reversed"]) == (outcome, "91", is_reversed)
    approved = tap(field, till, card_keys, 2000)
    assert (approved["outcome"], "reversed" in approved) == ("approved", False)
    assert bank.total_rial == 2000


def test_a_cloned_uid_without_the_key_is_found_out_by_the_card_step(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any
) -> None:
    bank.issue(card_keys)
    clone = card_keys | {"card_keys": {"1": secrets.token_hex(16)}}
    field, port = field_of(clone)
    result = tap(field, till_at(port), clone, 1000)
    assert (result["outcome"], result["step"], result["status"]) == ("card_refused", "auth2", "91ae")
    assert [message.mti for message in bank.received] == ["0800", "0100"]
    assert bank.total_rial == 0


def test_an_old_key_of_the_card_is_found_out(bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any) -> None:
    bank.issue(card_keys | {"card_keys": {"1": secrets.token_hex(16)}})
    field, port = field_of(card_keys)
    result = tap(field, till_at(port), card_keys, 1000)
    assert (result["outcome"], result["status"]) == ("card_refused", "91ae")
    assert bank.total_rial == 0


def test_a_card_of_another_scheme_is_refused(bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any) -> None:
    stranger = card_keys | {"df_name": "d2760000850101"}
    field, port = field_of(stranger)
    result = tap(field, till_at(port), stranger, 1000)
    assert (result["outcome"], result["step"], result["status"]) == ("card_refused", "select", "6a82")
    assert [message.mti for message in bank.received] == ["0800"]


def test_a_card_without_the_online_key_is_refused(bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any) -> None:
    stranger = card_keys | {"card_keys": {"0": secrets.token_hex(16)}}
    field, port = field_of(stranger)
    result = tap(field, till_at(port), stranger, 1000)
    assert (result["step"], result["status"]) == ("auth1", "9140")
