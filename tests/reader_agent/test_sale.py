"""What a till takes in, from people and from programs."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader_agent.sale import Close, Return, Sale, SaleQueue, SaleRefused, read_credit, read_sale


@pytest.mark.parametrize("text", ["150000", " 150000\r", "۱۵۰۰۰۰", "١٥٠٠٠٠", "150,000", "۱۵۰٬۰۰۰"])
def test_an_amount_is_read_in_every_script(text: str) -> None:
    assert read_sale(text) == Sale(150_000)


def test_a_programs_sale_is_read_whole() -> None:
    line = '{"amount_rial": 5000, "credit": "most", "card_number": "۹۳۶۴", "cancel": true}'
    assert read_sale(line) == Sale(5000, "most", "9364", True)


def test_the_default_credit_holds_where_a_sale_names_none() -> None:
    assert read_sale("5", "most").credit == "most"
    assert read_sale('{"amount_rial": 5}', "most").credit == "most"
    assert read_sale('{"amount_rial": 5, "credit": "none"}', "most").credit == 0
    assert read_sale('{"amount_rial": 5, "credit": 3}', "most").credit == 3


def test_returns_and_cash_are_read_whole() -> None:
    assert read_sale('{"refund": " 6330000000b1 ", "of_rial": "۲۰۰٬۰۰۰", "amount_rial": 5}') == Return(
        "refund", "6330000000B1", 5, 200_000
    )
    assert read_sale('{"void": "۶۳۳۰000000B1", "amount_rial": 5}') == Return("void", "6330000000B1", 5)
    assert read_sale('{"void_refund": "6330000000B1", "amount_rial": 5}').what == "void_refund"
    assert read_sale('{"top_up": true, "amount_rial": 5}') == Sale(5, is_top_up=True)


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ('{"refund": "6330000000B1", "amount_rial": 5}', "object"),
        ('{"refund": "63300000", "of_rial": 5, "amount_rial": 5}', "reference"),
        ('{"void": "6330000000BI", "amount_rial": 5}', "reference"),
        ('{"void": "6330000000B1", "amount_rial": 5, "card_number": "1"}', "object"),
        ('{"refund": "6330000000B1", "of_rial": -5, "amount_rial": 5}', "amount"),
    ],
)
def test_a_return_that_says_too_little_or_too_much_is_refused(line: str, part: str) -> None:
    with pytest.raises(SaleRefused) as refused:
        read_sale(line)
    assert refused.value.part == part


def test_the_end_of_a_shift_is_said_by_itself() -> None:
    assert read_sale('{"close": true}') == Close()
    for line in ('{"close": false}', '{"close": true, "amount_rial": 1}', '{"close": 1}'):
        with pytest.raises(SaleRefused):
            read_sale(line)


@given(st.text())
def test_any_text_is_a_sale_or_is_refused(text: str) -> None:
    try:
        sale = read_sale(text)
    except SaleRefused:
        return
    assert 0 <= sale.amount_rial < 10**12


@pytest.mark.parametrize(
    "given_sale",
    [
        {"amount_rial": -1},
        {"amount_rial": 10**12},
        {"amount_rial": 1.5},
        {"amount_rial": None},
        {"amount_rial": True},
        {"amount_rial": 5, "credit": -1},
        {"amount_rial": 5, "credit": "all"},
        {"amount_rial": 5, "card_number": "9364-0000"},
        {"amount_rial": 5, "card_number": ""},
        {"amount_rial": 5, "card_number": "9" * 20},
        {"amount_rial": 5, "pin": "1234"},
    ],
)
def test_a_wrong_sale_is_refused_and_not_repeated(given_sale: dict[str, object]) -> None:
    with pytest.raises(SaleRefused) as refusal:
        read_sale(json.dumps(given_sale))
    assert "9364" not in str(refusal.value)
    assert "1234" not in str(refusal.value)


def test_a_card_number_does_not_show_in_a_sale() -> None:
    assert "9364" not in repr(Sale(1, card_number="9364000000000000001"))


@pytest.mark.parametrize(("text", "credit"), [("none", 0), ("most", "most"), ("20000", 20_000), (300, 300)])
def test_credit_is_none_most_or_an_amount(text: object, credit: object) -> None:
    assert read_credit(text) == credit


@pytest.fixture
def piped() -> Iterator[tuple[int, Callable[[bytes], None], Callable[[], None]]]:
    """The reading end of a pipe, a writer, and a way to close the writing end."""
    reading, writing = os.pipe()
    closed: list[bool] = []

    def close() -> None:
        if not closed:
            closed.append(True)
            os.close(writing)

    yield reading, lambda data: (os.write(writing, data), None)[1], close
    close()
    os.close(reading)


def test_lines_arrive_in_any_pieces(piped: tuple[int, Callable[[bytes], None], Callable[[], None]]) -> None:
    reading, write, close = piped
    sales = SaleQueue(reading)
    write(b"10")
    assert sales.next(0.01) is None
    write("0\n۲۰۰\n\n3".encode())
    assert sales.next(1) == Sale(100)
    assert sales.next(1) == Sale(200)
    assert sales.next(0) is None
    close()
    assert sales.next(1) == Sale(3)
    assert sales.is_finished


def test_a_bad_line_does_not_stop_the_next(
    piped: tuple[int, Callable[[bytes], None], Callable[[], None]],
) -> None:
    reading, write, _ = piped
    sales = SaleQueue(reading)
    write(b"\xff\xfe\n7\n")
    with pytest.raises(SaleRefused):
        sales.next(1)
    assert sales.next(1) == Sale(7)


def test_a_file_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "sales"
    path.write_text("1\n2\n")
    with path.open("rb") as lines:
        sales = SaleQueue(lines.fileno())
        assert [sales.next(0.1), sales.next(0.1), sales.next(0.1)] == [Sale(1), Sale(2), None]
    assert sales.is_finished


def test_a_limit_ends_the_queue(piped: tuple[int, Callable[[bytes], None], Callable[[], None]]) -> None:
    reading, write, _ = piped
    sales = SaleQueue(reading, limit=1)
    write(b"1\n2\n")
    assert sales.next(1) == Sale(1)
    assert sales.is_finished
