"""What may be shown of demand: nothing about one to nine people, and nothing that it could be computed from. Pure.

Capacities are on public licences and are shown as they are. That a house or a city is full is known to everybody who searches.
How much is free, though, says how much is taken, so it is worked out from what is shown of that.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any, NamedTuple, TypeVar

from insights.rules import ROUND_COUNT_TO, SMALLEST_CELL, Cell, publishable

FULL_FROM = 0.9  # of the beds: such dates are named


class Hidden(Enum):
    """In place of a figure."""

    FEW = "few"  # of one to nine people
    SOME = "some"  # it could tell of another that is of few
    NEARLY_ALL = "nearly_all"  # free, but for what is taken by few


Figure = int | Hidden
Key = TypeVar("Key", bound=Hashable)


class Supply(NamedTuple):
    """What a day has of one kind; the last three are the people behind what is booked, held and waited for."""

    places: int = 0
    beds: int = 0
    free: int = 0
    booked: int = 0
    held: int = 0
    waiting: int = 0
    booked_people: int = 0
    held_people: int = 0
    waiting_people: int = 0
    arriving_people: int = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """The same as it may be shown."""

    places: int
    beds: int
    free: Figure
    booked: Figure
    held: Figure
    waiting: Figure

    @property
    def is_full(self) -> bool:
        return self.places > 0 and self.free == 0

    @property
    def is_awaited(self) -> bool:
        """Whether ten people or more wait."""
        return isinstance(self.waiting, int) and self.waiting > 0

    @property
    def is_short(self) -> bool:
        """Whether more is waited for than is free."""
        least = self.free if isinstance(self.free, int) else SMALLEST_CELL if self.free is Hidden.NEARLY_ALL else 0
        return isinstance(self.waiting, int) and self.waiting > least


def figure(count: int, people: int) -> Figure:
    """A count that stands for some people: as it is where there are none, hidden where they are few, else rounded and never to nothing."""
    if people == 0:
        return 0
    if people < SMALLEST_CELL:
        return Hidden.FEW
    return max(ROUND_COUNT_TO, (count + ROUND_COUNT_TO // 2) // ROUND_COUNT_TO * ROUND_COUNT_TO)


def shown(supply: Supply) -> Shown:
    """A day of a city, all houses together or all seats of a kind."""
    booked, held = figure(supply.booked, supply.booked_people), figure(supply.held, supply.held_people)
    return Shown(
        supply.places, supply.beds, free_of(supply.places, supply.free, booked, held), booked, held,
        figure(supply.waiting, supply.waiting_people),
    )  # fmt: skip


def free_of(places: int, free: int, booked: Figure, held: Figure) -> Figure:
    """What is free, by what is shown of what is taken; nothing only where nothing is."""
    if free == 0:
        return 0
    if Hidden.SOME in (booked, held):
        return Hidden.SOME
    left = places - sum(one for one in (booked, held) if isinstance(one, int))
    if booked == 0 and held == 0:
        return places
    if not any(isinstance(one, int) and one for one in (booked, held)):
        return Hidden.NEARLY_ALL
    return left if left > 0 else Hidden.FEW


def shown_together(days: Mapping[Key, Supply]) -> dict[Key, Shown]:
    """Houses, or zones, whose sum is shown too: what is hidden of few hides others with it, until it cannot be computed."""
    keys = list(days)
    measures = {
        name: figures_together([getattr(days[key], name) for key in keys], [getattr(days[key], f"{name}_people") for key in keys])
        for name in ("booked", "held", "waiting")
    }
    told = {}
    for at, key in enumerate(keys):
        one = days[key]
        booked, held, waiting = (measures[name][at] for name in ("booked", "held", "waiting"))
        told[key] = Shown(one.places, one.beds, free_of(one.places, one.free, booked, held), booked, held, waiting)
    return told


def shown_by_zone(days: Mapping[tuple[int, int], Supply]) -> tuple[dict[int, Shown], dict[tuple[int, int], Shown]]:
    """Zones, and houses by (zone, house). The houses of a zone hide each other; where a zone's figure is hidden, so are its houses'."""
    houses: dict[int, dict[tuple[int, int], Supply]] = {}
    for key, one in days.items():
        houses.setdefault(key[0], {})[key] = one
    of_zones = shown_together({zone: Supply(*map(sum, zip(*own.values(), strict=True))) for zone, own in houses.items()})
    told: dict[tuple[int, int], Shown] = {}
    for zone, own in houses.items():
        told |= {key: _under(of_zones[zone], days[key], of_house) for key, of_house in shown_together(own).items()}
    return of_zones, told


def _under(zone: Shown, supply: Supply, one: Shown) -> Shown:
    """A house's figures, none of them where its zone's is hidden; what is nothing stays so."""
    hidden: dict[str, Any] = {
        name: Hidden.SOME
        for name in ("booked", "held", "waiting")
        if isinstance(getattr(zone, name), Hidden) and isinstance(getattr(one, name), int) and getattr(one, name)
    }
    if not hidden:
        return one
    kept = replace(one, **hidden)
    return replace(kept, free=free_of(supply.places, supply.free, kept.booked, kept.held))


def figures_together(counts: Sequence[int], people: Sequence[int]) -> list[Figure]:
    """Figures whose sum is shown too."""
    cells = [Cell(at, some, count, 0) for at, (count, some) in enumerate(zip(counts, people, strict=True))]
    told: list[Figure] = []
    for cell, kept in zip(cells, publishable(cells), strict=True):
        one = figure(cell.purchases, cell.people)
        told.append(Hidden.SOME if kept.is_hidden and isinstance(one, int) else one)
    return told
