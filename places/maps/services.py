"""Maps taken up from files, and made for phones."""

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from places.directory.importing import checked_source
from places.directory.rules import is_near, names_of_tags
from places.maps.models import CityMap, MapShape
from places.maps.queries import CITY_CORNERS, box_around, map_of
from places.maps.reading import shapes_of
from places.maps.rules import AREAS, Corner, Shape
from places.models import City
from places.queries import city_by_code, middle_of
from places.rules import WGS84

AT_ONCE = 500


@dataclass(slots=True)
class Drawn:
    """`left_out` lie outside the city."""

    taken: int = 0
    left_out: int = 0


def import_map(session: Session, actor: Actor, city_code: str, content: bytes, source: str, licence: str) -> Drawn:
    """Take up the streets, lines and areas that the file holds, in the place of all that were there from this source.

    Raises CityNotFound, UnreadableFile, SourceMissing.
    """
    source, licence = checked_source(source, licence)
    city, told = city_by_code(session, city_code), Drawn()
    middle = middle_of(session, city.id)
    rows = {row["code"]: row for row in _rows(city.id, middle, content, source, licence, told)}
    taken = list(rows.values())
    told.taken = len(taken)
    if not taken:
        return told
    session.execute(delete(MapShape).where(MapShape.city_id == city.id, MapShape.source == source))
    for first in range(0, len(taken), AT_ONCE):
        session.execute(_upsert(taken[first : first + AT_ONCE]))
    facts = {"source": source, "licence": licence, "taken": told.taken, "left_out": told.left_out}
    audit.record(session, actor, "import", "map", city.id, after=facts)
    return told


def _upsert(rows: list[dict[str, Any]]) -> Any:
    given = insert(MapShape).values(rows)
    newer = {name: given.excluded[name] for name in ("sort", "names", "shape", "source", "licence")}
    return given.on_conflict_do_update(index_elements=["city_id", "code"], set_=newer)


def _rows(city_id: int, middle: Corner, content: bytes, source: str, licence: str, told: Drawn) -> Iterator[dict[str, Any]]:
    for shape in shapes_of(content):
        if not all(is_near(lon, lat, middle) for line in shape.lines for lon, lat in (line[0], line[-1])):
            told.left_out += 1
            continue
        yield {
            "city_id": city_id, "code": shape.code, "sort": shape.sort.value, "names": names_of_tags(shape.tags), "shape": _geometry(shape),
            "source": source, "licence": licence,
        }  # fmt: skip


def _geometry(shape: Shape) -> Any:
    """Areas that cross themselves are put right, so that they can be cut."""
    lines = [f"({', '.join(f'{lon} {lat}' for lon, lat in line)})" for line in shape.lines]
    if shape.sort in AREAS:
        areas = func.ST_GeomFromEWKT(f"SRID={WGS84};MULTIPOLYGON({', '.join(f'({line})' for line in lines)})")
        return func.ST_CollectionExtract(func.ST_MakeValid(areas), 3)
    return func.ST_GeomFromEWKT(f"SRID={WGS84};MULTILINESTRING({', '.join(lines)})")


def make_map(session: Session, city: City, lon: float, lat: float) -> bool:
    """Make the map of a city anew; returns whether it shows something else than before."""
    told = map_of(session, city, lon, lat, box_around(lon, lat), CITY_CORNERS)
    written = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    version = hashlib.sha256(written).hexdigest()[:16]
    given = insert(CityMap).values(city_id=city.id, version=version, content=gzip.compress(written, mtime=0), made_at=clock.now())
    newer = {name: given.excluded[name] for name in ("version", "content", "made_at")}
    put = given.on_conflict_do_update(index_elements=["city_id"], set_=newer, where=CityMap.version != version)
    return session.execute(put.returning(CityMap.city_id)).first() is not None
