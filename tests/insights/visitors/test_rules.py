"""Whatever is computed from what is kept is of ten people or more, or of nobody."""

from collections.abc import Callable
from datetime import date, timedelta
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from insights.rules import SMALLEST_CELL, Cell
from insights.visitors.rules import (
    REST,
    Counted,
    Kept,
    Span,
    Standing,
    Told,
    apart,
    kept_of,
    period_of,
)
from kernel.calendar import jalali
from tests.insights.visitors.attack import (
    WITHOUT_AMOUNT,
    Bought,
    Group,
    Named,
    bounded,
    counted,
    dominated_groups,
    groups_of,
    small_groups,
    stands_for,
    with_rests,
)

Keep = Callable[[list[Counted]], list[Kept]]
BY_PIECES = (Told.DAY, Told.ZONE, Told.KIND, Told.HOUR)


KINDS = {"A": ["books", "sweets"], "B": ["books", "jewels"], "C": ["jewels"], "D": ["sweets", "saffron"]}  # known to everybody


def city(random: Random, people: int, days: int = 1) -> list[Bought]:
    """A small city in which many groups are small: two to four zones, one of them nearly empty; now and then one pays for all."""
    zones = "ABCD"[: random.randint(2, 4)]
    weights = [12, 6, 2, 1][: len(zones)]
    bought = []
    for day in range(days):
        for person in range(people):
            standing = random.choices(list(Standing), [5, 6, 1])[0].value
            origin, nights = random.choices(["IRN", "IRQ", "PAK"], [8, 3, 1])[0], random.choices("0123", [4, 3, 2, 1])[0]
            for at in range(random.choices([0, 1, 2, 3], [2, 4, 3, 1])[0]):
                zone = random.choices(zones, weights)[0]
                kind, hour = random.choice(KINDS[zone]), random.choices(["9", "12", "18"], [1, 4, 3])[0]
                shop = 100 * zones.index(zone) + 10 * KINDS[zone].index(kind) + random.choices(range(4), [4, 3, 2, 2])[0]
                rial = 100_000 * random.choices([1, 2, 5, 400], [30, 30, 20, 1])[0]
                bought.append(Bought(day, person, at, zone, kind, hour, standing, origin, nights, shop, rial))
    return bought


def naive(groups: list[Counted]) -> list[Kept]:
    """What hides small groups and nothing else."""
    return [
        Kept(*(getattr(one, name) for name in Kept.__struct_fields__))
        for one in groups
        if one.told_by in set(Told) and one.people >= SMALLEST_CELL
    ]


def published(purchases: list[Bought], keep: Keep = kept_of, *, has_amount: bool = False) -> list[Group]:
    """What the figures of each day, and of all days together, stand for."""
    figures, together = [], {}
    for day in sorted({one.day for one in purchases}):
        places = [place for place, one in enumerate(purchases) if one.day == day]
        own = [purchases[place] for place in places]
        groups = groups_of(own)
        for name, group in stands_for(keep(counted(groups, own)), groups).items():
            if has_amount and name[0] in WITHOUT_AMOUNT:
                continue
            there = frozenset(places[place] for place in group)
            figures.append(there)
            together[name] = together.get(name, frozenset()) | there
    return list(dict.fromkeys([*figures, *together.values()]))


@settings(max_examples=10)
@given(st.randoms(use_true_random=False), st.integers(5, 90))
def test_no_difference_of_figures_is_of_fewer_than_ten_people(random: Random, people: int) -> None:
    purchases = city(random, people, days=2)
    assert small_groups(published(purchases), purchases) == set()


@settings(max_examples=10)
@given(st.randoms(use_true_random=False), st.integers(20, 90))
def test_no_difference_of_amounts_is_mostly_of_one_payer_or_one_shop(random: Random, people: int) -> None:
    purchases = city(random, people, days=2)
    assert dominated_groups(published(purchases, has_amount=True), purchases) == set()


def test_the_attacker_finds_what_is_hidden_without_care() -> None:
    purchases = city(Random(7), 60)
    assert small_groups(published(purchases, naive), purchases)
    assert dominated_groups(published(purchases, naive, has_amount=True), purchases)


def test_the_attacker_finds_a_zone_that_holds_all_shops_of_a_kind() -> None:
    """All twenty buy jewels in zone C, where alone they are sold, and four of them a book: the zone less the kind is these four."""
    jewels = [Bought(0, person, 0, "C", "jewels", "12", "arrived", "IRN", "1", person % 4) for person in range(20)]
    books = [
        Bought(0, person, 1, zone, "books", "12", "arrived", "IRN", "1", 4 + person % 4)
        for zone in "AC"
        for person in range(20 if zone == "A" else 4)
    ]
    purchases = [*jewels, *books]

    def tables_apart(groups: list[Counted]) -> list[Kept]:
        return naive([one for one in groups if one.told_by in (Told.DAY, Told.ZONE, Told.KIND)])

    assert small_groups(published(purchases, tables_apart), purchases)
    assert small_groups(published(purchases), purchases) == set()
    assert {one.key for one in kept_of(counted(groups_of(purchases), purchases)) if one.told_by is Told.KIND} == {REST}


@settings(max_examples=12)
@given(st.randoms(use_true_random=False), st.integers(5, 90))
def test_no_interval_lies_between_one_and_nine(random: Random, people: int) -> None:
    assert _told_by_intervals(city(random, people), kept_of) == []


def test_intervals_tell_where_one_group_is_left_out_alone() -> None:
    """Three people in a zone of their own, and nobody hidden with them."""
    zones = ["A"] * 50 + ["B"] * 20 + ["C"] * 3 + ["D"] * 15
    purchases = [Bought(0, person, 0, zone, "books", "12", "arrived", "IRN", "1") for person, zone in enumerate(zones)]
    assert _told_by_intervals(purchases, naive)
    assert _told_by_intervals(purchases, kept_of) == []


def _told_by_intervals(purchases: list[Bought], keep: Keep) -> list[tuple[Group, int, int]]:
    """Groups of which the published sums prove that there is somebody, and at most nine purchases."""
    pieces = list(product("ABCD", ["books", "jewels", "sweets", "saffron"], ["9", "12", "18"]))
    covers: dict[Named, set[int]] = {}
    for number, (zone, kind, hour) in enumerate(pieces):
        for name in ((Told.DAY, "", ""), (Told.ZONE, "", zone), (Told.KIND, "", kind), (Told.HOUR, zone, hour)):
            covers.setdefault(name, set()).add(number)
    groups = {name: frozenset(cover) for name, cover in covers.items()}
    kept = [one for one in keep(counted(groups_of(purchases), purchases)) if one.told_by in BY_PIECES]
    figures = stands_for(kept, groups)
    if not figures:
        return []
    counts = {(one.told_by, one.within, one.key): one.purchases for one in kept}
    sums = with_rests({group: counts[name] for name, group in figures.items()})
    low, high = bounded(sums, len(pieces))
    bounds = [(frozenset([number]), low[number], high[number]) for number in range(len(pieces))]
    for cell in {*groups.values(), *sums}:
        around = [(count, whole - cell) for whole, count in sums.items() if cell <= whole]
        least = max([sum(low[one] for one in cell), *(count - sum(high[one] for one in rest) for count, rest in around)])
        most = min([sum(high[one] for one in cell), *(count - sum(low[one] for one in rest) for count, rest in around)])
        bounds.append((cell, least, most))
    return [bound for bound in bounds if bound[1] >= 1 and bound[2] < SMALLEST_CELL]


def test_small_cells_stand_together_with_one_that_is_not() -> None:
    told = apart([Cell("a", 3, 4, 5), Cell("b", 50, 80, 100), Cell("c", 12, 20, 30), Cell("d", 0, 0, 0)])
    assert told == [Cell("b", 50, 80, 100), Cell(REST, 15, 24, 35)]


def test_a_cell_that_one_pays_for_stands_with_others_until_they_cover_it() -> None:
    """Of 900 one pays 700; the next has too little beside it, the third enough."""
    rich, poor = Cell("a", 12, 20, 900, payer_cover_rial=-75), Cell("b", 14, 20, 100, payer_cover_rial=60)
    rest, far = Cell("c", 15, 20, 200, payer_cover_rial=80), Cell("d", 40, 50, 800, payer_cover_rial=600)
    assert apart([far, rest, rich, poor]) == [far, Cell(REST, 41, 60, 1_200, payer_cover_rial=65)]


def test_a_day_of_nine_people_leaves_nothing() -> None:
    purchases = [Bought(0, person, 0, "A", "books", "9", "arrived", "IRN", "1") for person in range(SMALLEST_CELL - 1)]
    assert kept_of(counted(groups_of(purchases), purchases)) == []


@given(st.randoms(use_true_random=False), st.integers(10, 90))
@settings(max_examples=10)
def test_every_table_adds_up_to_the_day(random: Random, people: int) -> None:
    purchases = city(random, people)
    kept = kept_of(counted(groups_of(purchases), purchases))
    whole = [one for one in kept if one.told_by is Told.DAY]
    for table in (Told.ZONE, Told.KIND, Told.STANDING):
        parts = [one for one in kept if one.told_by is table]
        assert sum(one.amount_rial for one in parts) == sum(one.amount_rial for one in whole)
        assert sum(one.purchases for one in parts) == sum(one.purchases for one in whole)


@pytest.mark.parametrize(
    ("span", "first", "days"),
    [(Span.DAY, (1405, 9, 5), 1), (Span.WEEK, (1405, 8, 30), 7), (Span.MONTH, (1405, 9, 1), 30), (Span.SEASON, (1405, 7, 1), 90)],
)
def test_periods_are_whole_and_follow_each_other(span: Span, first: tuple[int, int, int], days: int) -> None:
    period = period_of(span, date(2026, 11, 26))
    assert jalali(period.first) == first
    assert (period.last - period.first).days + 1 == days
    assert period.before.last == period.first - timedelta(days=1)
    assert period.after.before == period
