from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.calendar import jalali, jalali_month, local_day
from loyalty.benefits.errors import PlanIsOver, PlanNotBegun, WrongPlan
from loyalty.benefits.rules import PlanDates, Recurs, check_can_be_funded, check_plan, group_name

TODAY = date(2026, 11, 26)  # 5 Azar 1405
MONTHLY = PlanDates(Recurs.MONTHLY, TODAY, date(2027, 3, 1))
ONCE = PlanDates(Recurs.ONCE, date(2026, 12, 1), date(2026, 12, 20))


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)))
def test_a_jalali_month_is_whole(day: date) -> None:
    first, last = jalali_month(day)
    assert first <= day <= last
    assert jalali(first)[2] == 1 == jalali(last + timedelta(days=1))[2]
    assert jalali(first)[:2] == jalali(last)[:2]


def test_a_monthly_benefit_lasts_to_the_end_of_its_month_and_never_past_its_plan() -> None:
    assert (MONTHLY.period(TODAY), MONTHLY.period(date(2026, 12, 22))) == ("1405-09", "1405-10")
    usable_from, usable_until = MONTHLY.window(TODAY)
    assert usable_from == datetime(2026, 11, 25, 20, 30, tzinfo=UTC), "midnight in Tehran, of the plan's first day"
    assert local_day(usable_until - timedelta(seconds=1)) == date(2026, 12, 21)
    assert local_day(MONTHLY.window(date(2027, 2, 25))[1] - timedelta(seconds=1)) == date(2027, 3, 1)


def test_a_plan_that_is_funded_once_has_one_period_and_lasts_as_long_as_it_says() -> None:
    usable_from, usable_until = ONCE.window(TODAY)
    assert ONCE.period(TODAY) == ONCE.period(date(2026, 12, 20)) == ""
    assert (local_day(usable_from), local_day(usable_until)) == (date(2026, 12, 1), date(2026, 12, 21))
    check_can_be_funded(ONCE, TODAY)


@pytest.mark.parametrize(
    ("dates", "day", "refusal"),
    [
        (MONTHLY, date(2027, 3, 2), PlanIsOver),
        (PlanDates(Recurs.MONTHLY, TODAY, date(2027, 3, 1), is_ended=True), TODAY, PlanIsOver),
        (PlanDates(Recurs.MONTHLY, date(2026, 12, 1), date(2027, 3, 1)), TODAY, PlanNotBegun),
        (ONCE, date(2026, 12, 21), PlanIsOver),
    ],
)
def test_a_plan_is_funded_in_its_time(dates: PlanDates, day: date, refusal: type[Exception]) -> None:
    assert not dates.is_due(day)
    with pytest.raises(refusal):
        check_can_be_funded(dates, day)


def test_only_monthly_plans_are_funded_by_themselves() -> None:
    assert MONTHLY.is_due(TODAY)
    assert not ONCE.is_due(date(2026, 12, 2))


@pytest.mark.parametrize(
    ("name", "amount", "dates", "field", "fault"),
    [
        ("x", 500_000, MONTHLY, "name", None),
        ("۱۲۳", 500_000, MONTHLY, "name", None),
        ("ناهار", 9_999, MONTHLY, "amount", None),
        ("ناهار", 1_000_000_001, MONTHLY, "amount", None),
        ("ناهار", 500_000, PlanDates(Recurs.ONCE, date(2026, 11, 25), TODAY), "starts_on", None),
        ("ناهار", 500_000, PlanDates(Recurs.ONCE, date(2026, 12, 2), date(2026, 12, 1)), "ends_on", "before_start"),
        ("ناهار", 500_000, PlanDates(Recurs.ONCE, TODAY, date(2031, 1, 1)), "ends_on", "too_long"),
    ],
)
def test_a_wrong_plan_names_its_field(name: str, amount: int, dates: PlanDates, field: str, fault: str | None) -> None:
    with pytest.raises(WrongPlan) as refusal:
        check_plan(name, amount, dates, TODAY)
    assert (refusal.value.facts["field"], refusal.value.facts.get("fault")) == (field, fault)
    check_plan("ناهار", 500_000, MONTHLY, TODAY)


def test_a_group_has_a_short_name() -> None:
    assert group_name("  کارمندان   ستاد ") == "کارمندان ستاد"
    with pytest.raises(WrongPlan):
        group_name("گ" * 41)
