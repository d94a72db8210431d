"""Walks between parts of a shrine, held against every simple path of small random graphs."""

from itertools import pairwise, permutations

from hypothesis import given
from hypothesis import strategies as st

from places.keeping.rules import Walk, Way, shortest_walk

GATE, COURT, HALL, STAIRS, WOMEN = 1, 2, 3, 4, 5
WAYS = (
    Way(GATE, COURT, 100), Way(COURT, HALL, 80), Way(GATE, STAIRS, 50), Way(STAIRS, HALL, 40, has_steps=True),
    Way(GATE, WOMEN, 20, for_women=True), Way(WOMEN, HALL, 20, for_women=True),
)  # fmt: skip


def test_the_shortest_walk_keeps_to_what_one_can_walk() -> None:
    to_court, to_hall, to_stairs, up, to_women, from_women = WAYS
    assert shortest_walk(WAYS, GATE, HALL) == Walk((GATE, WOMEN, HALL), 40, (to_women, from_women))
    assert shortest_walk(WAYS, GATE, HALL, is_woman=False) == Walk((GATE, STAIRS, HALL), 90, (to_stairs, up))
    assert shortest_walk(WAYS, HALL, GATE, is_woman=False, avoids_steps=True) == Walk((HALL, COURT, GATE), 180, (to_hall, to_court))
    assert shortest_walk(WAYS, GATE, HALL, is_woman=False, avoids_steps=True, full=frozenset({COURT})) is None
    assert shortest_walk(WAYS, GATE, COURT, full=frozenset({COURT})) == Walk((GATE, COURT), 100, (to_court,)), (
        "one may go to what is full"
    )
    assert shortest_walk(WAYS, GATE, GATE) == Walk((GATE,), 0)
    assert shortest_walk(WAYS, GATE, 99) is None
    assert Walk((GATE, HALL), 90).minutes == 2


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(1, 9)), max_size=9))
def test_no_walk_is_shorter(drawn: list[tuple[int, int, int]]) -> None:
    ways = [Way(one, other, metres) for one, other, metres in drawn if one != other]
    length: dict[tuple[int, int], int] = {}
    for way in ways:
        for pair in ((way.one, way.other), (way.other, way.one)):
            length[pair] = min(way.metres, length.get(pair, way.metres))
    between = [n for n in range(5) if n not in (0, 4)]
    paths = [(0, *middle, 4) for size in range(4) for middle in permutations(between, size)]
    lengths = [sum(length[step] for step in pairwise(path)) for path in paths if all(step in length for step in pairwise(path))]
    found = shortest_walk(ways, 0, 4)
    assert (found.metres if found else None) == (min(lengths) if lengths else None)
