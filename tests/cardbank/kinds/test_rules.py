from datetime import date

import msgspec
import pytest

from cardbank.kinds.errors import CardKindTooEarly, CardKindWrong
from cardbank.kinds.rules import KindTerms, Technology, check_nature, check_terms, last_day_of

TODAY = date(2026, 11, 22)
TERMS = KindTerms(
    {"fa": "نقره‌ای", "en": "Silver"}, TODAY, 24, Technology.CHIP, most_per_person=1, purchase_limit_rial=5_000_000, thickness_um=760
)


def test_a_card_ends_with_a_month() -> None:
    assert last_day_of(date(2026, 11, 22), 60) == date(2031, 11, 30)
    assert last_day_of(date(2027, 2, 1), 60) == date(2032, 2, 29)
    assert last_day_of(date(2026, 12, 31), 1) == date(2027, 1, 31)
    assert last_day_of(date(2026, 11, 30), 1) == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"names": {"fa": "x"}}, "name_en"), ({"names": {"fa": "", "en": "x"}}, "name_fa"), ({"valid_months": 0}, "valid_months"),
        ({"valid_months": 121}, "valid_months"), ({"most_per_person": 0}, "most_per_person"), ({"purchase_limit_rial": -1}, "purchase_limit_rial"),
        ({"thickness_um": 5}, "thickness_um"), ({"art": ""}, "art"),
    ],
)  # fmt: skip
def test_each_wrong_term_is_named(changes: dict[str, object], field: str) -> None:
    with pytest.raises(CardKindWrong) as refused:
        check_terms("silver", msgspec.structs.replace(TERMS, **changes), TODAY, None)
    assert refused.value.facts["field"] == field


def test_the_code_is_short_latin_and_plain() -> None:
    check_terms("silver-2", TERMS, TODAY, None)
    for code in ("", "S", "Silver", "2x", "نقره", "a" * 21):
        with pytest.raises(CardKindWrong):
            check_terms(code, TERMS, TODAY, None)


def test_a_version_begins_neither_in_the_past_nor_before_the_last_one() -> None:
    check_terms("silver", TERMS, TODAY, TODAY)
    later = date(2027, 1, 1)
    for newest, first in ((None, TODAY), (later, later)):
        with pytest.raises(CardKindTooEarly) as refused:
            check_terms("silver", msgspec.structs.replace(TERMS, starts_on=date(2026, 11, 21)), TODAY, newest)
        assert refused.value.facts["first"] == first


@pytest.mark.parametrize("holds_money", [True, False])
def test_a_kind_keeps_or_lacks_money_for_good(holds_money: bool) -> None:
    terms = msgspec.structs.replace(TERMS, holds_money=holds_money)
    check_nature(terms, holds_money=holds_money)
    with pytest.raises(CardKindWrong) as refused:
        check_nature(terms, holds_money=not holds_money)
    assert refused.value.facts == {"field": "holds_money"}
