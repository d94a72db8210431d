"""Pure checks of positions."""

from math import ceil, floor, isfinite, log2
from typing import NamedTuple

from kernel.text import latin_digits
from places.errors import PositionOutOfRange

WGS84 = 4326
CELLS_ACROSS = 8
CELLS_A_DEGREE = 1024  # the smallest that are counted, some hundred metres wide


class Box(NamedTuple):
    """A rectangle of degrees, its edges included."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, other: "Box") -> bool:
        return self.west <= other.west and self.south <= other.south and self.east >= other.east and self.north >= other.north


def check_position(lon: float, lat: float) -> None:
    """Raises PositionOutOfRange unless both are finite degrees within −180…180 and −90…90."""
    if not (isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise PositionOutOfRange(field="position")


def typed_position(typed: str, field: str = "position") -> tuple[float, float]:
    """`latitude, longitude` in any digits, as maps copy it, to (lon, lat). Raises PositionOutOfRange."""
    parts = latin_digits(typed).replace("\N{ARABIC COMMA}", ",").split(",")
    try:
        lat, lon = (float(part) for part in parts)
        check_position(lon, lat)
    except (ValueError, PositionOutOfRange):
        raise PositionOutOfRange(field=field) from None
    return lon, lat


def point(lon: float, lat: float) -> str:
    """The position as extended WKT."""
    check_position(lon, lat)
    return f"SRID={WGS84};POINT({lon} {lat})"


def polygon(ring: list[tuple[float, float]]) -> str:
    """A closed ring of (lon, lat) as extended WKT; the last point may be left out."""
    closed = ring if ring[0] == ring[-1] else [*ring, ring[0]]
    for lon, lat in closed:
        check_position(lon, lat)
    return f"SRID={WGS84};POLYGON(({', '.join(f'{lon} {lat}' for lon, lat in closed)}))"


def typed_box(text: str) -> Box:
    """`west,south,east,north` in degrees. Raises PositionOutOfRange, also where an edge is missing or on the wrong side."""
    try:
        box = Box(*map(float, text.split(",")))
    except (TypeError, ValueError):
        raise PositionOutOfRange(field="box") from None
    check_position(box.west, box.south)
    check_position(box.east, box.north)
    if box.west > box.east or box.south > box.north:
        raise PositionOutOfRange(field="box")
    return box


def cell_of(box: Box) -> float:
    """How many degrees a cell of the map measures: a power of two, so that a map that is dragged keeps its cells."""
    span = max(box.east - box.west, box.north - box.south)
    return float(2 ** ceil(log2(span / CELLS_ACROSS))) if span else 1.0


def cell_steps(degrees: float) -> int:
    """How often the smallest cells are doubled to measure so many degrees; less than nothing for what is smaller than they are."""
    return round(log2(degrees * CELLS_A_DEGREE))


def cells_around(box: Box, steps: int) -> tuple[int, int, int, int]:
    """The smallest cells of all larger ones that the box touches: the first and last by longitude and latitude."""
    size = 2**steps
    west, south, east, north = (floor(edge * CELLS_A_DEGREE / size) for edge in box)
    return west * size, south * size, (east + 1) * size - 1, (north + 1) * size - 1
