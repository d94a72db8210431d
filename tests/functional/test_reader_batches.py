"""The reader agent's terminal closes its batch at the real bank: after crashes, lost answers and a number set right."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from merchants.batches.models import TerminalBatch
from reader_agent.answer import NoAnswer
from reader_agent.config import TerminalConfig
from reader_agent.dukpt import TerminalKeys
from reader_agent.flash import Flash
from reader_agent.terminal import Terminal
from tests.functional.bank import Bank

Open = Callable[[], Terminal]


@pytest.fixture
def opened(bank: Bank, tmp_path: Path) -> Iterator[Open]:
    """Switch the same terminal on again, over the flash that it has; the one before loses its power."""
    config = TerminalConfig.from_object(bank.till().config | {"key_profile": "01", "tpdu": "6000010002"})
    keys = TerminalKeys(config.initial_key, config.initial_key_id)
    running: list[tuple[Terminal, Flash]] = []

    def switch_on() -> Terminal:
        while running:
            switch_off(*running.pop())
        flash = Flash(tmp_path / "terminal.flash", config.terminal, keys)
        running.append((Terminal(config, flash, keys, response_seconds=10), flash))
        return running[-1][0]

    yield switch_on
    while running:
        switch_off(*running.pop())


def switch_off(terminal: Terminal, flash: Flash) -> None:
    terminal.close()
    flash.close()


def buy(terminal: Terminal, card: dict[str, Any], amount: int) -> str:
    terminal.start_sale()
    answer = terminal.purchase(amount, 0, card["card_number"])
    assert answer.is_approved, answer.code
    return answer.message.text(37)


def batches(bank: Bank, terminal: Terminal) -> list[tuple[str, int, int]]:
    number = int(terminal._config.terminal.strip()[1:])
    with bank.session() as session:
        found = session.scalars(select(TerminalBatch).filter_by(terminal_id=number).order_by(TerminalBatch.number))
        return [(batch.state, batch.totals.entries, batch.totals.net_rial) for batch in found]


def drop_answers(terminal: Terminal, monkeypatch: pytest.MonkeyPatch, mti: str) -> None:
    """What the bank answers to messages of this type is lost on the way."""
    ask = terminal._ask

    def lossy(sent: str, *rest: Any) -> Any:
        answer = ask(sent, *rest)
        if sent == mti:
            raise NoAnswer("lost on the way")
        return answer

    monkeypatch.setattr(terminal, "_ask", lossy)


def test_a_shift_of_sales_returns_and_cancellations_balances_across_a_restart(
    bank: Bank, opened: Open, card: dict[str, Any]
) -> None:
    terminal = opened()
    first = buy(terminal, card, 100_000)
    second = buy(terminal, card, 50_000)
    terminal = opened()
    terminal.start_sale()
    assert terminal.refund(first, 100_000, 30_000).is_approved
    terminal.start_sale()
    assert terminal.void(second, 50_000).is_approved
    buy(terminal, card, 7_000)
    assert terminal.cancel()
    closed = terminal.close_batch()
    assert (closed.number, closed.is_in_balance, closed.uploaded) == (1, True, 0)
    assert batches(bank, terminal) == [("balanced", 6, 70_000)]
    buy(terminal, card, 9_000)
    assert opened().close_batch().number == 2
    assert batches(bank, terminal)[1] == ("balanced", 1, 9_000)


def test_a_purchase_whose_answer_was_lost_is_counted_with_its_reversal(
    bank: Bank, opened: Open, card: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = opened()
    buy(terminal, card, 5_000)
    drop_answers(terminal, monkeypatch, "0200")
    terminal.start_sale()
    with pytest.raises(NoAnswer):
        terminal.purchase(8_000, 0, card["card_number"])
    assert opened().close_batch().is_in_balance
    assert batches(bank, terminal) == [("balanced", 3, 5_000)]


def test_a_close_whose_answer_was_lost_goes_on_before_the_next_sale(
    bank: Bank, opened: Open, card: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = opened()
    buy(terminal, card, 5_000)
    drop_answers(terminal, monkeypatch, "0500")
    with pytest.raises(NoAnswer):
        terminal.close_batch()
    terminal = opened()
    buy(terminal, card, 6_000)
    assert terminal.close_batch().number == 2
    assert batches(bank, terminal) == [("balanced", 1, 5_000), ("balanced", 1, 6_000)]


@pytest.mark.parametrize("lost", ["", "0320", "0500"], ids=["nothing lost", "an upload lost", "the end lost"])
def test_a_damaged_count_is_uploaded_and_agrees(
    bank: Bank, opened: Open, card: dict[str, Any], monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    """The terminal says other totals than its journal holds, as after a repair: its list settles the matter."""
    terminal = opened()
    buy(terminal, card, 5_000)
    buy(terminal, card, 6_000)
    counted = terminal.batch.counted
    calls = iter([counted()[:1]])
    monkeypatch.setattr(terminal.batch, "counted", lambda: next(calls, counted()))
    if lost:
        drop_answers(terminal, monkeypatch, lost)
        with pytest.raises(NoAnswer):
            terminal.close_batch()
        terminal = opened()
    closed = terminal.close_batch()
    assert (closed.is_closed, closed.is_in_balance, closed.uploaded) == (True, True, 2)
    assert batches(bank, terminal) == [("agreed", 2, 11_000)]


def test_a_terminal_that_lost_its_journal_hears_that_the_bank_looks_into_it(
    bank: Bank, opened: Open, card: dict[str, Any], tmp_path: Path
) -> None:
    terminal = opened()
    buy(terminal, card, 5_000)
    (tmp_path / "terminal.batch").unlink()
    closed = opened().close_batch()
    assert (closed.is_closed, closed.is_in_balance) == (True, False)
    assert batches(bank, terminal) == [("case", 1, 5_000)]


def test_a_number_that_the_bank_does_not_have_open_is_set_right(bank: Bank, opened: Open, card: dict[str, Any]) -> None:
    terminal = opened()
    buy(terminal, card, 5_000)
    assert terminal.close_batch().is_in_balance
    buy(terminal, card, 6_000)
    terminal.batch.renumber(7)
    closed = terminal.close_batch()
    assert (closed.number, closed.is_in_balance) == (2, True)
