"""Reads of maps: the shapes and marks of a box, in few numbers, and the files of them."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from places.directory.rules import Kind
from places.maps.models import CityMap, MapShape
from places.maps.rules import SCALE, Sort, lines_of, within, written
from places.models import City, Place
from places.rules import WGS84, Box

CITY_CORNERS, PACK_CORNERS, ZONE_CORNERS = 40_000, 120_000, 20_000
AROUND = (0.25, 0.2)  # degrees: some twenty kilometres
TOLERANCE = 0.00002  # degrees: what a line may lose, some two metres
MARKS = (Kind.SHRINE, Kind.GATE, Kind.COURTYARD, Kind.METRO)
MOST_MARKS = 400
FREE = ("facts", "EUPL-1.2")  # nobody else's: no credit is due


def box_around(lon: float, lat: float) -> Box:
    return Box(lon - AROUND[0], lat - AROUND[1], lon + AROUND[0], lat + AROUND[1])


def map_file(session: Session, city_code: str) -> CityMap | None:
    return session.scalar(select(CityMap).join(City, City.id == CityMap.city_id).where(City.code == city_code))


def map_told(session: Session, city_id: int) -> tuple[str, int] | None:
    """Version and bytes of a city's map, without its content. One query."""
    told = session.execute(
        select(CityMap.version, func.octet_length(CityMap.content)).where(CityMap.city_id == city_id)
    ).one_or_none()
    return None if told is None else (told[0], told[1])


def map_of(session: Session, city: City, lon: float, lat: float, box: Box, most_corners: int) -> dict[str, Any]:
    """Lines and areas of the box by their sort, [name, x, y, step, step, …], the weightiest and then the nearest to (lon, lat) first.

    Names are numbers into `names`, −1 for none; marks are [place, kind, name, x, y]. Two queries.
    """
    names = _Names()
    layers: dict[str, list[list[int]]] = {}
    credited: dict[tuple[str, str], None] = {}
    corner = (lon, lat)
    for row, lines in within(((row, _lines(row, corner)) for row in _shapes(session, city.id, lon, lat, box)), most_corners):
        layers.setdefault(row.sort, []).extend([names[row.names], *line] for line in lines)
        credited[row.source, row.licence] = None
    marks = _marks(session, city.id, lon, lat, box)
    credited |= {(row.source, row.licence): None for row in marks if row.licence not in FREE}
    return {
        "city": city.code,
        "corner": corner,
        "scale": SCALE,
        "box": box,
        "layers": layers,
        "marks": [[row.id, row.kind, names[row.names], *written([(row.lon, row.lat)], corner)] for row in marks],
        "names": names.listed,
        "sources": list(credited),
    }


def _shapes(session: Session, city_id: int, lon: float, lat: float, box: Box) -> Iterable[Any]:
    here = func.ST_SetSRID(func.ST_MakePoint(lon, lat), WGS84)
    edges = func.ST_MakeEnvelope(*box, WGS84)
    cut = func.ST_Simplify(func.ST_ClipByBox2D(MapShape.shape, edges), TOLERANCE, True)
    weight = case({sort.value: number for number, sort in enumerate(Sort)}, value=MapShape.sort)
    found = (
        select(MapShape.sort, MapShape.names, MapShape.source, MapShape.licence, func.ST_AsGeoJSON(cut, 6).label("told"))
        .where(MapShape.city_id == city_id, MapShape.shape.op("&&")(edges))
        .order_by(weight, func.ST_Distance(MapShape.shape, here), MapShape.code)
    )
    return session.execute(found)


def _lines(row: Any, corner: tuple[float, float]) -> list[list[int]]:
    """What is left of a shape; a line of one corner is none."""
    lines = (written(line, corner) for line in lines_of(json.loads(row.told) if row.told else {}))
    return [line for line in lines if len(line) >= 4]


def _marks(session: Session, city_id: int, lon: float, lat: float, box: Box) -> list[Any]:
    here = func.ST_SetSRID(func.ST_MakePoint(lon, lat), WGS84)
    found = (
        select(
            Place.id,
            Place.kind,
            Place.names,
            Place.source,
            Place.licence,
            func.ST_X(Place.position).label("lon"),
            func.ST_Y(Place.position).label("lat"),
        )
        .where(Place.city_id == city_id, Place.closed_at.is_(None), Place.kind.in_(MARKS))
        .where(Place.position.op("&&")(func.ST_MakeEnvelope(*box, WGS84)))
        .order_by(Place.position.op("<->")(here), Place.id)
        .limit(MOST_MARKS)
    )
    return list(session.execute(found))


class _Names:
    """Each name once, and its number."""

    def __init__(self) -> None:
        self.listed: list[dict[str, str]] = []
        self._known: dict[str, int] = {}

    def __getitem__(self, names: dict[str, str]) -> int:
        if not names:
            return -1
        key = json.dumps(names, sort_keys=True)
        if key not in self._known:
            self._known[key] = len(self.listed)
            self.listed.append(names)
        return self._known[key]
