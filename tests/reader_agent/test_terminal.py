"""The terminal byte for byte against the published conversation, and against a host that misbehaves."""

import json
import socket
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from reader_agent.answer import Declined, NoAnswer
from reader_agent.config import ConfigError, TerminalConfig
from reader_agent.reference import day_of_reference
from reader_agent.tap import CardProof
from reader_agent.terminal import Terminal
from tests.reader_agent.presented import Tapped

FRAMES = [
    bytes.fromhex(frame["frame"]) for frame in json.loads((Path(__file__).parent.parent / "data/iso8583/frames.json").read_text())
]
CHALLENGE, CHALLENGED, PURCHASE, APPROVED, REVERSAL, KEYED, ECHO = FRAMES
PURCHASE_ANSWER = bytes.fromhex("3FA64DB5446D1F34CD6EA311167F5E4985B89690C04A05F17FA7AB2F08120663")
PUBLISHED = {
    "terminal": "TERM0001",
    "acceptor": "MERCHANT0000001",
    "tpdu": "6000010000",
    "host": "127.0.0.1",
    "key_profile": "01",
    "initial_key": "1273671EA26AC29AFA4D1084127652A1",
    "initial_key_id": "1234567890123456",
    "currency": "364",
    "language": "fa",
}


class Script:
    """A host that expects frames and answers with given bytes; None hangs up."""

    def __init__(self, answers: list[bytes | None]) -> None:
        self.received: list[bytes] = []
        self._answers = answers
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        connection, _ = self._listener.accept()
        with connection:
            for answer in self._answers:
                length = connection.recv(2, socket.MSG_WAITALL)
                self.received.append(length + connection.recv(int.from_bytes(length), socket.MSG_WAITALL))
                if answer is None:
                    return
                connection.sendall(answer)

    def close(self) -> None:
        self._thread.join()
        self._listener.close()


def clock(*times: str) -> Callable[[], datetime]:
    """The given UTC times of 2026-11-22, the last one for ever; each is read twice by a financial message."""
    moments = [datetime.fromisoformat(f"2026-11-22T{time}+00:00") for time in times]
    return lambda: moments.pop(0) if len(moments) > 1 else moments[0]


def test_the_published_conversation_is_sent_byte_for_byte(opened: Callable[..., Terminal]) -> None:
    script = Script([CHALLENGED, APPROVED, None])
    now = clock(*["01:22:30"] * 2, *["01:22:33"] * 2, *["01:23:05"] * 2)
    terminal = opened(PUBLISHED | {"port": script.port}, now=now)
    terminal.start_sale()
    challenge = terminal.challenge(bytes.fromhex("04DE5F1EACC040"), bytes.fromhex("A04C124213C186F22399D33AC2A30215"))
    assert challenge.id == bytes.fromhex("0011223344556677")
    assert challenge.part2.hex().startswith("35c3e05a752e0144")
    answer = terminal.purchase(150_000, 20_000, CardProof(challenge.id, PURCHASE_ANSWER))
    assert answer.is_approved
    assert answer.private[0xDF43] == b"000000130000"
    assert not terminal.cancel()
    assert terminal.is_reversal_due
    script.close()
    assert script.received == [CHALLENGE, PURCHASE, REVERSAL]


def test_the_published_echo_is_sent_byte_for_byte(opened: Callable[..., Terminal]) -> None:
    script = Script([None])
    terminal = opened(PUBLISHED | {"port": script.port}, now=clock("01:24:00"))
    terminal._flash._numbers |= {"counter": 4, "stan": 4}
    with pytest.raises(NoAnswer):
        terminal.echo()
    script.close()
    assert script.received == [ECHO]


def flipped(frame: bytes, bit: int) -> bytes:
    return (int.from_bytes(frame) ^ 1 << bit).to_bytes(len(frame))


@pytest.mark.parametrize("bit", [0, 63, 64, 65, 200, 400, 600, 8 * (len(APPROVED) - 7) - 1])
def test_an_answer_with_a_flipped_bit_is_no_answer(opened: Callable[..., Terminal], bit: int) -> None:
    script = Script([CHALLENGED, flipped(APPROVED, bit), None])
    terminal = opened(PUBLISHED | {"port": script.port}, now=clock("01:22:30"), seconds=0.3)
    terminal.start_sale()
    challenge = terminal.challenge(bytes(7), bytes(16))
    with pytest.raises(NoAnswer) as failure:
        terminal.purchase(150_000, 0, CardProof(challenge.id, bytes(32)))
    assert failure.value.is_reversed is False
    assert terminal.is_reversal_due
    terminal.close()
    script._listener.close()
    script._thread.join()


def test_sign_on_and_echo_are_answered(opened: Callable[..., Terminal], bank: Any, terminal_config: Any) -> None:
    terminal = opened(terminal_config)
    assert terminal.sign_on().is_approved
    assert terminal.echo().is_approved
    assert [message.fields[70] for message in bank.received] == ["001", "301"]


def test_a_purchase_is_posted_once_and_leaves_no_reversal(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped
) -> None:
    terminal = opened(terminal_config)
    terminal.start_sale()
    assert terminal.purchase(150_000, "most", tapped.prove(terminal)).is_approved
    assert not terminal.is_reversal_due
    assert bank.total_rial == 150_000
    assert [message.mti for message in bank.received] == ["0100", "0200"]
    assert bank.received[1].private[0xDF04] == b"\x01"


def test_the_last_completed_number_is_told_with_the_next_purchase(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped
) -> None:
    terminal = opened(terminal_config)
    for _ in range(2):
        terminal.start_sale()
        terminal.purchase(1000, 0, tapped.prove(terminal))
    first, second = (message for message in bank.received if message.mti == "0200")
    assert first.private[0xDF05] == "000000"
    assert second.private[0xDF05] == first.fields[11]


def test_a_purchase_with_no_gateway_leaves_nothing_at_stake(opened: Callable[..., Terminal], terminal_config: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    terminal = opened(terminal_config | {"port": port})
    terminal.start_sale()
    with pytest.raises(NoAnswer) as failure:
        terminal.purchase(150_000, 0, "9364000000000000001")
    assert failure.value.is_reversed is None
    assert not terminal.is_reversal_due


def test_a_restarted_gateway_is_noticed_before_anything_is_sent(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any
) -> None:
    terminal = opened(terminal_config)
    terminal.sign_on()
    bank.behave["hang_up"] = "now"
    with pytest.raises(NoAnswer):
        terminal.echo()
    terminal.start_sale()
    assert terminal.purchase(5000, 0, "9364000000000000001").is_approved


def test_a_keyed_purchase_and_its_reversal_name_the_card_number(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tmp_path: Path
) -> None:
    terminal = opened(terminal_config)
    terminal.start_sale()
    assert terminal.purchase(5000, 0, "9364000000000000001").is_approved
    assert terminal.cancel()
    purchase, reversal = bank.received
    assert purchase.fields[22] == "011"
    assert purchase.fields[2] == reversal.fields[2] == "9364000000000000001"
    assert 0xDF33 not in purchase.private
    assert bank.total_rial == 0
    assert b"9364" not in (tmp_path / "terminal.flash").read_bytes()


def test_a_proof_is_worth_one_purchase(opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped) -> None:
    terminal = opened(terminal_config)
    terminal.start_sale()
    proof = tapped.prove(terminal)
    assert terminal.purchase(1000, 0, proof).is_approved
    assert terminal.purchase(1000, 0, proof).code == "63"
    assert bank.total_rial == 1000


def test_a_recorded_answer_does_not_fit_the_next_challenge(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped
) -> None:
    terminal = opened(terminal_config)
    terminal.start_sale()
    recorded = tapped.prove(terminal)
    fresh = tapped.prove(terminal)
    assert terminal.purchase(1000, 0, CardProof(fresh.challenge_id, recorded.answer)).code == "63"
    assert bank.total_rial == 0


def test_an_unknown_chip_is_declined_before_any_purchase(opened: Callable[..., Terminal], bank: Any, terminal_config: Any) -> None:
    terminal = opened(terminal_config)
    terminal.start_sale()
    with pytest.raises(Declined) as declined:
        terminal.challenge(bytes(7), bytes(16))
    assert (declined.value.answer.code, declined.value.answer.reason) == ("14", "1014")
    assert [message.mti for message in bank.received] == ["0100"]


def test_messages_carry_utc_and_the_shops_time(opened: Callable[..., Terminal], bank: Any, terminal_config: Any) -> None:
    terminal = opened(terminal_config, now=lambda: datetime(2026, 12, 31, 22, 0, 0, tzinfo=UTC))
    terminal.start_sale()
    terminal.purchase(1000, 0, "9364000000000000001")
    fields = bank.received[0].fields
    assert (fields[7], fields[13], fields[12]) == ("1231220000", "0101", "013000")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"key_profile": "03"}, "key_profile"),
        ({"initial_key": "00"}, "16"),
        ({"initial_key": "xx"}, "hexadecimal"),
        ({"port": "http"}, "number"),
        ({"terminal": "TERMINAL1"}, "8 characters"),
        ({"tpdu": "60"}, "5 bytes"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong_and_shows_no_key(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ConfigError, match=says) as refusal:
        TerminalConfig.from_object(PUBLISHED | {"port": 1} | change)
    assert PUBLISHED["initial_key"] not in str(refusal.value)


def test_no_key_shows_in_a_configuration() -> None:
    config = TerminalConfig.from_object(PUBLISHED | {"port": 1})
    assert "initial_key=" not in repr(config)
    assert PUBLISHED["initial_key"].lower() not in repr(config).lower()


@pytest.mark.parametrize("text", ["", "[]", "{}"])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "terminal.json"
    path.write_text(text)
    with pytest.raises(ConfigError):
        TerminalConfig.from_file(path)


@pytest.mark.parametrize(
    ("reference", "today", "day"),
    [
        ("6330000000B1", date(2026, 11, 26), date(2026, 11, 26)),
        ("6365000000B1", date(2027, 1, 1), date(2026, 12, 31)),
        ("7001000000B1", date(2026, 12, 31), date(2027, 1, 1)),  # Tehran is ahead of the day in UTC
        ("7002000000B1", date(2026, 12, 31), date(2017, 1, 2)),
    ],
)
def test_a_reference_tells_the_day_of_its_purchase(reference: str, today: date, day: date) -> None:
    assert day_of_reference(reference, today) == day
