from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.cards.rules import (
    TRANSITIONS,
    BlockReason,
    CardProfile,
    CardStatus,
    check_digit,
    is_card_number,
    masked_number,
    new_card_number,
    refusal_of_card,
)
from cardbank.reasons import Reason

TODAY = date(2026, 11, 22)


def profile(status: CardStatus, *, block_reason: BlockReason | None = None, expires_on: date = TODAY) -> CardProfile:
    return CardProfile(
        1,
        2,
        3,
        None,
        status,
        block_reason,
        "936400*********0009",
        "fa",
        expires_on,
        None,
        1,
        "standard",
        None,
        "",
    )


def test_new_numbers_are_ours_and_complete() -> None:
    numbers = {new_card_number() for _ in range(200)}
    assert len(numbers) == 200
    assert all(is_card_number(number) for number in numbers)


def test_the_check_digit_is_that_of_a_published_example() -> None:
    """ISO/IEC 7812-1 annex B gives 4992 73 9871 the digit 6."""
    assert check_digit("4992739871") == ("6")
    assert is_card_number("936400" + "0" * 12 + check_digit("936400" + "0" * 12))


@given(st.integers(0, 10**12 - 1), st.integers(0, 17), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(body: int, place: int, shift: int) -> None:
    number = f"936400{body:012d}"
    number += check_digit(number)
    wrong = number[:place] + str((int(number[place]) + shift) % 10) + number[place + 1 :]
    assert not is_card_number(wrong)


@pytest.mark.parametrize("text", ["", "936400", "9364000000000000000x", "۹۳۶۴۰۰۰۰۰۰۰۰۰۰۰۰۰۰۰", "4111111111111111111"])
def test_other_texts_are_no_card_numbers(text: str) -> None:
    assert not is_card_number(text)


def test_a_masked_number_shows_six_and_four() -> None:
    assert masked_number("9364001900000000009") == "936400*********0009"


@pytest.mark.parametrize(
    ("status", "why", "reason"),
    [
        (CardStatus.STOCK, None, Reason.CARD_NOT_ACTIVATED),
        (CardStatus.ISSUED, None, Reason.CARD_NOT_ACTIVATED),
        (CardStatus.ACTIVE, None, None),
        (CardStatus.BLOCKED, BlockReason.HOLDER, Reason.CARD_BLOCKED),
        (CardStatus.BLOCKED, BlockReason.BANK, Reason.CARD_BLOCKED),
        (CardStatus.BLOCKED, BlockReason.LOST, Reason.CARD_LOST),
        (CardStatus.BLOCKED, BlockReason.STOLEN, Reason.CARD_STOLEN),
        (CardStatus.REPLACED, None, Reason.CARD_REPLACED),
        (CardStatus.EXPIRED, None, Reason.CARD_EXPIRED),
        (CardStatus.REFUNDED, None, Reason.CARD_REFUNDED),
    ],
)
def test_only_an_active_card_pays(status: CardStatus, why: BlockReason | None, reason: Reason | None) -> None:
    assert refusal_of_card(profile(status, block_reason=why), TODAY) is reason


def test_a_card_pays_on_its_last_day_and_not_after() -> None:
    card = profile(CardStatus.ACTIVE)
    assert refusal_of_card(card, TODAY) is None
    assert refusal_of_card(card, date(2026, 11, 23)) is Reason.CARD_EXPIRED


def test_ended_cards_never_come_back() -> None:
    assert TRANSITIONS[CardStatus.REPLACED] == TRANSITIONS[CardStatus.REFUNDED] == frozenset()
    assert all(CardStatus.STOCK not in after for after in TRANSITIONS.values())
    assert set(TRANSITIONS) == set(CardStatus)
