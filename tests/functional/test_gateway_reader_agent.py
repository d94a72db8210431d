"""The reader agent's own till against the real gateway: what a person types to give back, to undo and to top up."""

import io
import itertools
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cardbank.cards.rules import CardStatus
from reader_agent.answer import Answer, NoAnswer
from reader_agent.config import TerminalConfig
from reader_agent.dukpt import TerminalKeys
from reader_agent.flash import Flash
from reader_agent.sale import Order, SaleQueue, SaleRefused, read_enrolment, read_sale
from reader_agent.screen import Screen
from reader_agent.terminal import Terminal
from reader_agent.till import Result, Till
from tests import factories
from tests.functional.bank import MONEY, Bank
from tests.functional.test_gateway_enrolment import form, of_chip, stocked
from tests.merchants.instalments.deal import line, terms

Type = Callable[..., list[Result]]


class NoReader:
    def poll(self) -> None:
        return None

    def close(self) -> None: ...


@pytest.fixture
def screen() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def terminal(bank: Bank, tmp_path: Path) -> Any:
    with opened(bank.till().config, tmp_path) as terminal:
        yield terminal


@contextmanager
def opened(given: dict[str, Any], folder: Path) -> Iterator[Terminal]:
    config = TerminalConfig.from_object(given | {"tpdu": "6000010000", "key_profile": "01", "language": "fa"})
    keys = TerminalKeys(config.initial_key, config.initial_key_id)
    flash = Flash(folder / "flash", config.terminal, keys)
    terminal = Terminal(config, flash, keys)
    yield terminal
    terminal.close()
    flash.close()


@pytest.fixture
def type_in(terminal: Terminal, screen: io.StringIO) -> Type:
    def carry_out(*lines: str) -> list[Result]:
        orders: tuple[Order, ...] = tuple(read_sale(line) for line in lines)
        results: list[Result] = []
        Till(NoReader(), terminal, SaleQueue(None, sales=orders), Screen("fa", screen), results.append).serve()  # type: ignore[arg-type]
        return results

    return carry_out


def test_a_person_sells_gives_back_undoes_and_tops_up(bank: Bank, card: dict[str, Any], type_in: Type, screen: io.StringIO) -> None:
    number = card["card_number"]
    [sold] = type_in(f'{{"amount_rial": 200000, "card_number": "{number}"}}')
    [back] = type_in(f'{{"refund": "{sold["rrn"]}", "of_rial": 200000, "amount_rial": 50000}}')
    assert (back["outcome"], back["what"], back["entry"]) == ("approved", "refund", "reference")
    assert bank.balance(card) == MONEY - 150_000
    [undone] = type_in(f'{{"void_refund": "{back["rrn"]}", "amount_rial": 50000}}')
    assert undone["outcome"] == "approved"
    [void] = type_in(f'{{"void": "{str(sold["rrn"]).lower()}", "amount_rial": "۲۰۰٬۰۰۰"}}')
    assert void["outcome"] == "approved"
    assert (bank.balance(card), bank.credit(card)) == (MONEY, 0)
    [cash] = type_in(f'{{"top_up": true, "amount_rial": 30000, "card_number": "{number}"}}')
    assert cash["outcome"] == "approved"
    assert bank.balance(card) == MONEY + 30_000
    [refused] = type_in(f'{{"refund": "{sold["rrn"]}", "of_rial": 200000, "amount_rial": 1}}')
    assert (refused["outcome"], refused["code"]) == ("declined", "64")
    shown = screen.getvalue()
    for sentence in (
        "۵۰,۰۰۰ ریال به کارت برگشت.".replace(",", "٬"),
        "خرید ۲۰۰٬۰۰۰ ریالی لغو شد و پول برگشت.",
        "کارت ۳۰٬۰۰۰ ریال شارژ شد.",
        "برگشت پذیرفته نشد: مبلغ خرید با رسید نمی‌خواند، یا بیش از باقی‌ماندهٔ آن است",
    ):
        assert sentence in shown


def test_a_person_sells_in_instalments(bank: Bank, tmp_path: Path, card: dict[str, Any], screen: io.StringIO) -> None:
    with bank.session() as session:
        shop = factories.merchant(session)
        factories.contract(session, shop.id)
        terms(session, shop.id, fee_rial=40_000)
        line(session, card["card_id"], factories.organisation(session, "operator").id)
        session.commit()
    orders = [f'{{"amount_rial": 2000000, "instalments": {count}, "card_number": "{card["card_number"]}"}}' for count in ("4", "3")]
    results: list[Result] = []
    queue = SaleQueue(None, sales=tuple(read_sale(order) for order in orders))
    with opened(bank.till(shop=shop).config, tmp_path) as selling:
        Till(NoReader(), selling, queue, Screen("fa", screen), results.append).serve()  # type: ignore[arg-type]
        assert selling.close_batch().is_in_balance
    sold, refused = results
    assert (sold["outcome"], refused["outcome"], refused["code"]) == ("approved", "declined", "58")
    assert bank.balance(card) == MONEY
    assert "قسط ۴، " in screen.getvalue()


def test_a_refund_whose_answer_is_lost_is_reversed_by_the_terminal(
    bank: Bank, card: dict[str, Any], terminal: Terminal, type_in: Type, monkeypatch: pytest.MonkeyPatch
) -> None:
    [sold] = type_in(f'{{"amount_rial": 200000, "card_number": "{card["card_number"]}"}}')
    verified = Terminal._verified
    lost = []

    def lose_the_first(self: Terminal, *arguments: Any) -> Answer:
        answer = verified(self, *arguments)
        if not lost:
            lost.append(answer)
            raise NoAnswer("lost on the way")
        return answer

    monkeypatch.setattr(Terminal, "_verified", lose_the_first)
    [back] = type_in(f'{{"refund": "{sold["rrn"]}", "of_rial": 200000, "amount_rial": 200000}}')
    assert (back["outcome"], back["reversed"]) == ("no_answer", True)
    assert lost[0].is_approved
    assert not terminal.is_reversal_due
    assert bank.balance(card) == MONEY - 200_000


class OneCard:
    """A card of the stock that lies on the reader."""

    def __init__(self, uid: bytes) -> None:
        self.uid = uid

    def is_present(self) -> bool:
        return True

    def poll(self) -> "OneCard":
        return self


@pytest.mark.parametrize("lost", [(), (0,), (1,), (0, 1)])
def test_a_pilgrim_gets_one_card_though_answers_are_lost(
    bank: Bank, terminal: Terminal, screen: io.StringIO, monkeypatch: pytest.MonkeyPatch, lost: tuple[int, ...]
) -> None:
    verified, asked = Terminal._verified, itertools.count()

    def lose_some(self: Terminal, *arguments: Any) -> Answer:
        answer = verified(self, *arguments)
        if next(asked) in lost:
            raise NoAnswer("lost on the way")
        return answer

    monkeypatch.setattr(Terminal, "_verified", lose_some)
    uid, said = stocked(bank), form()
    line = {"kind": "N", "number": said[0xDF72], "name": "زهرا", "agreed": True}
    results: list[Result] = []
    queue = SaleQueue(None, sales=(read_enrolment(json.dumps(line)),))
    Till(OneCard(uid), terminal, queue, Screen("fa", screen), results.append).serve()  # type: ignore[arg-type]
    [result] = results
    assert (result["outcome"], result["what"], result["code"]) == ("approved", "enrol", "00")
    assert of_chip(bank, uid).status is CardStatus.ACTIVE
    assert "کارت فعال شد؛ به زائر بدهید." in screen.getvalue()
    assert said[0xDF72] not in json.dumps(result) + screen.getvalue()


def test_a_form_that_is_refused_says_why_in_the_tills_language(bank: Bank, terminal: Terminal, screen: io.StringIO) -> None:
    order = read_enrolment('{"kind": "N", "number": "1234567890", "name": "زهرا", "agreed": true}')
    results: list[Result] = []
    Till(OneCard(stocked(bank)), terminal, SaleQueue(None, sales=(order,)), Screen("fa", screen), results.append).serve()  # type: ignore[arg-type]
    assert results[0]["outcome"] == "declined"
    assert "ثبت نشد: شمارهٔ مدرک درست نیست." in screen.getvalue()


@pytest.mark.parametrize(
    "line",
    ["", "[]", "{}", '{"kind": "X", "number": "1"}', '{"kind": "N", "colour": "red"}', '{"kind": "N", "name": "%s"}' % ("x" * 101)],
)
def test_what_is_no_form_is_refused_without_repeating_it(line: str) -> None:
    with pytest.raises(SaleRefused, match="a form is a JSON object") as refused:
        read_enrolment(line)
    assert refused.value.part == "enrolment"
