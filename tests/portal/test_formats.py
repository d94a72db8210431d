from datetime import UTC, date, datetime

import pytest

from kernel.moon import LunarDay
from portal import formats


@pytest.mark.parametrize(
    ("value", "language", "text"),
    [
        (1234567, "fa", "۱٬۲۳۴٬۵۶۷"), (1234567, "ur", "۱٬۲۳۴٬۵۶۷"), (1234567, "ar", "١٬٢٣٤٬٥٦٧"),
        (1234567, "en", "1,234,567"), (-5, "en", "\N{MINUS SIGN}5"), (0, "fa", "۰"), ("T0000012", "fa", "T۰۰۰۰۰۱۲"),
    ],
)  # fmt: skip
def test_numbers_take_the_digits_of_the_language(value: int | str, language: str, text: str) -> None:
    assert formats.number(value, language) == text


def test_money_carries_its_unit_and_never_breaks() -> None:
    assert str(formats.money(150_000, "fa")) == '<span class="money"><bdi>۱۵۰٬۰۰۰</bdi> <small>ریال</small></span>'
    assert "+5" in formats.money(5, "en", signed=True)
    assert "+" not in formats.money(0, "en", signed=True)
    assert "\N{MINUS SIGN}5" in formats.money(-5, "en", signed=True)


@pytest.mark.parametrize(("part", "whole", "text"), [(1, 3, "33.3%"), (73, 100, "73%"), (0, 5, "0%"), (1, 0, "—")])
def test_shares_have_one_decimal_unless_it_is_zero(part: int, whole: int, text: str) -> None:
    assert formats.percent(part, whole, "en") == text


def test_persian_reads_jalali_and_english_reads_both() -> None:
    day = date(2026, 11, 22)
    assert formats.day(day, "fa") == "۱ آذر ۱۴۰۵"
    assert formats.day_digits(day, "fa") == "۱۴۰۵/۰۹/۰۱"
    assert formats.day(day, "en") == "22 November 2026"
    assert formats.both_days(day, "en") == "22 November 2026 (1 Azar 1405)"


def test_arabic_and_urdu_read_the_months_that_their_readers_know() -> None:
    day = date(2026, 11, 22)
    assert formats.day(day, "ar") == "٢٢ تشرين الثاني ٢٠٢٦"
    assert formats.both_days(day, "ar") == "٢٢ تشرين الثاني ٢٠٢٦ (١ آذر ١٤٠٥)"
    assert formats.day(day, "ur") == "۲۲ نومبر ۲۰۲۶"
    assert formats.both_days(day, "fa") == formats.day(day, "fa")
    assert formats.lunar(LunarDay(1448, 6, 12), "ar") == "١٢ جمادى الآخرة ١٤٤٨"


def test_the_last_day_of_a_leap_year_is_a_day() -> None:
    assert formats.day(date(2025, 3, 20), "fa") == "۳۰ اسفند ۱۴۰۳"


def test_instants_are_told_in_tehran() -> None:
    instant = datetime(2026, 11, 22, 21, 0, 5, tzinfo=UTC)
    assert formats.clock_time(instant, "en") == "00:30"
    assert formats.clock_time(instant, "fa", seconds=True) == "۰۰:۳۰:۰۵"
    assert formats.moment(instant, "fa") == "۲ آذر ۱۴۰۵، ۰۰:۳۰"


def test_an_end_at_midnight_belongs_to_the_day_before() -> None:
    midnight = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)
    assert formats.last_day(midnight, "en") == "22 November 2026"
    assert formats.first_day(midnight, "en") == "23 November 2026"


def test_a_card_number_is_grouped_with_its_last_four_together() -> None:
    shown = str(formats.card_number("936400*********2817", "en"))
    assert shown == '<bdi class="pan" dir="ltr">9364 00•• •••• ••• 2817</bdi>'


def test_typed_names_are_escaped_and_isolated() -> None:
    assert str(formats.named({"fa": "<b>"}, "en")) == "<bdi>&lt;b&gt;</bdi>"


def test_figures_within_a_sentence_are_translated_and_its_full_stop_is_not() -> None:
    told = formats.sentence({"fa": "تا 2,000,000 ریال؛ 5 درصد."}, "fa")
    assert str(told) == "<bdi>تا ۲٬۰۰۰٬۰۰۰ ریال؛ ۵ درصد.</bdi>"
    assert str(formats.sentence({"en": "5 % up to 2,000 Rial."}, "en")) == "<bdi>5 % up to 2,000 Rial.</bdi>"
