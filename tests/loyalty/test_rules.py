from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cardbank.ledger.types import AccountKind
from kernel.calendar import TEHRAN
from kernel.languages import LANGUAGES
from loyalty.errors import WrongEarnRule
from loyalty.rules import EarnRuleProfile, ProgrammeProfile, check_earn_rule, earn_for, explain

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # 12:00 in Tehran
RULE = EarnRuleProfile(
    rule_id=5, starts_at=NOON - timedelta(days=1), ends_at=None, basis_points=500, fixed_rial=0, most_rial=2_000_000,
    minimum_rial=0, usable_after_days=0, valid_days=90,
)  # fmt: skip


def club(*rules: EarnRuleProfile) -> ProgrammeProfile:
    return ProgrammeProfile(programme_id=11, code="club", names={"fa": "باشگاه"}, funder_id=12, rules=rules)


def test_five_per_cent_is_asked_of_what_is_paid_with_money() -> None:
    [earn] = earn_for(club(RULE), NOON, 150_000)
    assert (earn.programme_id, earn.rule_id, earn.basis_points, earn.fixed, earn.most) == (
        11,
        5,
        500,
        0,
        2_000_000,
    )
    assert earn.paid_by == {AccountKind.MONEY}
    assert earn.terms.kind is AccountKind.CREDIT_LOT
    assert (earn.terms.programme_id, earn.terms.funder_id) == (11, 12)


def test_credit_is_usable_from_the_beginning_of_today_until_the_end_of_the_ninetieth_day() -> None:
    [earn] = earn_for(club(RULE), NOON, 1)
    assert earn.terms.usable_from == datetime(2026, 11, 22, tzinfo=TEHRAN)
    assert earn.terms.usable_until == datetime(2027, 2, 21, tzinfo=TEHRAN)  # the first instant after 20 February


def test_credit_that_waits_is_usable_later_and_as_long() -> None:
    [earn] = earn_for(club(replace(RULE, usable_after_days=3, valid_days=1)), NOON, 1)
    assert earn.terms.usable_from == datetime(2026, 11, 25, tzinfo=TEHRAN)
    assert earn.terms.usable_until == datetime(2026, 11, 27, tzinfo=TEHRAN)


@given(st.integers(0, 366 * 24 * 60), st.integers(0, 30), st.integers(1, 400))
def test_grants_of_one_tehran_day_have_equal_terms(minute: int, after: int, valid: int) -> None:
    at = datetime(2026, 3, 21, tzinfo=UTC) + timedelta(minutes=minute)
    profile = club(replace(RULE, starts_at=datetime(2026, 1, 1, tzinfo=UTC), usable_after_days=after, valid_days=valid))
    midnight = at.astimezone(TEHRAN).replace(hour=0, minute=0, second=0, microsecond=0)
    [first], [given_now] = earn_for(profile, midnight, 1), earn_for(profile, at, 1)
    assert given_now.terms == first.terms
    assert given_now.terms.usable_until - given_now.terms.usable_from == timedelta(days=valid + 1)
    [next_day] = earn_for(profile, midnight + timedelta(days=1), 1)
    assert next_day.terms != first.terms


def test_a_rule_holds_from_its_start_until_before_its_end() -> None:
    dated = club(replace(RULE, starts_at=NOON, ends_at=NOON + timedelta(hours=1)))
    assert earn_for(dated, NOON - timedelta(microseconds=1), 1) == ()
    assert len(earn_for(dated, NOON, 1)) == 1
    assert earn_for(dated, NOON + timedelta(hours=1), 1) == ()


def test_a_purchase_below_the_minimum_earns_nothing() -> None:
    large = club(replace(RULE, minimum_rial=1_000_000), replace(RULE, rule_id=6))
    assert [earn.rule_id for earn in earn_for(large, NOON, 999_999)] == [6]
    assert [earn.rule_id for earn in earn_for(large, NOON, 1_000_000)] == [5, 6]


@pytest.mark.parametrize(
    "wrong",
    [
        {"basis_points": -1}, {"basis_points": 10_001}, {"fixed_rial": -1}, {"most_rial": 0}, {"minimum_rial": -1},
        {"usable_after_days": -1}, {"valid_days": 0}, {"valid_days": 3661}, {"basis_points": 0},
    ],
)  # fmt: skip
def test_a_rule_out_of_range_is_refused_by_name(wrong: dict[str, int]) -> None:
    with pytest.raises(WrongEarnRule) as refusal:
        check_earn_rule(replace(RULE, **wrong))
    assert refusal.value.facts["field"] in {*wrong, "gives_nothing"}
    check_earn_rule(RULE)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"usable_after_days": 7},
        {"minimum_rial": 300_000},
        {"fixed_rial": 5_000},
        {"basis_points": 0, "fixed_rial": 5_000},
    ],
)
def test_each_rule_explains_itself_with_its_own_figures(language: str, changed: dict[str, int]) -> None:
    rule = replace(RULE, **changed)
    sentence = explain(rule, language)
    assert "{" not in sentence
    assert "2,000,000" in sentence
    assert "90" in sentence
    assert ("7" in sentence) == (rule.usable_after_days == 7)
    assert ("300,000" in sentence) == (rule.minimum_rial > 0)
    assert ("5,000" in sentence) == (rule.fixed_rial > 0)
    assert explain(rule, language) != explain(replace(rule, usable_after_days=9), language)


def test_the_plain_rule_reads_well_in_persian_and_english() -> None:
    assert explain(RULE, "fa") == (
        "۵ درصد از آنچه با پول کارت می‌پردازید به شما اعتبار داده می‌شود، در هر خرید تا ۲٬۰۰۰٬۰۰۰ ریال؛ "
        "از همان روز و تا ۹۰ روز پس از آن خرج می‌شود."
    ).translate(str.maketrans("۰۱۲۳۴۵۶۷۸۹٬", "0123456789,"))
    assert explain(RULE, "en") == (
        "You are given 5% of what you pay with the card's money as credit, at most 2,000,000 Rial a purchase; "
        "it can be spent from the same day and for 90 days after it."
    )
    assert explain(RULE, "tr") == explain(RULE, "fa")
