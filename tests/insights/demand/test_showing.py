"""What is shown of demand: nothing about a few people, whoever asks and whatever is compared."""

from hypothesis import given
from hypothesis import strategies as st

from insights.demand.rules.matching import awaited_days, nearly_full
from insights.demand.rules.showing import Hidden, Shown, Supply, figure, shown, shown_by_zone
from tests.reservations.stays import nights

FEW = st.integers(1, 9)


def supply(places: int, booked: int = 0, held: int = 0, waiting: int = 0, *, each: int = 1) -> Supply:
    """Rooms for `each` people, who all come."""
    return Supply(
        places,
        places * each,
        max(0, places - booked - held),
        booked,
        held,
        waiting,
        booked * each,
        held * each,
        waiting * each,
        booked * each,
    )


def test_figures_of_few_are_hidden_and_others_rounded() -> None:
    assert figure(0, 0) == 0
    assert figure(3, 9) is Hidden.FEW
    assert figure(2, 10) == 5, "two large rooms are not nothing"
    assert [figure(count, count) for count in (10, 12, 13, 17, 18)] == [10, 10, 15, 15, 20]


@given(places=st.integers(60, 300), one=FEW, other=FEW, held=FEW)
def test_a_day_looks_the_same_however_few_are_booked_and_held(places: int, one: int, other: int, held: int) -> None:
    assert shown(supply(places, one, waiting=one)) == shown(supply(places, other, waiting=other))
    assert shown(supply(places, 50, one)) == shown(supply(places, 50, held))


def test_full_is_full_and_free_is_worked_out_of_what_is_shown() -> None:
    assert shown(supply(12, 12)) == Shown(12, 12, 0, 10, 0, 0)
    assert shown(supply(100)).free == 100
    assert shown(supply(100, 3)).free is Hidden.NEARLY_ALL
    assert shown(supply(100, 42)).free == 60
    assert shown(supply(41, 40)).free == 1
    assert shown(supply(104, 103)).free is Hidden.FEW
    assert not shown(supply(0)).is_full


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=12))
def test_nothing_of_few_can_be_worked_out_of_zones_and_houses(houses: list[tuple[int, int, int]]) -> None:
    """Whoever knows the sum of a level exactly is left with two hidden ones, and ten people, of what is not shown on it."""
    days = {(zone, number): supply(40, booked, waiting=waiting) for number, (zone, booked, waiting) in enumerate(houses)}
    of_zones, of_houses = shown_by_zone(days)
    for name in ("booked", "waiting"):
        people = {zone: sum(getattr(one, name) for key, one in days.items() if key[0] == zone) for zone in of_zones}
        _check_level(people, {zone: getattr(one, name) for zone, one in of_zones.items()})
        for zone, told in of_zones.items():
            own = {key: getattr(one, name) for key, one in days.items() if key[0] == zone}
            shown_own = {key: getattr(of_houses[key], name) for key in own}
            if isinstance(getattr(told, name), Hidden):
                assert not any(isinstance(one, int) and one for one in shown_own.values()), "houses would add up to their zone"
            else:
                _check_level(own, shown_own)


def _check_level(people: dict, told: dict) -> None:
    hidden = [key for key, one in told.items() if isinstance(one, Hidden)]
    assert all(key in hidden for key, count in people.items() if 0 < count < 10)
    assert all(told[key] == 0 for key, count in people.items() if not count)
    others = [key for key, count in people.items() if count and key not in hidden]
    if hidden and others:
        assert len(hidden) > 1
        assert sum(people[key] for key in hidden) >= 10


def test_a_city_that_is_short_is_named_with_where_there_is_room() -> None:
    first, second = nights(1, 2)
    full, room = shown(supply(120, 120, waiting=140)), shown(supply(400, 80))
    few = shown(supply(50, 50, waiting=4))
    cities = {1: {first: full, second: few}, 2: {first: room, second: room}, 3: {first: shown(supply(30)), second: few}}
    [short] = awaited_days(cities)
    assert (short.city_id, short.day, short.waiting, short.free, short.is_short) == (1, first, 140, 0, True)
    assert short.elsewhere == ((2, 320), (3, 30))
    in_other_houses = shown(supply(400, 80, waiting=140))
    [awaited] = awaited_days({1: {first: in_other_houses}, 2: {first: room}})
    assert (awaited.free, awaited.is_short, awaited.elsewhere) == (320, False, ())
    assert nearly_full({first: shown(supply(100, 91)), second: full}) == [first]
