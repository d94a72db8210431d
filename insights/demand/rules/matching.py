"""Where demand is greater than what there is, and where there is room on the same day. Pure; from what may be shown alone."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from insights.demand.rules.showing import FULL_FROM, Figure, Shown

MOST_ELSEWHERE = 2


@dataclass(frozen=True, slots=True)
class Awaited:
    """A day on which ten people or more wait in a city. Where more is waited for than is free there, `elsewhere` are cities with room:
    (city, places), the most first.
    """

    city_id: int
    day: date
    waiting: int
    free: Figure
    is_short: bool
    elsewhere: tuple[tuple[int, int], ...]


def awaited_days(cities: Mapping[int, Mapping[date, Shown]]) -> list[Awaited]:
    """Where places are short first, and of these where the most wait."""
    found = [
        Awaited(city, day, one.waiting, one.free, one.is_short, _room_elsewhere(cities, city, day) if one.is_short else ())
        for city, days in cities.items()
        for day, one in days.items()
        if one.is_awaited and isinstance(one.waiting, int)
    ]
    return sorted(found, key=lambda one: (not one.is_short, -one.waiting, one.day, one.city_id))


def _room_elsewhere(cities: Mapping[int, Mapping[date, Shown]], city_id: int, day: date) -> tuple[tuple[int, int], ...]:
    room = [
        (other, free) for other, days in cities.items() if other != city_id and isinstance(free := days[day].free, int) and free
    ]
    return tuple(sorted(room, key=lambda one: (-one[1], one[0]))[:MOST_ELSEWHERE])


def nearly_full(days: Mapping[date, Shown]) -> list[date]:
    """Of which nine tenths of the places are taken, and not all."""
    return [day for day, one in days.items() if not one.is_full and one.places and _taken(one) >= FULL_FROM * one.places]


def _taken(one: Shown) -> int:
    return sum(part for part in (one.booked, one.held) if isinstance(part, int))
