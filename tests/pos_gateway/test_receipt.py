from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.cards.rules import CardProfile, CardStatus
from cardbank.ledger.types import AccountKind, Answer
from cardbank.reasons import Reason
from kernel.calendar import end_of_day
from merchants.rules import TerminalProfile
from pos_gateway.receipt import MOST_BYTES, TEXTS, WIDTH, Occasion, receipt, wrapped
from pos_gateway.wire import tlv
from pos_gateway.wire.tlv import Tag

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
LONGEST_NAME = "فروشگاه بزرگ صنایع دستی و سوغات و زعفران و خشکبار برادران میرزاحسینی‌نژاد نمونه"


def terminal(name: str = "زعفران‌سرای نمونه", language: str = "fa") -> TerminalProfile:
    return TerminalProfile(
        3, "T0000003", "M00000000000001", "active", language, "5043303100000003", 1, {"fa": name, "en": "Sample Saffron"},
        1, 40, None, None, "mashhad", "saffron", True, True, None,
    )  # fmt: skip


def card(language: str = "fa") -> CardProfile:
    return CardProfile(
        7, 20, 21, 1, CardStatus.ACTIVE, None, "936400*********0009", language, date(2031, 11, 30), None, 1, "standard",
        None, "م",
    )  # fmt: skip


def answer(**facts: Any) -> Answer:
    return Answer(Reason.APPROVED, date(2026, 11, 22), 5, NOW, **facts)


PART_CREDIT = answer(
    amount=150_000, paid={AccountKind.MONEY: 130_000, AccountKind.CREDIT_LOT: 20_000}, earned=6_500,
    earned_until=end_of_day(date(2027, 2, 20)), money_balance=4_870_000, credit_balance=18_500, expires_next=12_000,
    expires_on=end_of_day(date(2026, 12, 31)),
)  # fmt: skip


def copies(data: bytes) -> dict[int, list[str]]:
    tags = tlv.decode(data, 63)
    return {
        tag: tags[tag].decode().splitlines()  # type: ignore[union-attr]
        for tag in (Tag.CUSTOMER_COPY, Tag.SHOP_COPY, Tag.FOOTER)
        if tag in tags
    }


def test_a_persian_receipt_says_what_was_paid_earned_spent_and_is_left() -> None:
    lines = copies(receipt(PART_CREDIT, terminal(), card()))
    assert lines[Tag.CUSTOMER_COPY] == [
        "^C^Bزعفران‌سرای نمونه",
        "پرداخت: ۱۵۰٬۰۰۰",
        "از پول کارت: ۱۳۰٬۰۰۰",
        "از اعتبار: ۲۰٬۰۰۰",
        "اعتبار گرفتید: ۶٬۵۰۰",
        "ماندهٔ کارت: ۴٬۸۷۰٬۰۰۰",
        "ماندهٔ اعتبار: ۱۸٬۵۰۰",
        "۱۲٬۰۰۰ تا ۱۴۰۵/۱۰/۱۰ خرج شود",
        "مبلغ‌ها به ریال است",
    ]
    assert " ".join(lines[Tag.FOOTER]) == ("این خرید ۶٬۵۰۰ ریال اعتبار به شما داد که تا ۱۴۰۵/۱۲/۰۱ می‌توانید خرج کنید.")
    assert lines[Tag.SHOP_COPY] == ["پرداخت: ۱۵۰٬۰۰۰", "از اعتبار: ۲۰٬۰۰۰", "936400*********0009"]


def test_an_english_receipt_has_western_digits_and_dates() -> None:
    lines = copies(receipt(PART_CREDIT, terminal(), card("en")))
    assert lines[Tag.CUSTOMER_COPY][0] == "^C^BSample Saffron"
    assert "Credit earned: 6,500" in lines[Tag.CUSTOMER_COPY]
    assert "12,000 to spend by 2026/12/31" in lines[Tag.CUSTOMER_COPY]
    assert " ".join(lines[Tag.FOOTER]) == "This purchase gave you 6,500 Rial of credit to spend until 2027/02/20."


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_every_text(language: str) -> None:
    assert TEXTS[language].keys() == TEXTS["en"].keys()
    lines = copies(receipt(PART_CREDIT, terminal(language=language), card(language)))
    assert any(TEXTS[language]["earned"] in line for line in lines[Tag.CUSTOMER_COPY])


def test_an_unknown_language_falls_back_to_persian() -> None:
    assert receipt(PART_CREDIT, terminal(), card("az")) == receipt(PART_CREDIT, terminal(), card("fa"))


@given(
    language=st.sampled_from([*TEXTS, "az"]),
    name=st.sampled_from(["", "نمونه", LONGEST_NAME, LONGEST_NAME.replace(" ", "")]),
    amount=st.integers(1, 10**12 - 1),
    figures=st.lists(st.integers(0, 10**12 - 1), min_size=5, max_size=5),
    replayed=st.booleans(),
)
def test_any_receipt_fits_and_keeps_what_it_must_say(
    language: str, name: str, amount: int, figures: list[int], replayed: bool
) -> None:
    spent = min(figures[0], amount)
    outcome = answer(
        amount=amount, paid={AccountKind.MONEY: amount - spent, AccountKind.CREDIT_LOT: spent}, earned=figures[1],
        earned_until=end_of_day(date(2027, 2, 20)), money_balance=figures[2], credit_balance=figures[3],
        expires_next=figures[4], expires_on=end_of_day(date(2026, 12, 31)), replayed=replayed,
    )  # fmt: skip
    data = receipt(outcome, terminal(name), card(language))
    assert len(data) <= MOST_BYTES
    lines = copies(data)
    assert all(len(line) <= WIDTH for copy in lines.values() for line in copy)
    words = TEXTS.get(language, TEXTS["fa"])
    text = " ".join(lines[Tag.CUSTOMER_COPY])
    for label in ("paid", "spent", "earned", "balance", "credit"):
        assert words[label] in text
    assert (tlv.decode(data, 63)[Tag.RECEIPT_FLAGS] == b"\x05") is replayed


@given(st.text(alphabet="ابپت ‌x", max_size=200), st.integers(4, 40))
def test_wrapping_loses_no_letter_and_passes_no_margin(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(0 < len(line) <= width for line in lines)


def test_nothing_earned_and_nothing_spent_still_ends_with_a_sentence() -> None:
    lines = copies(receipt(answer(amount=1_000, paid={AccountKind.MONEY: 1_000}), terminal(), card("ur")))
    assert " ".join(lines[Tag.FOOTER]) == TEXTS["ur"]["thanks_sentence"]


def test_what_a_benefit_paid_got_back_and_has_left_stands_on_the_paper() -> None:
    paid = answer(
        amount=150_000,
        paid={AccountKind.MONEY: 30_000, AccountKind.BENEFIT: 120_000},
        money_balance=70_000,
        benefit_balance=380_000,
    )
    sold = copies(receipt(paid, terminal(), card()))[Tag.CUSTOMER_COPY]
    assert {"از پول کارت: ۳۰٬۰۰۰", "از کمک‌هزینه: ۱۲۰٬۰۰۰", "ماندهٔ کمک‌هزینه: ۳۸۰٬۰۰۰"} <= set(sold)
    back = copies(receipt(paid, terminal(), card("en"), Occasion.REFUND))[Tag.CUSTOMER_COPY]
    assert {"To card: 30,000", "To a benefit: 120,000", "Benefits left: 380,000"} <= set(back)


def test_a_refund_says_what_went_back_where_and_what_was_taken_back() -> None:
    back = answer(
        amount=100_000, paid={AccountKind.MONEY: 75_000, AccountKind.CREDIT_LOT: 25_000}, taken_back=3_750,
        money_balance=4_075_000, credit_balance=21_250,
    )  # fmt: skip
    lines = copies(receipt(back, terminal(), card(), Occasion.REFUND))
    assert lines[Tag.CUSTOMER_COPY][1:7] == [
        "برگشت: ۱۰۰٬۰۰۰",
        "به پول کارت: ۷۵٬۰۰۰",
        "به اعتبار: ۲۵٬۰۰۰",
        "اعتبار پس‌گرفته: ۳٬۷۵۰",
        "ماندهٔ کارت: ۴٬۰۷۵٬۰۰۰",
        "ماندهٔ اعتبار: ۲۱٬۲۵۰",
    ]
    assert lines[Tag.FOOTER] == ["۱۰۰٬۰۰۰ ریال به کارت شما برگشت."]
    assert lines[Tag.SHOP_COPY][:2] == ["برگشت: ۱۰۰٬۰۰۰", "به اعتبار: ۲۵٬۰۰۰"]


@pytest.mark.parametrize("occasion", Occasion)
@pytest.mark.parametrize("language", TEXTS)
def test_every_occasion_has_its_words_and_fits(occasion: Occasion, language: str) -> None:
    whole = answer(
        amount=10**11, paid={AccountKind.MONEY: 10**11 - 10**10, AccountKind.CREDIT_LOT: 10**10, AccountKind.OWED: 10**9},
        taken_back=10**9, money_balance=10**12, credit_balance=10**10, expires_next=10**9,
        expires_on=end_of_day(date(2026, 12, 31)),
    )  # fmt: skip
    data = receipt(whole, terminal(LONGEST_NAME, language), card(language), occasion)
    assert len(data) <= MOST_BYTES
    assert all(len(line) <= WIDTH + 4 for copy in copies(data).values() for line in copy)
    assert TEXTS[language][occasion.amount] in copies(data)[Tag.CUSTOMER_COPY][0] + copies(data)[Tag.CUSTOMER_COPY][1]
