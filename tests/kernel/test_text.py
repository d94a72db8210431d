import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.text import (
    ARABIC_DIGITS,
    PERSIAN_DIGITS,
    latin_digits,
    localised_digits,
    search_key,
    typed_number,
)


@given(st.integers())
def test_digits_return_from_every_script(number: int) -> None:
    for table in (PERSIAN_DIGITS, ARABIC_DIGITS):
        assert latin_digits(str(number).translate(table)) == str(number)


def test_arabic_and_persian_spellings_share_a_search_key() -> None:
    assert search_key("كتابفروشي") == search_key("کتاب‌فروشی")
    assert search_key("مؤسسة أمل") == search_key("موسسه امل")


def test_digits_follow_the_reader() -> None:
    assert localised_digits("1,250", "fa") == "۱٬۲۵۰"
    assert localised_digits("1,250", "ar") == "١٬٢٥٠"
    assert localised_digits("1,250", "en") == "1,250"


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("250000", 250_000), ("۲۵۰٬۰۰۰", 250_000), ("٢٥٠٠٠٠", 250_000), ("250,000", 250_000), ("250 000", 250_000), ("۲۵۰/۰۰۰", 250_000),
        ("1.250.000", 1_250_000), ("۲۵۰،۰۰۰ ریال", 250_000), ("250000 Rials", 250_000), ("۲۵۰\u200c۰۰۰", 250_000), ("0", 0),
        ("12.5", None), ("1/2", None), ("50,00", None), ("1,2345", None), ("1 250,000", None), ("1.250/000", None), ("2500.000", None), ("-5", None), ("", None), ("یک میلیون", None),
        ("۲۵۰ تومان", None), ("ریال", None), ("9" * 16, None), ("²", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_set_their_thousands_apart(typed: str, number: int | None) -> None:
    assert typed_number(typed) == number
