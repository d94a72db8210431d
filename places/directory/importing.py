"""Places from files: GeoJSON, and what Overpass answers. Every place keeps the file's source and licence."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit
from kernel.audit import Actor
from kernel.text import search_key
from places.directory.errors import OutsideTheCity, SourceMissing, UnreadableFile
from places.directory.rules import WHEELCHAIR, check_in_city, kind_of_tags, names_of_tags
from places.directory.suggestions import CORRECTED
from places.errors import PositionOutOfRange
from places.hours.errors import UnreadableHours
from places.hours.rules import checked_hours
from places.hours.services import keep_rule
from places.models import Place
from places.queries import city_by_code, middle_of
from places.rules import point

AT_ONCE = 500


@dataclass(slots=True)
class Imported:
    """`left_out`: without a name, of no kind we keep, or outside the city. `unread_hours` were taken without their hours."""

    taken: int = 0
    left_out: int = 0
    unread_hours: int = 0


def import_places(session: Session, actor: Actor, city_code: str, content: bytes, source: str, licence: str) -> Imported:
    """Take up what the file holds; what was imported before is brought up to date, and what people corrected stays.

    Raises CityNotFound, UnreadableFile, SourceMissing.
    """
    source, licence = source.strip(), licence.strip()
    if not (source and licence) or len(source) > 200 - len(CORRECTED) or len(licence) > 40:
        raise SourceMissing(field="source" if not source else "licence")
    city, told = city_by_code(session, city_code), Imported()
    middle = middle_of(session, city.id)
    rows = {row["code"]: row for row in _rows(session, city.id, middle, content, source, licence, told)}
    taken = list(rows.values())
    for first in range(0, len(taken), AT_ONCE):
        session.execute(_upsert(taken[first : first + AT_ONCE]))
    told.taken = len(rows)
    session.execute(_ZONES, {"city_id": city.id})
    facts = {"source": source, "licence": licence, "taken": told.taken, "left_out": told.left_out}
    audit.record(session, actor, "import", "places", city.id, after=facts)
    return told


_ZONES = text("""
    UPDATE place SET zone_id = (
        SELECT z.id FROM zone z WHERE z.city_id = place.city_id AND ST_Covers(z.area, place.position) ORDER BY ST_Area(z.area), z.id LIMIT 1
    ) WHERE city_id = :city_id AND zone_id IS NULL
""")


def _upsert(rows: list[dict[str, Any]]) -> Any:
    given = insert(Place).values(rows)
    fields = ("kind", "category", "names", "search_text", "position", "wheelchair", "rule_id", "source", "licence")
    newer = {name: given.excluded[name] for name in fields}
    return given.on_conflict_do_update(index_elements=["city_id", "code"], set_=newer, where=~Place.source.endswith(CORRECTED))


def _rows(
    session: Session, city_id: int, middle: tuple[float, float], content: bytes, source: str, licence: str, told: Imported
) -> Iterator[dict[str, Any]]:
    rules: dict[str, int | None] = {}
    for identifier, lon, lat, tags in spots_of(content):
        kind, names = kind_of_tags(tags), names_of_tags(tags)
        if kind is None or not names or not _is_near(lon, lat, middle):
            told.left_out += 1
            continue
        hours = str(tags.get("opening_hours") or "")
        if hours and hours not in rules:
            rules[hours] = _rule(session, city_id, hours)
        told.unread_hours += bool(hours) and rules[hours] is None
        wheelchair = tags.get("wheelchair")
        yield {
            "city_id": city_id, "code": identifier, "kind": kind[0].value, "category": kind[1], "names": names,
            "search_text": search_key(" ".join(names.values())), "position": point(lon, lat),
            "wheelchair": wheelchair if wheelchair in WHEELCHAIR else None, "rule_id": rules.get(hours), "source": source, "licence": licence,
        }  # fmt: skip


def _rule(session: Session, city_id: int, hours: str) -> int | None:
    try:
        return keep_rule(session, city_id, checked_hours(hours))
    except UnreadableHours:
        return None


def _is_near(lon: float, lat: float, middle: tuple[float, float]) -> bool:
    try:
        point(lon, lat)
        check_in_city(lon, lat, *middle)
    except (PositionOutOfRange, OutsideTheCity):
        return False
    return True


def spots_of(content: bytes) -> Iterator[tuple[str, float, float, dict[str, Any]]]:
    """(code, lon, lat, tags) of each object that has a place. Raises UnreadableFile."""
    try:
        read = json.loads(content)
        if isinstance(read, dict) and isinstance(read.get("features"), list):
            return (spot for feature in read["features"] if (spot := _of_feature(feature)))
        if isinstance(read, dict) and isinstance(read.get("elements"), list):
            return (spot for element in read["elements"] if (spot := _of_element(element)))
    except ValueError:
        raise UnreadableFile(field="file") from None
    raise UnreadableFile(field="file")


def _of_feature(feature: Any) -> tuple[str, float, float, dict[str, Any]] | None:
    if not isinstance(feature, dict):
        return None
    properties = feature.get("properties") or {}
    nested = properties.get("tags")
    tags: dict[str, Any] = nested if isinstance(nested, dict) else properties
    spot = _middle((feature.get("geometry") or {}).get("coordinates"))
    identifier = feature.get("id") or properties.get("@id") or properties.get("osm_id")
    return None if spot is None else (_code(identifier, spot, tags), *spot, tags)


def _of_element(element: Any) -> tuple[str, float, float, dict[str, Any]] | None:
    if not isinstance(element, dict) or not isinstance(element.get("tags"), dict):
        return None
    at = element.get("center") or element
    if not all(isinstance(at.get(name), int | float) for name in ("lon", "lat")):
        return None
    return _code(f"{element.get('type', 'node')}/{element.get('id')}", (0, 0), {}), float(at["lon"]), float(at["lat"]), element["tags"]


def _middle(coordinates: Any) -> tuple[float, float] | None:
    """A point itself; the middle of the corners of anything larger."""
    corners = list(_corners(coordinates))
    if not corners:
        return None
    return sum(lon for lon, _ in corners) / len(corners), sum(lat for _, lat in corners) / len(corners)


def _corners(coordinates: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(coordinates, list):
        return
    if len(coordinates) >= 2 and all(isinstance(one, int | float) for one in coordinates[:2]):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for part in coordinates:
        yield from _corners(part)


def _code(identifier: Any, spot: tuple[float, float], tags: dict[str, Any]) -> str:
    if identifier:
        return f"osm-{str(identifier).replace('/', '-')}"[:40]
    return f"file-{hashlib.sha256(repr((spot, tags.get('name'))).encode()).hexdigest()[:16]}"
