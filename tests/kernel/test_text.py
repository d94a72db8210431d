from hypothesis import given
from hypothesis import strategies as st

from kernel.text import ARABIC_DIGITS, PERSIAN_DIGITS, latin_digits, localised_digits, search_key


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
