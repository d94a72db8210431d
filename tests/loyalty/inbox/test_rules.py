import pytest

from kernel.messages.adapters.kavenegar import incoming_text
from kernel.messages.rules import mobile_of_provider
from loyalty.inbox.rules import Command, command_of


@pytest.mark.parametrize(
    ("text", "command", "language"),
    [
        ("مانده", Command.BALANCE, "fa"), (" «مانده» ", Command.BALANCE, "fa"), ("موجودي", Command.BALANCE, "fa"),
        ("Balance?", Command.BALANCE, "en"), ("رصيد", Command.BALANCE, "ar"), ("بیلنس", Command.BALANCE, "ur"),
        ("لغو۱۱", Command.STOP, "fa"), ("STOP", Command.STOP, "en"), ("إلغاء", Command.STOP, "ar"), ("منسوخ", Command.STOP, "ur"),
        ("وصل", Command.START, "fa"), ("start", Command.START, "en"),
        ("", Command.UNKNOWN, ""), ("سلام", Command.UNKNOWN, ""), ("مانده کارت من", Command.UNKNOWN, ""), ("11", Command.UNKNOWN, ""),
    ],
)  # fmt: skip
def test_a_word_is_known_in_every_language(text: str, command: Command, language: str) -> None:
    assert command_of(text) == (command, language)


@pytest.mark.parametrize(
    ("number", "mobile"),
    [
        ("09151234567", "+989151234567"), ("989151234567", "+989151234567"), ("9151234567", "+989151234567"),
        ("00989151234567", "+989151234567"), ("+9647701234567", "+9647701234567"), ("10004346", None), ("Bank", None), ("", None),
    ],
)  # fmt: skip
def test_providers_write_numbers_in_many_ways(number: str, mobile: str | None) -> None:
    assert mobile_of_provider(number) == mobile


def test_what_is_no_text_is_none() -> None:
    right = {"messageid": "123", "from": "09151234567", "message": "x" * 600}
    found = incoming_text(right)
    assert found is not None
    assert (found.key, len(found.text)) == ("kavenegar 123", 500)
    for change in ({"messageid": ""}, {"messageid": "x"}, {"messageid": "1" * 21}, {"from": "10004346"}):
        assert incoming_text(right | change) is None
