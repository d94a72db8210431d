"""Reads of zones, and the holding of a city's."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from places.directory.rules import Kind
from places.models import City, Place, Zone
from places.zones.errors import ZoneNotFound
from places.zones.rules import Ring

# What two hands draw along one street is never the same: so much, in square metres, is not called an overlap.
SLIVER_M2 = 500.0


@dataclass(frozen=True, slots=True)
class ZoneTold:
    """A zone as lists and maps show it, with how many shops and other places are in it."""

    zone_id: int
    city_id: int
    names: dict[str, str]
    version: int
    ring: Ring
    hectares: int
    shops: int = 0
    places: int = 0


def zones_drawn(session: Session, city_id: int) -> list[ZoneTold]:
    """The zones of a city by id, not counted. One query."""
    return [_told(row) for row in session.execute(_zones().where(Zone.city_id == city_id).order_by(Zone.id))]


def zones_told(session: Session, city_id: int) -> list[ZoneTold]:
    """The zones of a city by id, counted. Two queries."""
    counted = (
        select(Place.zone_id, func.count().filter(Place.kind == Kind.SHOP), func.count().filter(Place.kind != Kind.SHOP))
        .where(Place.city_id == city_id, Place.zone_id.is_not(None), Place.closed_at.is_(None))
        .group_by(Place.zone_id)
    )
    counts = {zone_id: (shops, places) for zone_id, shops, places in session.execute(counted)}
    return [
        _told(row, *counts.get(row.Zone.id, (0, 0)))
        for row in session.execute(_zones().where(Zone.city_id == city_id).order_by(Zone.id))
    ]


def zone_told(session: Session, city_ids: Sequence[int], zone_id: int) -> ZoneTold:
    """Raises ZoneNotFound, for a zone of another city too."""
    row = session.execute(_zones().where(Zone.id == zone_id, Zone.city_id.in_(city_ids))).one_or_none()
    if row is None:
        raise ZoneNotFound
    return _told(row)


def _zones() -> Any:
    return select(Zone, func.ST_AsGeoJSON(Zone.area).label("outline"), func.ST_Area(func.Geography(Zone.area)).label("metres"))


def _told(row: Any, shops: int = 0, places: int = 0) -> ZoneTold:
    ring = [(lon, lat) for lon, lat in json.loads(row.outline)["coordinates"][0][:-1]]
    return ZoneTold(
        row.Zone.id, row.Zone.city_id, row.Zone.names, row.Zone.version, ring, round(row.metres / 10_000), shops, places
    )


def lock_zones(session: Session, city_id: int) -> None:
    """Until the end of the transaction nobody else draws in this city: neighbours share the ground between them."""
    session.execute(select(City.id).where(City.id == city_id).with_for_update(key_share=True))


def zones_cut(session: Session, city_id: int, zone_id: int | None, area: str) -> list[dict[str, str]]:
    """The names of other zones that an area cuts into, by id. One that lies within the other as a whole does not cut."""
    drawn = func.ST_GeomFromEWKT(area)
    cuts = func.ST_Overlaps(Zone.area, drawn) | func.ST_Equals(Zone.area, drawn)
    shared = func.ST_Area(func.Geography(func.ST_Intersection(Zone.area, drawn)))
    found = select(Zone.names).where(Zone.city_id == city_id, Zone.id.is_distinct_from(zone_id), cuts, shared > SLIVER_M2)
    return list(session.scalars(found.order_by(Zone.id)))
