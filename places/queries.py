"""Reads of cities and places."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from places.errors import CityNotFound, PlaceNotFound
from places.models import City, CityOffice, Place, Zone
from places.rules import point


@dataclass(frozen=True, slots=True)
class PlaceNear:
    """A place and how far it is, in metres on the sphere."""

    place_id: int
    kind: str
    code: str
    names: dict[str, str]
    lon: float
    lat: float
    zone_id: int | None
    source: str
    licence: str
    distance_m: float


def city_by_code(session: Session, code: str) -> City:
    """Raises CityNotFound."""
    city = session.scalar(select(City).where(City.code == code))
    if city is None:
        raise CityNotFound(city=code)
    return city


def all_cities(session: Session) -> list[City]:
    return list(session.scalars(select(City).order_by(City.id)))


def zones_of_city(session: Session, city_id: int) -> list[Zone]:
    return list(session.scalars(select(Zone).where(Zone.city_id == city_id).order_by(Zone.id)))


def place_by_code(session: Session, city_id: int, code: str) -> Place | None:
    return session.scalar(select(Place).where(Place.city_id == city_id, Place.code == code))


def place_by_id(session: Session, place_id: int) -> Place:
    """Raises PlaceNotFound."""
    place = session.get(Place, place_id)
    if place is None:
        raise PlaceNotFound
    return place


def middle_of(session: Session, city_id: int) -> tuple[float, float]:
    """(lon, lat) from which a city is looked at."""
    lon, lat = session.execute(select(func.ST_X(City.position), func.ST_Y(City.position)).where(City.id == city_id)).one()
    return lon, lat


def city_of_place(session: Session, place_id: int) -> City:
    """Raises PlaceNotFound."""
    city = session.scalar(select(City).join(Place, Place.city_id == City.id).where(Place.id == place_id))
    if city is None:
        raise PlaceNotFound
    return city


def places_near(session: Session, lon: float, lat: float, *, kinds: Collection[str] = (), most: int = 20) -> list[PlaceNear]:
    """The nearest places, nearest first, by the spatial index. Raises PositionOutOfRange."""
    here = func.ST_GeomFromEWKT(point(lon, lat))
    distance = func.ST_DistanceSphere(Place.position, here).label("distance_m")
    # The index orders by degrees; a few more candidates are read so that metres decide the order of those returned.
    candidates = select(Place.id).order_by(Place.position.op("<->")(here)).limit(4 * most)
    if kinds:
        candidates = candidates.where(Place.kind.in_(kinds))
    found = (
        select(Place, func.ST_X(Place.position).label("lon"), func.ST_Y(Place.position).label("lat"), distance)
        .where(Place.id.in_(candidates.scalar_subquery()))
        .order_by(distance, Place.id)
        .limit(most)
    )
    return [
        PlaceNear(
            row.Place.id, row.Place.kind, row.Place.code, row.Place.names, row.lon, row.lat,
            row.Place.zone_id, row.Place.source, row.Place.licence, row.distance_m,
        )
        for row in session.execute(found)
    ]  # fmt: skip


def cities_of_offices(session: Session, organisation_ids: Collection[int]) -> list[tuple[int, int]]:
    """(office, city) of those among the organisations that are a city's office, by office."""
    offices = select(CityOffice).where(CityOffice.organisation_id.in_(organisation_ids)).order_by(CityOffice.organisation_id)
    return [(one.organisation_id, one.city_id) for one in session.scalars(offices)]
