"""What people read at the till, in both languages."""

import io

import pytest

from reader_agent.screen import DECLINE_REASONS, REFUSED_PARTS, TEXTS, Screen

APPROVED = {
    "outcome": "approved",
    "code": "00",
    "amount_rial": 150_000,
    "paid_card_rial": 130_000,
    "paid_credit_rial": 20_000,
    "earned_rial": 6500,
    "credit_balance_rial": 185_00,
    "rrn": "632601000001",
    "receipt": ["^C^Bفروشگاه", "^L", "^Bاعتبار"],
}


def shown(language: str, result: dict[str, object]) -> str:
    stream = io.StringIO()
    Screen(language, stream).show(result)
    return stream.getvalue()


def test_both_languages_say_everything() -> None:
    assert TEXTS["fa"].keys() == TEXTS["en"].keys()
    assert DECLINE_REASONS["fa"].keys() == DECLINE_REASONS["en"].keys()


def test_the_four_steps_are_numbered() -> None:
    for texts in TEXTS.values():
        steps = [texts[name][0] for name in ("present_card", "key_amount", "remove_card", "receipt")]
        assert steps in (["1", "2", "3", "4"], ["۱", "۲", "۳", "۴"])


def test_a_persian_receipt_has_persian_numbers_and_a_plain_reference() -> None:
    text = shown("fa", APPROVED)
    assert "خرید ۱۵۰٬۰۰۰ ریالی پذیرفته شد." in text
    assert "از کارت: ۱۳۰٬۰۰۰ ریال، از اعتبار: ۲۰٬۰۰۰ ریال" in text
    assert "632601000001" in text


def test_receipt_marks_are_set() -> None:
    lines = shown("en", APPROVED).splitlines()
    assert lines[-3].strip() == "فروشگاه"
    assert lines[-3].startswith(" ")
    assert lines[-2] == "─" * 32
    assert lines[-1] == "اعتبار"


@pytest.mark.parametrize("code", DECLINE_REASONS["en"])
def test_a_decline_says_why_in_words(code: str) -> None:
    result: dict[str, object] = {"outcome": "declined", "code": code, "amount_rial": 1}
    assert DECLINE_REASONS["en"][code] in shown("en", result)
    assert DECLINE_REASONS["fa"][code] in shown("fa", result)


@pytest.mark.parametrize("outcome", ["reversed", "no_answer", "card_lost", "card_refused", "no_card"])
def test_every_outcome_has_a_sentence(outcome: str) -> None:
    assert shown("ar", {"outcome": outcome}) == TEXTS["en"][outcome] + "\n"


@pytest.mark.parametrize("outcome", ["balanced", "different", "declined", "no_answer"])
def test_a_close_is_told_with_its_number(outcome: str) -> None:
    result: dict[str, object] = {"what": "close", "outcome": outcome, "batch": 12, "code": "77"}
    assert "Batch 12 " in shown("en", result)
    assert "دستهٔ ۱۲" in shown("fa", result)


def test_a_refused_input_says_what_is_wrong() -> None:
    assert "whole number" in shown("en", {"outcome": "refused", "part": "amount"})
    assert REFUSED_PARTS["fa"]["amount"] in shown("fa", {"outcome": "refused", "part": "amount"})
    assert REFUSED_PARTS["fa"].keys() == REFUSED_PARTS["en"].keys()


def test_without_a_stream_nothing_is_said() -> None:
    Screen("fa", None).show(APPROVED)
