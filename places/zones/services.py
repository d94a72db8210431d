"""Use cases of zones: draw or change one, and let places follow."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from kernel import audit, outbox
from kernel.audit import Actor
from kernel.languages import LANGUAGES
from places.directory.rules import check_in_city, typed_place_name
from places.models import Zone
from places.queries import middle_of
from places.rules import polygon
from places.services import draw_zone
from places.zones.errors import ZoneChangedMeanwhile, ZoneNotFound, ZoneOverlaps
from places.zones.events import ZonesRedrawn
from places.zones.queries import lock_zones, zone_told, zones_cut
from places.zones.rules import Ring, outline_lines, typed_outline

A_PIECE = 20_000  # places that follow in one transaction

_FOLLOW = text("""
    WITH piece AS (
        SELECT p.id, (
            SELECT z.id FROM zone z WHERE z.city_id = p.city_id AND ST_Covers(z.area, p.position) ORDER BY ST_Area(z.area), z.id LIMIT 1
        ) AS zone_id
        FROM place p WHERE p.city_id = :city_id AND p.id > :after ORDER BY p.id LIMIT :most
    ), moved AS (
        UPDATE place SET zone_id = piece.zone_id FROM piece WHERE place.id = piece.id AND place.zone_id IS DISTINCT FROM piece.zone_id
    )
    SELECT max(id) AS last, count(*) AS seen FROM piece
""")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A zone as its form has it: `is_meant` says that it may cut into its neighbours."""

    names: dict[str, str]
    ring: Ring
    is_meant: bool = False


def drawn(typed: Mapping[str, str]) -> Drawn:
    """Raises NameMissing, WrongOutline."""
    given = {one: typed.get(f"name_{one}", "") for one in LANGUAGES}
    names = {one: typed_place_name(name, f"name_{one}") for one, name in given.items() if name.strip() or one == "fa"}
    return Drawn(names, typed_outline(typed.get("outline", "")), typed.get("meant") == "1")


def draw_new_zone(session: Session, actor: Actor, city_id: int, key: str, wanted: Drawn) -> Zone:
    """The same form (`key`, a UUID) again is the same zone. Raises OutsideTheCity, ZoneOverlaps."""
    lock_zones(session, city_id)
    code = f"z{key.replace('-', '')[:12]}"
    known = session.scalar(select(Zone).where(Zone.city_id == city_id, Zone.code == code))
    if known is not None:
        return known
    _check(session, city_id, None, wanted)
    zone = draw_zone(session, actor, city_id, code, wanted.names, wanted.ring)
    outbox.publish(session, ZonesRedrawn(city_id))
    return zone


def change_zone(session: Session, actor: Actor, city_id: int, zone_id: int, version: int, wanted: Drawn) -> Zone:
    """Keep another name or outline; one that stays needs no neighbour's leave. Raises ZoneNotFound, ZoneChangedMeanwhile, OutsideTheCity, ZoneOverlaps."""
    lock_zones(session, city_id)
    zone = session.get(Zone, zone_id, populate_existing=True)
    if zone is None or zone.city_id != city_id:
        raise ZoneNotFound
    if zone.version != version:
        raise ZoneChangedMeanwhile
    lines = outline_lines(wanted.ring)
    before = {"names": zone.names, "outline": outline_lines(zone_told(session, [city_id], zone_id).ring)}
    if before["outline"] != lines:
        _check(session, city_id, zone_id, wanted)
        zone.area = polygon(wanted.ring)
        outbox.publish(session, ZonesRedrawn(city_id))
    zone.names, zone.version = wanted.names, version + 1
    session.flush()
    audit.record(session, actor, "redraw", "zone", zone_id, before=before, after={"names": wanted.names, "outline": lines})
    return zone


def _check(session: Session, city_id: int, zone_id: int | None, wanted: Drawn) -> None:
    middle = middle_of(session, city_id)
    for corner in wanted.ring:
        check_in_city(*corner, *middle, field="outline")
    if not wanted.is_meant and (others := zones_cut(session, city_id, zone_id, polygon(wanted.ring))):
        raise ZoneOverlaps(field="outline", others=others)


def follow_zones(session: Session, event: ZonesRedrawn) -> None:
    """The next piece of the city's places goes into the smallest zone that covers each; the rest follows by a further event."""
    last, seen = session.execute(_FOLLOW, {"city_id": event.city_id, "after": event.after_place, "most": A_PIECE}).one()
    if seen == A_PIECE:
        outbox.publish(session, ZonesRedrawn(event.city_id, last))
