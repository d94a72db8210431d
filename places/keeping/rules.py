"""How crowded a place is, and how one walks from one of its parts to another. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from enum import StrEnum
from heapq import heappop, heappush
from itertools import pairwise

from msgspec import Struct

METRES_A_MINUTE = 60  # in a crowd, with children and elders


class Level(StrEnum):
    CALM = "calm"
    BUSY = "busy"
    FULL = "full"


# What is not looked at again is soon not true any more.
HOLDS = {Level.CALM: timedelta(hours=1), Level.BUSY: timedelta(minutes=30), Level.FULL: timedelta(minutes=30)}


class Way(Struct, frozen=True):
    one: int
    other: int
    metres: int
    has_steps: bool = False
    for_women: bool = False


class Walk(Struct, frozen=True):
    """The places that one passes, first and last included, how far it is in all, and the ways from each to the next."""

    places: tuple[int, ...]
    metres: int
    legs: tuple[Way, ...] = ()

    @property
    def minutes(self) -> int:
        return max(1, -(-self.metres // METRES_A_MINUTE))


def shortest_walk(
    ways: Iterable[Way],
    start: int,
    goal: int,
    *,
    avoids_steps: bool = False,
    is_woman: bool = True,
    full: frozenset[int] = frozenset(),
) -> Walk | None:
    """The shortest walk (Dijkstra 1959); None where there is none.

    `avoids_steps` leaves ways with steps out, `is_woman` False those that are for women alone; `full` places are not walked through.
    Of walks that are equally long it is the one whose places come first, so that the app (walk.ts) finds the same without a network.
    """
    onward: defaultdict[int, list[tuple[int, Way]]] = defaultdict(list)
    for way in ways:
        if (avoids_steps and way.has_steps) or (way.for_women and not is_woman):
            continue
        onward[way.one].append((way.other, way))
        onward[way.other].append((way.one, way))
    reached: dict[int, int] = {}
    front: list[tuple[int, tuple[int, ...]]] = [(0, (start,))]
    while front:
        metres, walked = heappop(front)
        here = walked[-1]
        if here == goal:
            return Walk(walked, metres, tuple(_leg(onward[one], other) for one, other in pairwise(walked)))
        if here in reached or (here in full and here != start):
            continue
        reached[here] = metres
        for place, way in onward[here]:
            if place not in reached:
                heappush(front, (metres + way.metres, (*walked, place)))
    return None


def _leg(onward: Iterable[tuple[int, Way]], to: int) -> Way:
    return min((way for place, way in onward if place == to), key=lambda way: way.metres)
