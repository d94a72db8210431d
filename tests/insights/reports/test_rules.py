import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity.permissions import Grant, Identity, Role
from insights.reports.errors import TooFewShops, WrongGrouping, WrongPeriod
from insights.reports.rules import (
    LEAST_SHOPS,
    Asked,
    By,
    Group,
    Report,
    Scope,
    check_asked,
    jalali_months,
    pooled,
    scopes_of,
    summed,
    told_of_customers,
)
from kernel.calendar import jalali

OWN, POOLED = Scope(1, is_pooled=False), Scope(1, is_pooled=True)


@st.composite
def groups(draw: st.DrawFn) -> list[Group]:
    made = []
    for key in range(draw(st.integers(1, 8))):
        shops = draw(st.frozensets(st.integers(1, 6), min_size=1))
        named = shops if len(shops) < LEAST_SHOPS else frozenset()
        made.append(Group(key, (draw(st.integers(-(10**9), 10**12)), len(shops)), len(shops), named))
    return made


@given(groups())
def test_pooling_keeps_the_sum_and_shows_no_group_of_few_shops(made: list[Group]) -> None:
    try:
        shown = pooled(made)
    except TooFewShops:
        few = frozenset().union(*(group.shops for group in made))
        assert all(group.shop_count < LEAST_SHOPS for group in made)
        assert len(few) < LEAST_SHOPS
        return
    assert summed(shown, 2) == summed(made, 2)
    assert all(group.shop_count >= LEAST_SHOPS for group in shown)


def test_a_small_group_takes_the_smallest_of_the_others_along() -> None:
    made = [Group("a", (10,), 5), Group("b", (20,), 3), Group("c", (1,), 1, frozenset({9}))]
    assert pooled(made) == [Group("a", (10,), 5), Group(None, (21,), 3)]


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.integers(0, 400))
def test_months_follow_each_other_without_a_gap(first: date, days: int) -> None:
    last = date.fromordinal(first.toordinal() + days)
    months = jalali_months(first, last)
    assert (months[0][0], months[-1][1]) == (first, last)
    assert all(jalali(start)[:2] == jalali(end)[:2] for start, end in months)
    assert all(end.toordinal() + 1 == start.toordinal() for (_, end), (start, _) in itertools.pairwise(months))


@pytest.mark.parametrize(
    ("asked", "scope", "refusal"),
    [
        (Asked(Report.SALES, date(2026, 2, 2), date(2026, 2, 1), By.DAY), OWN, WrongPeriod),
        (Asked(Report.SALES, date(2025, 1, 1), date(2026, 1, 2), By.DAY), OWN, WrongPeriod),
        (Asked(Report.SALES, date(2026, 1, 1), date(2026, 1, 2), By.STATE), OWN, WrongGrouping),
        (Asked(Report.SALES, date(2026, 1, 1), date(2026, 1, 2), By.SHOP), POOLED, WrongGrouping),
        (Asked(Report.CARDS, date(2026, 1, 1), date(2026, 1, 2), By.DAY), OWN, WrongGrouping),
    ],
)
def test_what_cannot_be_answered_is_refused(asked: Asked, scope: Scope, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        check_asked(asked, scope)


def test_a_person_asks_for_each_organisation_apart() -> None:
    grants = (
        Grant(Role.MERCHANT, 7, None),
        Grant(Role.UNION, 8, None),
        Grant(Role.CASHIER, 9, None),
        Grant(Role.PILGRIM, None, None),
    )
    person = Identity(1, 1, "x", "fa", grants)
    assert scopes_of(person) == [Scope(7, is_pooled=False), Scope(8, is_pooled=True)]
    operator = Identity(1, 1, "x", "fa", (*grants, Grant(Role.OPERATOR, 10, None)))
    assert scopes_of(operator) == [Scope(None, is_pooled=False)]


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(-(10**12), 10**12)), min_size=1, max_size=2))
def test_customers_are_told_apart_where_either_sort_is_ten_or_nobody(made: list[tuple[int, int]]) -> None:
    sorts = [Group(key, values) for key, values in zip(("new", "known"), made, strict=False)]
    shown = told_of_customers(sorts)
    assert summed(shown, 2) == summed(sorts, 2)
    is_told = all(people == 0 or people >= 10 for people, _ in made)
    assert shown == (sorts if is_told else [Group(None, summed(sorts, 2))])
