"""The outline of a zone as it is typed, pasted or drawn. Pure."""

import json
from itertools import combinations, pairwise
from typing import Any

from places.errors import PositionOutOfRange
from places.rules import check_position, typed_position
from places.zones.errors import WrongOutline

FEWEST_CORNERS, MOST_CORNERS = 3, 300
LONGEST_OUTLINE = 40_000  # characters

Corner = tuple[float, float]
Ring = list[Corner]


def typed_outline(typed: str, field: str = "outline") -> Ring:
    """The corners of a ring, the first not repeated: GeoJSON (a Polygon, or a Feature of one), or a line `latitude, longitude` for each.

    Raises WrongOutline.
    """
    text = typed.strip()
    if not text:
        raise WrongOutline(field=field, fault="none")
    if len(text) > LONGEST_OUTLINE:
        raise WrongOutline(field=field, fault="many", most=MOST_CORNERS)
    ring = _of_geojson(text, field) if text[0] in "{[" else _of_lines(text, field)
    ring = [corner for corner, after in pairwise([*ring, ring[0]]) if corner != after]
    _check_ring(ring, field)
    return ring


def outline_lines(ring: Ring) -> str:
    """A ring as one may type it."""
    return "\n".join(f"{lat:.6f}, {lon:.6f}" for lon, lat in ring)


def _of_lines(text: str, field: str) -> Ring:
    try:
        return [typed_position(line, field) for line in text.splitlines() if line.strip()]
    except PositionOutOfRange:
        raise WrongOutline(field=field, fault="unreadable") from None


def _of_geojson(text: str, field: str) -> Ring:
    try:
        told = json.loads(text)
        geometry = _geometry(told)
        if geometry.get("type") != "Polygon":
            raise WrongOutline(field=field, fault="kind")
        rings = geometry["coordinates"]
        if len(rings) != 1:
            raise WrongOutline(field=field, fault="holes")
        ring = [(float(corner[0]), float(corner[1])) for corner in rings[0]]
        for corner in ring:
            check_position(*corner)
        return ring or [(0.0, 0.0)]
    except (ValueError, TypeError, KeyError, IndexError, AttributeError, RecursionError, PositionOutOfRange):
        raise WrongOutline(field=field, fault="unreadable") from None


def _geometry(told: Any) -> Any:
    if told.get("type") == "FeatureCollection" and len(told["features"]) == 1:
        [told] = told["features"]
    return told["geometry"] if told.get("type") == "Feature" else told


def _check_ring(ring: Ring, field: str) -> None:
    if not FEWEST_CORNERS <= len(ring) <= MOST_CORNERS:
        raise WrongOutline(field=field, fault="few" if len(ring) < FEWEST_CORNERS else "many", most=MOST_CORNERS)
    if (corner := crossing(ring)) is not None:
        raise WrongOutline(field=field, fault="crossing", corner=corner + 1)


def crossing(ring: Ring) -> int | None:
    """The first corner from which a side runs over or back along another one; None where the ring is simple."""
    sides = [*pairwise(ring), (ring[-1], ring[0])]
    last = len(sides) - 1
    for (index, one), (other_index, other) in combinations(enumerate(sides), 2):
        if other_index == index + 1 or (index == 0 and other_index == last):
            before, after = (one, other) if other_index == index + 1 else (other, one)
            if _turns_back(before[0], before[1], after[1]):
                return index
        elif _touch(*one, *other):
            return index
    return None


def _side(start: Corner, end: Corner, point: Corner) -> float:
    """Positive on the left of the way from start to end, negative on its right."""
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _turns_back(start: Corner, middle: Corner, end: Corner) -> bool:
    forward = (middle[0] - start[0]) * (end[0] - middle[0]) + (middle[1] - start[1]) * (end[1] - middle[1])
    return _side(start, middle, end) == 0 and forward < 0


def _touch(one: Corner, two: Corner, three: Corner, four: Corner) -> bool:
    a, b, c, d = _side(one, two, three), _side(one, two, four), _side(three, four, one), _side(three, four, two)
    if a * b < 0 and c * d < 0:
        return True
    on = ((a, one, two, three), (b, one, two, four), (c, three, four, one), (d, three, four, two))
    return any(side == 0 and _between(start, end, point) for side, start, end, point in on)


def _between(start: Corner, end: Corner, point: Corner) -> bool:
    return all(min(start[axis], end[axis]) <= point[axis] <= max(start[axis], end[axis]) for axis in (0, 1))
