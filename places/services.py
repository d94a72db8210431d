"""Use cases of cities and places."""

from datetime import datetime
from typing import TypedDict, Unpack

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.text import search_key
from places.models import City, CityOffice, Place, Zone
from places.pages.services import note_told
from places.rules import point, polygon


class MoreOfPlace(TypedDict, total=False):
    """What may be known of a place beside its names and position."""

    parent_id: int | None
    category: str | None
    about: dict[str, str]
    wheelchair: str | None
    has_women_area: bool
    is_handicraft: bool
    languages: list[str]
    rule_id: int | None
    confirmed_at: datetime | None


def found_city(session: Session, actor: Actor, code: str, names: dict[str, str], lon: float, lat: float, time_zone: str) -> City:
    city = City(code=code, names=names, time_zone=time_zone, position=point(lon, lat))
    session.add(city)
    session.flush()
    audit.record(session, actor, "found", "city", city.id, after={"code": code})
    return city


def open_city_office(session: Session, actor: Actor, organisation_id: int, city_id: int) -> CityOffice:
    """Put an organisation in charge of a city's figures."""
    office = CityOffice(organisation_id=organisation_id, city_id=city_id)
    session.add(office)
    session.flush()
    audit.record(session, actor, "open", "city office", organisation_id, after={"city_id": city_id})
    return office


def draw_zone(
    session: Session,
    actor: Actor,
    city_id: int,
    code: str,
    names: dict[str, str],
    ring: list[tuple[float, float]],
) -> Zone:
    """A part of a city within a ring of (lon, lat). Places put on record before follow by `places.zones`."""
    zone = Zone(city_id=city_id, code=code, names=names, area=polygon(ring))
    session.add(zone)
    session.flush()
    audit.record(session, actor, "draw", "zone", zone.id, after={"code": code})
    return zone


def covering_zone(session: Session, city_id: int, position: str) -> int | None:
    """The smallest zone of a city over a position (extended WKT)."""
    covers = Zone.city_id == city_id, func.ST_Covers(Zone.area, func.ST_GeomFromEWKT(position))
    return session.scalar(select(Zone.id).where(*covers).order_by(func.ST_Area(Zone.area), Zone.id).limit(1))


def register_place(  # noqa: PLR0913 - a place is nothing but its facts
    session: Session,
    actor: Actor,
    city_id: int,
    *,
    code: str,
    kind: str,
    names: dict[str, str],
    lon: float,
    lat: float,
    source: str,
    licence: str,
    **told: Unpack[MoreOfPlace],
) -> Place:
    """Put a place on record, in the smallest zone of its city that covers it; `licence` is SPDX or `facts`. Raises PositionOutOfRange."""
    position = point(lon, lat)
    place = Place(
        city_id=city_id,
        zone_id=covering_zone(session, city_id, position),
        code=code,
        kind=kind,
        names=names,
        position=position,
        search_text=search_key(" ".join(names.values())),
        source=source,
        licence=licence,
        **told,
    )
    session.add(place)
    session.flush()
    note_told(session, [place.id])
    audit.record(session, actor, "register", "place", place.id, after={"code": code, "kind": kind})
    return place


def rename_place(session: Session, actor: Actor, place_id: int, names: dict[str, str]) -> None:
    place = session.get_one(Place, place_id, with_for_update=True, populate_existing=True)
    before, place.names, place.search_text = place.names, names, search_key(" ".join(names.values()))
    _note_changed(session, actor, place_id, "rename", {"names": before}, {"names": names})


def move_place(session: Session, actor: Actor, place_id: int, lon: float, lat: float) -> None:
    """Put a place where it is from now on, within its city. Raises PositionOutOfRange."""
    place, position = (
        session.get_one(Place, place_id, with_for_update=True, populate_existing=True),
        point(lon, lat),
    )
    before = session.execute(select(func.ST_X(Place.position), func.ST_Y(Place.position)).where(Place.id == place_id)).one()
    place.position, place.zone_id = position, covering_zone(session, place.city_id, position)
    _note_changed(session, actor, place_id, "move", {"position": list(before)}, {"position": [lon, lat]})


def close_place(session: Session, actor: Actor, place_id: int) -> None:
    """It is there no more."""
    place = session.get_one(Place, place_id, with_for_update=True, populate_existing=True)
    if place.closed_at is None:
        place.closed_at = clock.now()
        _note_changed(session, actor, place_id, "close", {}, {"closed_at": place.closed_at.isoformat()})


def _note_changed(
    session: Session,
    actor: Actor,
    place_id: int,
    act: str,
    before: dict[str, object],
    after: dict[str, object],
) -> None:
    session.flush()
    note_told(session, [place_id])
    audit.record(session, actor, act, "place", place_id, before=before, after=after)
