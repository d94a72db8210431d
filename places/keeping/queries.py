"""Reads of what is kept by hand."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, undefer

from kernel import clock
from places.directory.rules import Kind
from places.keeping.errors import PhotoNotFound
from places.keeping.models import CrowdNote, PlacePhoto, PlaceWay
from places.keeping.rules import Level, Walk, Way, shortest_walk
from places.models import CityOffice, Place


@dataclass(frozen=True, slots=True)
class Crowd:
    """How crowded a place is, as it was looked at then."""

    level: Level
    told_at: datetime


@dataclass(frozen=True, slots=True)
class PhotoTold:
    id: int
    caption: str
    source: str
    licence: str


def is_kept_by(session: Session, place_id: int, organisation_ids: Collection[int] | None) -> bool:
    """Whether these organisations look after the place's city; None reaches all. Shops speak for themselves."""
    found = select(Place.id).where(Place.id == place_id, Place.closed_at.is_(None), Place.kind != Kind.SHOP)
    if organisation_ids is not None:
        found = found.join(CityOffice, CityOffice.city_id == Place.city_id).where(CityOffice.organisation_id.in_(organisation_ids))
    return session.scalar(found) is not None


def is_in_city_of(session: Session, place_id: int, organisation_ids: Collection[int] | None) -> bool:
    """Whether a place, also a shop, is in a city that these organisations look after; None reaches all."""
    found = select(Place.id).where(Place.id == place_id, Place.closed_at.is_(None))
    if organisation_ids is not None:
        found = found.join(CityOffice, CityOffice.city_id == Place.city_id).where(CityOffice.organisation_id.in_(organisation_ids))
    return session.scalar(found) is not None


def photos_of(session: Session, place_id: int) -> list[PhotoTold]:
    """Oldest first, without the pictures. One query."""
    found = session.scalars(select(PlacePhoto).where(PlacePhoto.place_id == place_id).order_by(PlacePhoto.id))
    return [PhotoTold(one.id, one.caption, one.source, one.licence) for one in found]


def picture(session: Session, photo_id: int, *, is_small: bool) -> bytes:
    """A photo as JPEG. Raises PhotoNotFound."""
    size = PlacePhoto.small if is_small else PlacePhoto.large
    photo = session.scalar(select(PlacePhoto).where(PlacePhoto.id == photo_id).options(undefer(size)))
    if photo is None:
        raise PhotoNotFound
    return photo.small if is_small else photo.large


def crowd_of(session: Session, place_ids: Collection[int]) -> dict[int, Crowd]:
    """Place → how crowded it is, of those of which it is known now. One query."""
    newest = select(func.max(CrowdNote.id)).where(CrowdNote.place_id.in_(place_ids)).group_by(CrowdNote.place_id)
    told = session.scalars(select(CrowdNote).where(CrowdNote.id.in_(newest), CrowdNote.holds_until > clock.now()))
    return {one.place_id: Crowd(Level(one.level), one.told_at) for one in told}


def last_crowd_of(session: Session, place_ids: Collection[int], since: datetime) -> list[CrowdNote]:
    """The newest note of each place that was told after `since`, whether it still holds or not. One query."""
    newest = select(func.max(CrowdNote.id)).where(CrowdNote.place_id.in_(place_ids)).group_by(CrowdNote.place_id)
    return list(
        session.scalars(select(CrowdNote).where(CrowdNote.id.in_(newest), CrowdNote.told_at > since).order_by(CrowdNote.place_id))
    )


def ways_of(session: Session, place_ids: Collection[int]) -> list[PlaceWay]:
    """The ways that begin or end at one of the places. One query."""
    touching = or_(PlaceWay.low_id.in_(place_ids), PlaceWay.high_id.in_(place_ids))
    return list(session.scalars(select(PlaceWay).where(touching).order_by(PlaceWay.id)))


def walk_between(
    session: Session, whole: Collection[int], start: int, goal: int, *, avoids_steps: bool, is_woman: bool
) -> Walk | None:
    """The shortest walk between two parts of a `whole`, around what is full where one can; None where no way is known. Two queries."""
    ways = [Way(way.low_id, way.high_id, way.metres, way.has_steps, way.for_women) for way in ways_of(session, whole)]
    full = frozenset(place for place, crowd in crowd_of(session, whole).items() if crowd.level is Level.FULL)
    around = shortest_walk(ways, start, goal, avoids_steps=avoids_steps, is_woman=is_woman, full=full)
    return around or shortest_walk(ways, start, goal, avoids_steps=avoids_steps, is_woman=is_woman)
