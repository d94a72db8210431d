"""The forecast against cities whose law is known."""

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.demand.rules.forecast import (
    LEADS,
    LEAST_DAYS,
    Past,
    Sums,
    error_of,
    expected,
    learn,
    sorts_of,
    told,
    tried,
)
from insights.demand.rules.reported import again
from insights.reported import reported_counts
from kernel.calendar import jalali
from kernel.holidays import JALALI_HOLIDAYS
from kernel.moon import COMPUTED

BEGUN = date(2025, 7, 1)
EARLY = tuple(max(0.0, 0.9 - 0.03 * lead) for lead in range(LEADS))  # the part on the books, by lead
BY_SORT = {"weekday": 200, "weekend": 600, "beside a holiday": 400, "holiday": 800}


def law(day: date) -> int:
    return next(BY_SORT[sort] for sort in sorts_of(day) if sort in BY_SORT)


def past(day: date, people: int) -> Past:
    return Past(day, people, tuple(round(people * part) for part in EARLY))


def city(days: int, people: Callable[[date], int] = law) -> list[Past]:
    return [past(one, people(one)) for one in (BEGUN + timedelta(days=number) for number in range(days))]


def test_a_city_that_keeps_its_law_is_foretold_exactly() -> None:
    learnt = learn(city(200))
    for ahead in range(LEADS):
        day = BEGUN + timedelta(days=200 + ahead)
        one = told(learnt, round(law(day) * EARLY[ahead]), ahead, sorts_of(day))
        assert one is not None
        assert one.people == pytest.approx(law(day), rel=0.02), day
        assert one.low <= one.people <= one.high
    assert learnt.errors == pytest.approx({1: 0, 7: 0, 14: 0}, abs=0.02)


def test_the_error_is_that_of_the_past() -> None:
    """Ordinary days that bring a tenth more and a tenth less in turn, and nobody on the books before: off by a tenth."""
    history = [Past(one.day, 180 + 40 * (number % 2), (0,) * LEADS) for number, one in enumerate(city(120))]
    sorts = {one.day: ("any",) for one in history}
    assert error_of(tried(history, 7, sorts)) == pytest.approx(0.1, abs=0.005)
    learnt = learn(history)
    assert learnt.low[7] == pytest.approx(-0.1, abs=0.02)
    assert learnt.high[7] == pytest.approx(0.1, abs=0.02)


def test_too_few_days_teach_nothing() -> None:
    assert not learn([]).is_enough
    assert not learn(city(LEAST_DAYS - 1)).is_enough
    before = [past(BEGUN - timedelta(days=number), 0) for number in range(40, 0, -1)]
    assert learn([*before, *city(LEAST_DAYS - 1)]).days == LEAST_DAYS - 1, "days before anybody came are no history"
    assert told(learn(city(5)), 10, 3, ("any",)) is None
    assert error_of([]) is None


@settings(max_examples=50)
@given(
    on_hand=st.integers(0, 10_000), more=st.integers(0, 500), lead=st.integers(0, LEADS - 1),
    people=st.lists(st.integers(0, 2_000), min_size=LEAST_DAYS, max_size=40), early=st.lists(st.floats(0, 2), min_size=LEADS, max_size=LEADS),
)  # fmt: skip
def test_never_below_nothing_and_never_less_for_more_on_the_books(
    on_hand: int, more: int, lead: int, people: list[int], early: list[float]
) -> None:
    """Also where more fall away than come, so that twice as many are on the books as come in the end."""
    sums = Sums()
    for number, one in enumerate(people):
        sums.add(Past(BEGUN + timedelta(days=number), one, tuple(round(one * part) for part in early)), ("any",))
    fewer, greater = (expected(count, sums.later(lead), sums.usual(), ("any",)) for count in (on_hand, on_hand + more))
    assert 0 <= fewer <= greater


def test_feasts_by_the_moon_are_foretold_a_fifth_better_than_by_the_sun() -> None:
    """Two years of a city that is three times as full on feasts of the moon; the books are empty, so only the calendar speaks."""

    def by_sun(day: date) -> tuple[str, ...]:
        return (f"feast {jalali(day)[1:]}", "any") if jalali(day)[1:] in JALALI_HOLIDAYS else ("any",)

    def people(day: date) -> int:
        return 900 if sorts_of(day)[0].startswith("feast moon") else 300

    begun = date(2024, 3, 20)
    days = [begun + timedelta(days=number) for number in range(730)]
    errors = {}
    for name, sorts in (("moon", sorts_of), ("sun", by_sun)):
        sums = Sums()
        for day in days[:365]:
            sums.add(Past(day, people(day), (0,) * LEADS), sorts(day))
        missed = [abs(expected(0, sums.later(7), sums.usual(), sorts(day)) / people(day) - 1) for day in days[365:]]
        errors[name] = sum(missed) / len(missed)
    assert errors["moon"] < 0.8 * errors["sun"]


def test_a_feast_is_the_same_feast_on_another_day_of_the_sun() -> None:
    ashura = [COMPUTED.day(year, 1, 10) for year in (1447, 1448)]
    assert sorts_of(ashura[0]) == sorts_of(ashura[1]) == ("feast moon 1 10", "holiday", "any")
    assert sorts_of(date(2026, 4, 1))[0] == "feast sun 1 12"
    assert sorts_of(date(2026, 11, 26)) == ("weekend", "any")


def test_reported_days_come_again_with_the_moon_or_with_the_sun() -> None:
    counts = {count.id: count for count in reported_counts()}
    safar, nowruz = counts["mhd-safar-1404-f"], counts["mhd-nowruz-1404-a"]
    summer, spring = (date(2026, 7, 25), date(2026, 8, 25)), (date(2026, 3, 1), date(2026, 4, 1))
    again_in_safar = again(safar, *summer)
    assert again_in_safar is not None
    assert COMPUTED.lunar(again_in_safar[0])[1:] == COMPUTED.lunar(safar.start)[1:]
    assert again(safar, *spring) is None
    again_at_nowruz = again(nowruz, *spring)
    assert again_at_nowruz is not None
    assert jalali(again_at_nowruz[0]) == (1404, 12, 25)
    assert again(nowruz, *summer) is None
    assert again(counts["mhd-1398-10m"], *summer) is None
    assert again(safar, date(2025, 8, 1), date(2025, 8, 30)) is None, "the very days that were counted"


def said_city(days: int, counts_for: float, random: Random) -> list[Past]:
    """Nobody books; 40 to 160 have said a fortnight before that they come, and each of them stands for so many more who do."""
    history = []
    for number in range(days):
        said = random.randint(40, 160)
        people = 300 + round(counts_for * (said - 100)) + random.randint(-20, 20)
        history.append(Past(BEGUN + timedelta(days=number), people, (0,) * LEADS, (said,) * 15 + (0,) * 16))
    return history


def test_who_said_that_they_come_moves_the_forecast_by_what_they_stood_for() -> None:
    learnt = learn(said_city(200, 1.5, Random(1)))
    assert learnt.weights[7] == pytest.approx(1.5, abs=0.1)
    assert (learnt.weights[20], learnt.errors[7] < 0.5 * learnt.errors_alone[7]) == (0, True)
    more, fewer = (told(learnt, 0, 7, ("any",), said) for said in (160, 40))
    assert more is not None
    assert fewer is not None
    assert (more.people, fewer.people) == (pytest.approx(390, abs=15), pytest.approx(210, abs=15))
    coming = said_city(260, 1.5, Random(2))[200:]
    foretold = [told(learnt, 0, 7, ("any",), one.said[7]) for one in coming]
    within = [one is not None and one.low <= truth.people <= one.high for one, truth in zip(foretold, coming, strict=True)]
    assert 0.7 <= sum(within) / len(within) <= 0.95, "days that were not learnt from lie within the interval as often as it says"


def test_what_helps_nothing_weighs_nothing() -> None:
    """They said it, and booked, too: what they stand for is on the books."""
    booked = [Past(one.day, one.said[7], one.said, one.said) for one in said_city(120, 0, Random(3))]
    learnt = learn(booked)
    assert learnt.weights[7] == 0
    assert learnt.errors == learnt.errors_alone
    quiet = learn(city(200))
    assert set(quiet.weights) == {0.0}
    assert told(quiet, 10, 3, ("any",), 500) == told(quiet, 10, 3, ("any",))
