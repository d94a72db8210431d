"""What of a counted day is kept: cells of ten people or more that add up, so that no difference of two figures is of fewer. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations

import jdatetime
from msgspec import Struct

from insights.rules import SMALLEST_CELL, Cell, hidden_among
from kernel.calendar import jalali, jalali_month

GAP_DAYS = 7  # a visit goes on over so many days without a sign
HOME_WEEKS = 4
LOOKS_BACK = timedelta(days=7 * HOME_WEEKS)
NIGHTS = (0, 1, 2, 3, 4, 7, 14)  # the least of each class of stays
LOOKS_AHEAD = timedelta(days=NIGHTS[-1] + GAP_DAYS - 1)
RECOUNTED_AT = (0, 3, 8, LOOKS_AHEAD.days + 1)  # days closed since: late reversals are in by then, and with the last one the stays
REST = ""
NOT_SAID = "-"  # the origin of a wallet whose holder has shown no passport or national id


class Told(StrEnum):
    """The tables of a day. Each divides the purchases, or the people, of the whole or of one cell of another."""

    DAY = "day"
    ZONE = "zone"
    KIND = "kind"
    HOUR = "hour"  # within a zone
    MOVE = "move"  # from a zone (`within`) to the zone of the next purchase; without amounts
    STANDING = "standing"  # of who paid: by origin within a standing
    SEEN = "seen"  # the same of who was seen and paid nothing
    STAY = "stay"  # of who paid on the day of arrival, by the least nights of the class
    SEEN_STAY = "seen_stay"


class Aside(StrEnum):
    """What is counted only to see what may be told: purchases of a zone by kind of shop, and those that no move leads away from or to."""

    CROSS = "cross"  # of a kind, within a zone
    STAYED = "stayed"
    CAME = "came"
    REPEATED = "repeated"


class Standing(StrEnum):
    ARRIVED = "arrived"
    HERE = "here"  # on a visit that began earlier
    HOME = "home"


class Counted(Struct, frozen=True):
    """A group as it was counted: not to be shown. The covers are those of its amount, by who paid and by the shops that were paid."""

    told_by: Told | Aside
    within: str
    key: str
    people: int
    purchases: int
    amount_rial: int
    payer_cover_rial: int = 0
    shop_cover_rial: int = 0


class Kept(Struct, frozen=True):
    told_by: Told
    within: str
    key: str
    people: int
    purchases: int
    amount_rial: int


def kept_of(groups: Iterable[Counted]) -> list[Kept]:
    """The cells of one city's day that are kept, from all its groups. A day that may not be told leaves nothing of what was paid."""
    by_table: dict[Told | Aside, list[Counted]] = {}
    for group in groups:
        by_table.setdefault(group.told_by, []).append(group)
    kept: list[Kept] = []
    for day in by_table.get(Told.DAY, []):
        if not _cell(day).is_sensitive:
            kept += [_kept(Told.DAY, REST, _cell(day)), *_of_purchases(by_table), *_of_people(by_table, Told.STANDING, Told.STAY)]
    return [*kept, *_of_people(by_table, Told.SEEN, Told.SEEN_STAY)]


def apart(cells: Sequence[Cell]) -> list[Cell]:
    """The cells that may be told apart, and the rest of them together."""
    hidden = hidden_among(cells)
    shown = [cell for index, cell in enumerate(cells) if cell.people and index not in hidden]
    return [*shown, _together(REST, [cells[index] for index in hidden])] if hidden else shown


def _of_purchases(by_table: Mapping[Told | Aside, Sequence[Counted]]) -> Iterator[Kept]:
    zones = apart([_cell(group) for group in by_table[Told.ZONE]])
    yield from (_kept(Told.ZONE, REST, cell) for cell in zones)
    yield from (_kept(Told.KIND, REST, cell) for cell in told_kinds(by_table, zones))
    names = {str(cell.key) for cell in zones if cell.key != REST}
    for zone in sorted(names):
        hours = [_cell(group) for group in by_table[Told.HOUR] if group.within == zone]
        yield from (_kept(Told.HOUR, zone, cell) for cell in apart(hours))
    for move in told_moves(by_table, names):
        yield _kept(Told.MOVE, move.within, _cell(move))


def told_kinds(by_table: Mapping[Told | Aside, Sequence[Counted]], zones: Sequence[Cell]) -> list[Cell]:
    """The kinds of shop that may be told beside these zones, and the rest of them together.

    Where shops of a kind stand is known. So what some zones sold can be taken from what all the kinds sold that are found there, and the
    other way round, where the one holds the other: what is left must be safe, too. While it is not, one kind more goes to the rest.
    """
    by_kind = {group.key: _cell(group) for group in by_table[Told.KIND]}
    named = {str(cell.key) for cell in zones}
    cross: dict[tuple[str, str], list[Cell]] = {}
    for one in by_table.get(Aside.CROSS, []):
        cross.setdefault((one.within if one.within in named else REST, one.key), []).append(_cell(one))
    told = apart(list(by_kind.values()))
    while len(told) > 1 and any(
        _is_revealed(left) for left in _left_over(cross, {str(cell.key) for cell in told if cell.key != REST})
    ):
        shown = sorted((cell for cell in told if cell.key != REST), key=lambda cell: cell.people)
        together = {str(cell.key) for cell in shown[: 1 if len(shown) < len(told) else 2]}
        kept = [cell for cell in shown if cell.key not in together]
        told = [*kept, _together(REST, [cell for key, cell in by_kind.items() if key not in {one.key for one in kept}])]
    return told


def _left_over(cross: Mapping[tuple[str, str], Sequence[Cell]], kinds: set[str]) -> Iterator[list[Cell]]:
    """What is left of zones when the kinds that are found nowhere else are taken away, and of kinds when such zones are."""
    found: dict[str, dict[str, list[Cell]]] = {}
    for (zone, kind), cells in cross.items():
        found.setdefault(kind if kind in kinds else REST, {}).setdefault(zone, []).extend(cells)
    for size in range(1, len(found)):
        for some in combinations(found, size):
            others = set(found) - set(some)
            there = {zone for kind in some for zone in found[kind]}
            only = there - {zone for kind in others for zone in found[kind]}
            yield [cell for kind in others for zone in there & found[kind].keys() for cell in found[kind][zone]]
            yield [cell for kind in some for zone in found[kind].keys() - only for cell in found[kind][zone]] if only else []


def _is_revealed(left: Sequence[Cell]) -> bool:
    """Whether cells together may tell of few: the same people may stand in all of them."""
    if not left:
        return False
    together = _together(REST, left)
    return max(cell.people for cell in left) < SMALLEST_CELL or together.payer_cover_rial < 0 or together.shop_cover_rial < 0


def told_moves(by_table: Mapping[Told | Aside, Sequence[Counted]], zones: set[str]) -> list[Counted]:
    """The moves between two zones that may be told.

    What a zone sold is known, so what follows there on no move that is told must be of ten people or nobody; likewise what no such move
    leads away from, and likewise in the whole city.
    """
    moves = {(move.within, move.key): move for move in by_table.get(Told.MOVE, [])}
    told = {ends: move for ends, move in moves.items() if move.people >= SMALLEST_CELL and set(ends) <= zones}
    sides = [(set(moves), by_table.get(Aside.REPEATED, []))]
    for zone in sorted(zones):
        sides.append(
            ({ends for ends in moves if ends[0] == zone}, [one for one in by_table.get(Aside.STAYED, []) if one.within == zone])
        )
        sides.append(
            ({ends for ends in moves if ends[1] == zone}, [one for one in by_table.get(Aside.CAME, []) if one.within == zone])
        )
    for side, others in sides:
        rest = max((group.people for group in (*(moves[ends] for ends in side - told.keys()), *others)), default=0)
        if 0 < rest < SMALLEST_CELL and (shown := side & told.keys()):
            del told[min(shown, key=lambda ends: (told[ends].people, ends))]
    return list(told.values())


def _of_people(by_table: Mapping[Told | Aside, Sequence[Counted]], table: Told, stays: Told) -> Iterator[Kept]:
    groups = by_table.get(table, [])
    if sum(group.people for group in groups) < SMALLEST_CELL:
        return
    standings = [_together(standing, [_cell(group) for group in groups if group.within == standing]) for standing in Standing]
    for standing in apart(standings):
        if standing.key == REST:
            yield _kept(table, REST, standing)
            continue
        origins = [_cell(group) for group in groups if group.within == standing.key]
        yield from (_kept(table, str(standing.key), cell) for cell in apart(origins))
        if standing.key == Standing.ARRIVED:
            yield from (_kept(stays, REST, cell) for cell in apart([_cell(group) for group in by_table.get(stays, [])]))


def _cell(group: Counted) -> Cell:
    return Cell(
        group.key,
        group.people,
        group.purchases,
        group.amount_rial,
        payer_cover_rial=group.payer_cover_rial,
        shop_cover_rial=group.shop_cover_rial,
    )


def _together(key: str, cells: Sequence[Cell]) -> Cell:
    """Covered by as much at least as its cells are in sum."""
    people, purchases, amount_rial, payer_cover_rial, shop_cover_rial = (
        sum(getattr(cell, name) for cell in cells)
        for name in ("people", "purchases", "amount_rial", "payer_cover_rial", "shop_cover_rial")
    )
    return Cell(key, people, purchases, amount_rial, payer_cover_rial=payer_cover_rial, shop_cover_rial=shop_cover_rial)


def _kept(table: Told, within: str, cell: Cell) -> Kept:
    return Kept(table, within, str(cell.key), cell.people, cell.purchases, cell.amount_rial)


# ---- periods


class Span(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    SEASON = "season"


class Period(Struct, frozen=True):
    """Whole days, both included: a day, a week from Saturday, a month or a season of the Jalali calendar."""

    span: Span
    first: date
    last: date

    @property
    def before(self) -> "Period":
        return period_of(self.span, self.first - timedelta(days=1))

    @property
    def after(self) -> "Period":
        return period_of(self.span, self.last + timedelta(days=1))


def period_of(span: Span, day: date) -> Period:
    """The period of this length that the day lies in."""
    match span:
        case Span.DAY:
            return Period(span, day, day)
        case Span.WEEK:
            first = day - timedelta(days=(day.weekday() + 2) % 7)
            return Period(span, first, first + timedelta(days=6))
        case Span.MONTH:
            return Period(span, *jalali_month(day))
        case Span.SEASON:
            year, month, _ = jalali(day)
            first = jdatetime.date(year, (month - 1) // 3 * 3 + 1, 1).togregorian()
            middle = jalali_month(first)[1] + timedelta(days=1)
            return Period(span, first, jalali_month(jalali_month(middle)[1] + timedelta(days=1))[1])
