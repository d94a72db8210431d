"""What a terminal owes when an answer does not come, or decides nothing."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from pos_gateway.context import content_hash
from reader_agent.answer import NoAnswer
from reader_agent.terminal import UNDECIDED, Terminal
from tests.reader_agent.presented import Tapped


@pytest.mark.parametrize("behaviour", ["mute", "deaf", "wrong_mac", "old_serial"])
def test_a_purchase_without_a_verified_answer_is_reversed_at_once(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped, behaviour: str
) -> None:
    terminal = opened(terminal_config, seconds=0.3)
    terminal.start_sale()
    proof = tapped.prove(terminal)
    bank.behave["0200"] = behaviour
    with pytest.raises(NoAnswer) as failure:
        terminal.purchase(150_000, 0, proof)
    assert failure.value.is_reversed is True
    assert not terminal.is_reversal_due
    assert bank.total_rial == 0
    assert [message.mti for message in bank.received] == ["0100", "0200", "0400"]


def test_a_reversal_without_an_answer_is_repeated_with_its_number_and_time(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped
) -> None:
    terminal = opened(terminal_config, seconds=0.3)
    terminal.start_sale()
    proof = tapped.prove(terminal)
    bank.behave |= {"0200": "mute", "0400": "mute", "0401": "mute"}
    with pytest.raises(NoAnswer) as failure:
        terminal.purchase(150_000, 0, proof)
    assert failure.value.is_reversed is False
    with pytest.raises(NoAnswer, match="a reversal is due"):
        terminal.start_sale()
    terminal.start_sale()
    assert not terminal.is_reversal_due
    sent = [message for message in bank.received if message.mti in ("0400", "0401")]
    assert [message.mti for message in sent] == ["0400", "0401", "0401"]
    assert len({(message.fields[11], message.fields[7]) for message in sent}) == 1
    assert len({message.private[0xDF31] for message in sent}) == 3
    assert bank.total_rial == 0


def ticking() -> Callable[[], datetime]:
    """A clock that is a minute further each time it is read."""
    minutes = itertools.count()
    return lambda: datetime(2026, 11, 22, 20, 0, 0, tzinfo=UTC) + timedelta(minutes=next(minutes))


def test_a_repeated_reversal_says_what_the_first_said_also_after_a_power_cut(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped
) -> None:
    terminal = opened(terminal_config, seconds=0.3, now=ticking())
    terminal.start_sale()
    proof = tapped.prove(terminal)
    bank.behave |= {"0200": "mute", "0400": "mute", "0401": "mute"}
    with pytest.raises(NoAnswer):
        terminal.purchase(150_000, 0, proof)
    assert not terminal.settle_reversal()
    terminal.close()
    terminal._flash.close()
    assert opened(terminal_config, now=ticking()).settle_reversal()
    sent = [message for message in bank.received if message.mti in ("0400", "0401")]
    assert [message.mti for message in sent] == ["0400", "0401", "0401"]
    assert len({content_hash(message) for message in sent}) == 1
    assert len({(message.fields[12], message.fields[13]) for message in sent}) == 1


def test_the_codes_that_decide_nothing() -> None:
    assert {"30", "63", "68", "91", "96"} == UNDECIDED


@pytest.mark.parametrize("code", sorted(UNDECIDED))
def test_a_purchase_whose_answer_decides_nothing_is_reversed_at_once(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped, code: str
) -> None:
    terminal = opened(terminal_config)
    terminal.start_sale()
    proof = tapped.prove(terminal)
    bank.behave["0200"] = code
    answer = terminal.purchase(150_000, 0, proof)
    assert (answer.code, answer.is_reversed) == (code, True)
    assert not terminal.is_reversal_due
    assert len(bank.posted) == 1
    assert bank.total_rial == 0
    assert [message.mti for message in bank.received] == ["0100", "0200", "0400"]


@pytest.mark.parametrize("behaviour", ["deaf", "91"])
def test_an_answer_that_decides_nothing_leaves_the_reversal_due_until_the_host_takes_it(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped, behaviour: str
) -> None:
    terminal = opened(terminal_config, seconds=0.3)
    terminal.start_sale()
    proof = tapped.prove(terminal)
    bank.behave |= {"0200": "91", "0400": behaviour}
    assert terminal.purchase(150_000, 0, proof).is_reversed is False
    assert terminal.is_reversal_due
    terminal.start_sale()
    assert not terminal.is_reversal_due
    assert bank.total_rial == 0


@pytest.mark.parametrize("code", ["13", "51", "62", "94"])
def test_a_decline_that_decides_is_not_reversed(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped, code: str
) -> None:
    terminal = opened(terminal_config)
    terminal.start_sale()
    proof = tapped.prove(terminal)
    bank.behave["0200"] = code
    answer = terminal.purchase(150_000, 0, proof)
    assert (answer.code, answer.is_reversed) == (code, None)
    assert not terminal.is_reversal_due
    assert [message.mti for message in bank.received] == ["0100", "0200"]


def test_a_terminal_killed_after_sending_reverses_when_it_starts_again(
    opened: Callable[..., Terminal], bank: Any, terminal_config: Any, tapped: Tapped, tmp_path: Path
) -> None:
    terminal = opened(terminal_config, seconds=0.3)
    terminal.start_sale()
    proof = tapped.prove(terminal)
    bank.behave |= {"0200": "mute", "0400": "deaf"}
    with pytest.raises(NoAnswer):
        terminal.purchase(150_000, 0, proof)
    assert bank.total_rial == 150_000
    terminal.close()
    terminal._flash.close()
    again = opened(terminal_config)
    assert again.is_reversal_due
    again.start_sale()
    assert bank.total_rial == 0
    assert not again.is_reversal_due
