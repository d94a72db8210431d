"""Pure checks of positions."""

from math import isfinite

from places.errors import PositionOutOfRange

WGS84 = 4326


def check_position(lon: float, lat: float) -> None:
    """Raises PositionOutOfRange unless both are finite degrees within −180…180 and −90…90."""
    if not (isfinite(lon) and isfinite(lat) and -180 <= lon <= 180 and -90 <= lat <= 90):
        raise PositionOutOfRange(field="position")


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
