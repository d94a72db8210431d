import pytest

from cardbank.pins.errors import WrongPin
from cardbank.pins.rules import TRIES, check_pin, is_locked, typed_pin


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


def test_the_fifth_wrong_try_locks() -> None:
    assert [is_locked(tries) for tries in (0, TRIES - 1, TRIES)] == [False, False, True]
