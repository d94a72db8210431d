"""An attacker who knows every published figure exactly, and which purchases it stands for: more than any reader of a page knows."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from msgspec import Struct

from insights.rules import SMALLEST_CELL
from insights.visitors.rules import REST, Aside, Counted, Kept, Told

LEAST = SMALLEST_CELL


class Bought(Struct, frozen=True):
    """A purchase of a made-up city, in the order of `at`; standing, origin and nights are of the person on that day.

    Each shop is of one zone and one kind.
    """

    day: int
    person: int
    at: int
    zone: str
    kind: str
    hour: str
    standing: str
    origin: str
    nights: str
    shop: int = 0
    rial: int = 1_000


WITHOUT_AMOUNT = (Told.MOVE, Aside.STAYED, Aside.CAME, Aside.REPEATED)
Named = tuple[Told | Aside, str, str]
Group = frozenset[int]  # places in the list of purchases


def groups_of(purchases: list[Bought]) -> dict[Named, Group]:
    """What each group of one day stands for: counted here by hand, not by the code under test."""
    found: dict[Named, set[int]] = {}
    steps = _steps(purchases)
    for place, one in enumerate(purchases):
        named: list[Named] = [
            (Told.DAY, "", ""), (Told.ZONE, "", one.zone), (Told.KIND, "", one.kind), (Told.HOUR, one.zone, one.hour),
            (Aside.CROSS, one.zone, one.kind),
            (Told.STANDING, one.standing, one.origin),
        ]  # fmt: skip
        came_from, went_to = steps[place]
        if went_to not in (None, one.zone):
            named.append((Told.MOVE, one.zone, str(went_to)))
        else:
            named.append((Aside.STAYED, one.zone, ""))
        if came_from in (None, one.zone):
            named.append((Aside.CAME, one.zone, ""))
        if went_to == one.zone:
            named.append((Aside.REPEATED, "", ""))
        if one.standing == "arrived":
            named.append((Told.STAY, "", one.nights))
        for name in named:
            found.setdefault(name, set()).add(place)
    return {name: frozenset(places) for name, places in found.items()}


def counted(groups: Mapping[Named, Group], purchases: list[Bought]) -> list[Counted]:
    return [
        Counted(
            *name,
            people_of(group, purchases),
            len(group),
            *((0, 0, 0) if name[0] in WITHOUT_AMOUNT else amounts_of(group, purchases)),
        )
        for name, group in groups.items()
    ]


def amounts_of(group: Iterable[int], purchases: list[Bought]) -> tuple[int, int, int]:
    """What was paid, and what covers the largest payer and the largest shop: from what the others paid, as the rule says it."""
    payers, shops = Counter[int](), Counter[int]()
    for place in group:
        payers[purchases[place].person] += purchases[place].rial
        shops[purchases[place].shop] += purchases[place].rial
    return payers.total(), *(_cover(parts) for parts in (payers, shops))


def _cover(parts: Counter[int]) -> int:
    largest, *others = sorted(parts.values(), reverse=True)
    return sum(others[1:]) - -(-largest // 4)


def people_of(group: Iterable[int], purchases: list[Bought]) -> int:
    return len({purchases[place].person for place in group})


def stands_for(kept: Collection[Kept], groups: Mapping[Named, Group]) -> dict[Named, Group]:
    """What each published figure stands for; a rest is what its table divides, less what stands beside it."""
    names = {(one.told_by, one.within, one.key) for one in kept}
    told = {name: groups[name] for name in names if name[2] != REST or name[0] is Told.DAY}
    standing = {name: _united(group for other, group in groups.items() if other[0] is Told.STANDING and other[1] == name[1])
                for name in names if name[0] is Told.STANDING and name[1] != REST}  # fmt: skip
    for table, within, key in names - told.keys():
        whole = groups[Told.DAY, "", ""]
        if table is Told.HOUR:
            whole = groups[Told.ZONE, "", within]
        elif table is Told.STANDING and within != REST:
            whole = standing[table, within, key]
        elif table is Told.STAY:
            whole = _united(group for other, group in groups.items() if other[0] is Told.STANDING and other[1] == "arrived")
        elif table is Told.STANDING:
            others = {name[1] for name in standing}
            told[table, within, key] = whole - _united(
                group for other, group in groups.items() if other[0] is table and other[1] in others
            )
            continue
        told[table, within, key] = whole - _united(
            group for other, group in told.items() if other[:2] == (table, within) and other[2] != REST
        )
    return told


def small_groups(figures: Collection[Group], purchases: list[Bought]) -> set[Group]:
    """Groups of one to nine people that sums and differences of figures reveal."""
    return {group for group in _reached(figures) if 0 < people_of(group, purchases) < LEAST}


def dominated_groups(figures: Collection[Group], purchases: list[Bought]) -> set[Group]:
    """The same of amounts: groups whose sum tells what its largest payer paid, or its largest shop was paid, to within a quarter."""
    return {group for group in _reached(figures) if group and min(amounts_of(group, purchases)[1:]) < 0}


def _reached(figures: Collection[Group]) -> set[Group]:
    reached = set(figures)
    reached |= {one - other for one in figures for other in figures if other < one}
    # What is left of a whole when all disjoint parts of it are taken away, largest first.
    for whole in figures:
        rest = whole
        for part in sorted((one for one in figures if one < whole), key=len, reverse=True):
            if part <= rest:
                rest -= part
                reached.add(rest)
    return reached | {one - other for one in list(reached) for other in figures if other < one}


def with_rests(sums: Mapping[Group, int]) -> dict[Group, int]:
    """The sums, and what is left of each when the disjoint parts of it that are known are taken away, largest first."""
    found = dict(sums)
    for whole in sums:
        rest, left = whole, sums[whole]
        for part in sorted((one for one in sums if one < whole), key=lambda one: -sums[one]):
            if part <= rest:
                rest, left = rest - part, left - sums[part]
                found.setdefault(rest, left)
    return found


def bounded(sums: Mapping[Group, int], pieces: int) -> tuple[list[int], list[int]]:
    """The least and the most that each of so many pieces can be, reasoned from the sums of pieces alone."""
    low, high = [0] * pieces, [max(sums.values())] * pieces
    is_tighter = True
    while is_tighter:
        before = (tuple(low), tuple(high))
        for members, count in sums.items():
            least, most = sum(low[one] for one in members), sum(high[one] for one in members)
            for one in members:
                high[one], low[one], was_high, was_low = (
                    min(high[one], count - least + low[one]), max(low[one], count - most + high[one]), high[one], low[one],
                )  # fmt: skip
                least, most = least + low[one] - was_low, most + high[one] - was_high
        is_tighter = (tuple(low), tuple(high)) != before
    return low, high


def _steps(purchases: list[Bought]) -> dict[int, tuple[str | None, str | None]]:
    by_person: dict[int, list[int]] = {}
    for place in sorted(range(len(purchases)), key=lambda place: purchases[place].at):
        by_person.setdefault(purchases[place].person, []).append(place)
    steps: dict[int, tuple[str | None, str | None]] = {}
    for places in by_person.values():
        for before, now, after in zip([None, *places], places, [*places[1:], None], strict=False):
            steps[now] = tuple(None if other is None else purchases[other].zone for other in (before, after))  # type: ignore[assignment]
    return steps


def _united(groups: Iterable[Group]) -> Group:
    return frozenset().union(*groups)
