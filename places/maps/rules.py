"""What a map shows of what a file holds, and how it is written in few numbers. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from typing import Any, NamedTuple

SCALE = 100_000

Corner = tuple[float, float]


class Sort(StrEnum):
    """In the order of their weight: a map that may hold no more leaves out the last."""

    HOLY = "holy"
    METRO = "metro"
    MAIN = "main"
    WATER = "water"
    PARK = "park"
    FOOT = "foot"
    STREET = "street"
    RIVER = "river"


AREAS = frozenset({Sort.HOLY, Sort.WATER, Sort.PARK})
# OpenStreetMap's tags → our sort; the first that fits.
_TAGS: tuple[tuple[str, frozenset[str], Sort], ...] = (
    ("amenity", frozenset({"place_of_worship"}), Sort.HOLY),
    ("railway", frozenset({"subway", "light_rail"}), Sort.METRO),
    (
        "highway",
        frozenset({"motorway", "trunk", "primary", "secondary", "motorway_link", "trunk_link", "primary_link", "secondary_link"}),
        Sort.MAIN,
    ),
    ("natural", frozenset({"water"}), Sort.WATER),
    ("leisure", frozenset({"park", "garden"}), Sort.PARK),
    ("highway", frozenset({"pedestrian", "footway", "steps", "path"}), Sort.FOOT),
    ("highway", frozenset({"tertiary", "tertiary_link", "unclassified", "residential", "living_street"}), Sort.STREET),
    ("waterway", frozenset({"river", "canal", "stream"}), Sort.RIVER),
)


class Shape(NamedTuple):
    """A line or an area with its outer edges; `lines` are as told, (lon, lat) each."""

    code: str
    sort: Sort
    tags: Mapping[str, Any]
    lines: list[list[Corner]]


def sort_of_tags(tags: Mapping[str, Any]) -> Sort | None:
    """None for what a simple map leaves out."""
    return next((sort for key, values, sort in _TAGS if tags.get(key) in values), None)


def fitting_lines(sort: Sort, lines: Iterable[list[Corner]]) -> list[list[Corner]]:
    """Those that can be drawn as this sort: areas need a closed edge, lines two corners."""
    if sort in AREAS:
        return [line for line in lines if len(line) >= 4 and line[0] == line[-1]]
    return [line for line in lines if len(line) >= 2]


def written(line: Iterable[Corner], corner: Corner) -> list[int]:
    """The first corner and then each step, in hundred-thousandths of a degree from `corner`; steps of nothing are left out."""
    told: list[int] = []
    x = y = 0
    for lon, lat in line:
        to_x, to_y = round((lon - corner[0]) * SCALE), round((lat - corner[1]) * SCALE)
        if not told or (to_x, to_y) != (x, y):
            told += (to_x - x, to_y - y) if told else (to_x, to_y)
        x, y = to_x, to_y
    return told


def lines_of(geometry: Mapping[str, Any]) -> Iterator[list[Corner]]:
    """The lines and outer edges of a GeoJSON geometry; points are none."""
    told = geometry.get("coordinates") or []
    match geometry.get("type"):
        case "LineString":
            parts = [told]
        case "MultiLineString":
            parts = told
        case "Polygon":
            parts = told[:1]
        case "MultiPolygon":
            parts = [polygon[0] for polygon in told if polygon]
        case _:
            parts = []
    for part in parts:
        yield [(float(one[0]), float(one[1])) for one in part]
    for one in geometry.get("geometries") or []:
        yield from lines_of(one)


def within(shapes: Iterable[tuple[Any, list[list[int]]]], most_corners: int) -> Iterator[tuple[Any, list[list[int]]]]:
    """As many of the shapes, from the first on, as have no more corners together."""
    left = most_corners
    for shape, lines in shapes:
        left -= sum(len(line) // 2 for line in lines)
        if left < 0:
            return
        yield shape, lines
