from datetime import UTC, datetime, timedelta

import pytest

from cardbank.pins.errors import WrongPin
from cardbank.pins.rules import (
    CLIENT_SHUT,
    LONGEST_WAIT,
    MOST_BY_STRANGERS,
    TRIES,
    check_pin,
    is_shut_for_client,
    is_shut_for_strangers,
    strangers_wait_until,
    typed_pin,
)

NOW = datetime(2026, 11, 26, tzinfo=UTC)


@pytest.mark.parametrize("pin", ["7294", "10203", "884422", "1357", "9013"])
def test_four_to_six_digits_that_are_no_row_are_a_pin(pin: str) -> None:
    check_pin(pin, pin)


@pytest.mark.parametrize(
    ("pin", "fault"),
    [
        ("", "length"), ("123", "length"), ("1234567", "length"), ("12a4", "length"), ("0000", "simple"), ("777777", "simple"),
        ("1234", "simple"), ("6789", "simple"), ("7890", "simple"), ("4321", "simple"), ("2109", "simple"),
    ],
)  # fmt: skip
def test_what_is_no_pin_is_told_apart(pin: str, fault: str) -> None:
    with pytest.raises(WrongPin) as refused:
        check_pin(pin, pin)
    assert refused.value.facts == {"field": "pin", "fault": fault}


def test_both_are_the_same_in_any_digits() -> None:
    check_pin(typed_pin("۷۲ ۹۴"), typed_pin("٧٢٩٤"))
    with pytest.raises(WrongPin) as refused:
        check_pin("7294", "7295")
    assert refused.value.facts == {"field": "again", "fault": "differs"}


def test_the_fifth_wrong_try_shuts_for_a_day_and_for_one_client() -> None:
    assert [is_shut_for_client(tries, NOW, NOW) for tries in (0, TRIES - 1, TRIES)] == [False, False, True]
    assert [is_shut_for_client(TRIES, NOW, NOW + later) for later in (CLIENT_SHUT - timedelta(seconds=1), CLIENT_SHUT)] == [
        True,
        False,
    ]


def test_strangers_wait_twice_as_long_after_each_wrong_try_and_for_good_after_a_hundred() -> None:
    assert [strangers_wait_until(tries, NOW) for tries in (0, TRIES - 1)] == [None, None]
    waits = [(strangers_wait_until(tries, NOW) or NOW) - NOW for tries in range(TRIES, MOST_BY_STRANGERS)]
    assert waits[:3] == [timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=4)]
    assert waits[20:] == [LONGEST_WAIT] * (MOST_BY_STRANGERS - TRIES - 20)
    assert sum(waits, timedelta()) > timedelta(days=80), "a hundred of ten thousand PINs take a stranger a season"
    assert is_shut_for_strangers(TRIES, NOW, NOW + timedelta(seconds=59))
    assert not is_shut_for_strangers(TRIES, NOW, NOW + timedelta(seconds=60))
    assert is_shut_for_strangers(MOST_BY_STRANGERS, NOW, NOW + timedelta(days=365))
