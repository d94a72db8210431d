"""How the agent ends: told to, killed, unread, refused, or after the one sale of its command line."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("line", [None, 1000])
def test_an_agent_told_to_stop_ends_without_a_word(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any, line: object
) -> None:
    _, port = field_of(card_keys)
    till = till_at(port)
    till.send("?")
    assert till.read()["outcome"] == "refused"
    if line:
        till.send(line)
    till.child.send_signal(signal.SIGTERM)
    assert till.child.wait(20) == 128 + signal.SIGTERM
    assert till.log.read_text() == ""


def test_an_agent_told_to_stop_in_a_purchase_reverses_it_when_it_returns(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any, wait_until: Any
) -> None:
    bank.issue(card_keys)
    bank.behave["0200"] = "mute"
    field, port = field_of(card_keys)
    till = till_at(port, "--response-seconds", "20")
    till.send(1000)
    field.send({"place": card_keys["uid"]})
    wait_until(lambda: bank.total_rial == 1000)
    till.child.send_signal(signal.SIGTERM)
    assert till.child.wait(20) == 128 + signal.SIGTERM
    assert till.log.read_text() == ""
    till_at(port)
    wait_until(lambda: bank.total_rial == 0)


def test_an_agent_whose_results_nobody_reads_ends_without_a_word(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any
) -> None:
    _, port = field_of(card_keys)
    till = till_at(port)
    till.child.stdout.close()
    till.send("?")
    assert till.child.wait(20) == 1
    assert till.log.read_text() == ""


def test_a_reader_killed_in_the_middle_of_a_tap_leaves_card_and_bank_whole(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any, wait_until: Any
) -> None:
    bank.issue(card_keys)
    bank.behave["0100"] = "mute"
    field, port = field_of(card_keys)
    till = till_at(port)
    till.send(1000)
    field.send({"place": card_keys["uid"]})
    wait_until(lambda: any(message.mti == "0100" for message in bank.received))
    os.kill(till.child.pid, signal.SIGKILL)
    till.child.wait()
    assert bank.total_rial == 0
    again = till_at(port)
    again.send(2000)
    result = again.read()
    assert result["outcome"] == "approved"
    assert bank.total_rial == 2000


def test_a_reader_killed_after_the_purchase_left_reverses_it_when_it_returns(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any, wait_until: Any
) -> None:
    bank.issue(card_keys)
    bank.behave["0200"] = "mute"
    field, port = field_of(card_keys)
    till = till_at(port, "--response-seconds", "20")
    till.send(1000)
    field.send({"place": card_keys["uid"]})
    wait_until(lambda: bank.total_rial == 1000)
    os.kill(till.child.pid, signal.SIGKILL)
    till.child.wait()
    till_at(port)
    wait_until(lambda: bank.total_rial == 0)
    assert [message.mti for message in bank.received if message.mti[:2] == "04"] == ["0400"]


def test_a_gateway_that_refuses_the_terminal_ends_the_agent_with_one_sentence(
    bank: Any, card_keys: dict[str, Any], field_of: Any, till_at: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(bank), "_decide", lambda *given: ({39: "58", 12: "120000", 13: "1122"}, {}))
    _, port = field_of(card_keys)
    till = till_at(port)
    assert till.child.wait(20) == 3
    assert till.log.read_text() == "reader_agent: the gateway does not accept this terminal (DE39 58)\n"


@pytest.fixture
def one_sale(start: Callable[..., Any], till_at: Any, tmp_path: Path) -> Callable[..., Any]:
    """Run the agent for one amount of the command line."""

    def run(port: int, *options: str) -> Any:
        prepared = till_at(port)
        prepared.kill()
        (tmp_path / "terminal.flash").unlink(missing_ok=True)
        return start(
            "reader_agent",
            "--config",
            str(tmp_path / "terminal.json"),
            "--device",
            f"udp:127.0.0.1:{port}",
            *options,
        )

    return run


@pytest.mark.parametrize(
    ("options", "tags"),
    [
        (["--amount", "5000"], {}),
        (["--amount", "5000", "--credit", "none"], {}),
        (["--amount", "5000", "--credit", "most"], {0xDF04: b"\x01"}),
        (["--amount", "5000", "--credit", "exact", "300"], {0xDF04: b"\x02", 0xDF02: "000000000300"}),
    ],
)
def test_one_sale_of_the_command_line(
    bank: Any,
    card_keys: dict[str, Any],
    field_of: Any,
    one_sale: Any,
    options: list[str],
    tags: dict[int, Any],
) -> None:
    bank.issue(card_keys)
    field, port = field_of(card_keys)
    field.send({"place": card_keys["uid"]})
    till = one_sale(port, *options)
    assert till.read()["outcome"] == "approved"
    assert till.child.wait(20) == 0
    private = bank.received[-1].private
    assert {tag: private[tag] for tag in (0xDF02, 0xDF04) if tag in private} == tags


@pytest.mark.parametrize("options", [["--amount", "-1"], ["--amount", "x"], ["--amount", "5", "--credit", "exact"]])
def test_a_wrong_command_line_ends_with_one_sentence(
    card_keys: dict[str, Any], field_of: Any, one_sale: Any, options: list[str]
) -> None:
    _, port = field_of(card_keys)
    till = one_sale(port, *options)
    code = till.child.wait(20)
    assert code in (2, 3)
    assert "Traceback" not in till.log.read_text()
