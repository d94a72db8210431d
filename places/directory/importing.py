"""Places from files. Every place keeps the file's source and licence."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import or_, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit
from kernel.audit import Actor
from kernel.text import search_key
from places.directory.errors import SourceMissing
from places.directory.reading import spots_of
from places.directory.rules import WHEELCHAIR, is_near, kind_of_tags, names_of_tags
from places.directory.suggestions import CORRECTED
from places.history.rules import Statement, statements_of_tags
from places.history.services import take_from_file
from places.hours.errors import UnreadableHours
from places.hours.rules import checked_hours
from places.hours.services import keep_rule
from places.models import Place
from places.pages.services import note_told
from places.queries import city_by_code, middle_of
from places.rules import point

AT_ONCE = 500


@dataclass(slots=True)
class Imported:
    """`left_out`: without a name, of no kind we keep, or outside the city. `unread_hours` were taken without their hours;
    `statements` are what the file says of places' pasts.
    """

    taken: int = 0
    statements: int = 0
    left_out: int = 0
    unread_hours: int = 0


def import_places(session: Session, actor: Actor, city_code: str, content: bytes, source: str, licence: str) -> Imported:
    """Take up what the file holds; what was imported before is brought up to date, and what people corrected stays.

    Raises CityNotFound, UnreadableFile, SourceMissing.
    """
    source, licence = checked_source(source, licence)
    city, told = city_by_code(session, city_code), Imported()
    middle = middle_of(session, city.id)
    past: dict[str, list[Statement]] = {}
    rows = {row["code"]: row for row in _rows(session, city.id, middle, content, source, licence, told, past)}
    taken = list(rows.values())
    for first in range(0, len(taken), AT_ONCE):
        note_told(session, session.scalars(_upsert(taken[first : first + AT_ONCE])).all())
    told.taken, told.statements = len(rows), take_from_file(session, city.id, past)
    session.execute(_ZONES, {"city_id": city.id})
    facts = {"source": source, "licence": licence, "taken": told.taken, "left_out": told.left_out}
    audit.record(session, actor, "import", "places", city.id, after=facts)
    return told


def checked_source(source: str, licence: str) -> tuple[str, str]:
    """Who made a file and under which licence. Raises SourceMissing."""
    source, licence = source.strip(), licence.strip()
    if not (source and licence) or len(source) > 200 - len(CORRECTED) or len(licence) > 40:
        raise SourceMissing(field="source" if not source else "licence")
    return source, licence


_ZONES = text("""
    UPDATE place SET zone_id = (
        SELECT z.id FROM zone z WHERE z.city_id = place.city_id AND ST_Covers(z.area, place.position) ORDER BY ST_Area(z.area), z.id LIMIT 1
    ) WHERE city_id = :city_id AND zone_id IS NULL
""")


def _upsert(rows: list[dict[str, Any]]) -> Any:
    """Gives the places that are new or are told otherwise than before."""
    given = insert(Place).values(rows)
    fields = ("kind", "category", "names", "search_text", "position", "wheelchair", "rule_id", "source", "licence")
    newer = {name: given.excluded[name] for name in fields}
    differs = or_(*(getattr(Place, name).is_distinct_from(value) for name, value in newer.items()))
    kept = given.on_conflict_do_update(
        index_elements=["city_id", "code"], set_=newer, where=differs & ~Place.source.endswith(CORRECTED)
    )
    return kept.returning(Place.id)


def _rows(
    session: Session,
    city_id: int,
    middle: tuple[float, float],
    content: bytes,
    source: str,
    licence: str,
    told: Imported,
    past: dict[str, list[Statement]],
) -> Iterator[dict[str, Any]]:
    rules: dict[str, int | None] = {}
    for identifier, lon, lat, tags in spots_of(content):
        kind, names = kind_of_tags(tags), names_of_tags(tags)
        if kind is None or not names or not is_near(lon, lat, middle):
            told.left_out += 1
            continue
        hours = str(tags.get("opening_hours") or "")
        if hours and hours not in rules:
            rules[hours] = _rule(session, city_id, hours)
        told.unread_hours += bool(hours) and rules[hours] is None
        wheelchair = tags.get("wheelchair")
        if known := statements_of_tags(tags, source, licence):
            past[identifier] = known
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
