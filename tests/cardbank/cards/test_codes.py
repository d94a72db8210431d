"""The holder's code: signed, of one card, good for a minute, digits only."""

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardbank.cards.codes import CODE_DIGITS, LIVES, new_code, read_code
from cardbank.errors import CardCodeExpired, CardCodeUnknown
from cardbank.keystore.software import SoftwareKeyStore

NOW = datetime(2026, 11, 26, 8, tzinfo=UTC)


def keystore() -> SoftwareKeyStore:
    keys: dict[str, Any] = {name: secrets.token_hex(16) for name in ("terminal_base", "vault", "proofs", "card_number_index")}
    return SoftwareKeyStore(keys | {"card_masters": {}}, laboratory=True)


BANK = keystore()
instants = st.datetimes(datetime(2026, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 – Hypothesis asks so
cards = st.integers(1, (1 << 34) - 1)


@given(cards, instants, st.floats(0, 59))
def test_a_code_names_its_card_for_a_minute(card_id: int, at: datetime, later: float) -> None:
    code = new_code(BANK, card_id, at)
    assert len(code.digits) == CODE_DIGITS
    assert code.digits.isdigit()
    assert read_code(BANK, code.digits, at + timedelta(seconds=later)) == code


@given(cards, instants, st.integers(61, 4_000))
def test_after_its_minute_it_is_told_as_late(card_id: int, at: datetime, later: int) -> None:
    code = new_code(BANK, card_id, at.replace(microsecond=0))
    with pytest.raises(CardCodeExpired):
        read_code(BANK, code.digits, code.made_at + timedelta(seconds=later))


@given(cards, instants, st.integers(0, CODE_DIGITS - 1), st.integers(1, 9))
def test_no_digit_of_it_can_be_changed(card_id: int, at: datetime, place: int, by: int) -> None:
    """A code of another card, of another second, or of nobody: whatever is bent is unknown."""
    digits = new_code(BANK, card_id, at).digits
    bent = digits[:place] + str((int(digits[place]) + by) % 10) + digits[place + 1 :]
    with pytest.raises(CardCodeUnknown):
        read_code(BANK, bent, at)


def test_another_banks_code_and_an_old_one_are_unknown() -> None:
    with pytest.raises(CardCodeUnknown):
        read_code(BANK, new_code(keystore(), 7, NOW).digits, NOW)
    with pytest.raises(CardCodeUnknown):
        read_code(BANK, new_code(BANK, 7, NOW).digits, NOW + timedelta(seconds=4_096))


@pytest.mark.parametrize("typed", ["", "1", "9" * CODE_DIGITS, "x" * CODE_DIGITS, "۱" * CODE_DIGITS])
def test_what_is_no_code_is_unknown(typed: str) -> None:
    with pytest.raises(CardCodeUnknown):
        read_code(BANK, typed, NOW)


def test_a_card_that_does_not_fit_has_no_code() -> None:
    assert new_code(BANK, 7, NOW).lives_until == NOW + LIVES
    with pytest.raises(ValueError, match="does not fit"):
        new_code(BANK, 1 << 34, NOW)
