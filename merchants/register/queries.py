"""Reads of the register. Pages go on by the place's id, each way of narrowing with an index."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal_column, select, true
from sqlalchemy.orm import Session

from merchants.models import Branch, Merchant
from merchants.onboarding.models import Application
from merchants.queries import cities_in_reach
from places.directory.rules import words_of_search
from places.history.models import PlaceStatement
from places.keeping.models import PlacePhoto
from places.models import City, Place, Zone

_UNTIL = func.coalesce(Branch.licence_expires_on, Application.licence_expires_on)


@dataclass(frozen=True, slots=True)
class Sought:
    """What a register is narrowed to; what is empty or None is not asked for. `has` is photo, history, licence → whether there is one."""

    city_id: int
    text: str = ""
    kind: str = ""
    category: str = ""
    zone_id: int | None = None
    is_handicraft: bool = False
    has: tuple[tuple[str, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class RegisterRow:
    place: Place
    lon: float
    lat: float
    zone_names: dict[str, str] | None
    photos: int
    statements: int
    licence_number: str | None
    licence_expires_on: date | None


def register_page(session: Session, sought: Sought, today: date, *, after: int = 0, limit: int = 50) -> list[RegisterRow]:
    """One query."""
    licence = _licence()
    photos = select(func.count()).select_from(PlacePhoto).where(PlacePhoto.place_id == Place.id).correlate(Place)
    said = select(func.count()).select_from(PlaceStatement).where(_said()).correlate(Place)
    page = (
        select(
            Place, func.ST_X(Place.position).label("lon"), func.ST_Y(Place.position).label("lat"), Zone.names.label("zone"),
            photos.scalar_subquery().label("photos"), said.scalar_subquery().label("statements"), licence.c.licence_number,
            licence.c.licence_expires_on,
        )
        .outerjoin(Zone, Zone.id == Place.zone_id)
        .outerjoin(licence, true())
        .where(Place.city_id == sought.city_id, Place.closed_at.is_(None), Place.id > after, *_narrowed(sought, today))
        .order_by(Place.id)
        .limit(limit)
    )  # fmt: skip
    return [
        RegisterRow(row.Place, row.lon, row.lat, row.zone, row.photos, row.statements, row.licence_number, row.licence_expires_on)
        for row in session.execute(page)
    ]


def cities_of_register(session: Session, organisation_ids: Collection[int] | None) -> list[City]:
    """The cities that one of these organisations oversees or is the office of; all if None."""
    cities = select(City).order_by(City.id)
    return list(
        session.scalars(cities if organisation_ids is None else cities.where(City.id.in_(cities_in_reach(organisation_ids))))
    )


def _narrowed(sought: Sought, today: date) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = []
    if words := words_of_search(sought.text):
        named = func.to_tsvector(literal_column("'simple'"), Place.search_text)
        wanted.append(named.op("@@")(func.to_tsquery(literal_column("'simple'"), words)))
    if sought.kind:
        wanted.append(Place.kind == sought.kind)
    if sought.category:
        wanted.append(Place.category == sought.category)
    if sought.zone_id is not None:
        wanted.append(Place.zone_id == sought.zone_id)
    if sought.is_handicraft:
        wanted.append(Place.is_handicraft.is_(True))
    of_place: dict[str, Select[Any]] = {
        "photo": select(PlacePhoto.place_id),
        "history": select(PlaceStatement.place_id).where(PlaceStatement.removed_at.is_(None)),
        "licence": select(Branch.place_id)
        .outerjoin(Application, Application.merchant_id == Branch.merchant_id)
        .where(Branch.status != "closed", today <= _UNTIL),
    }
    for name, is_there in sought.has:
        there = of_place[name]
        exists = there.where(next(iter(there.selected_columns)) == Place.id).correlate(Place).exists()
        wanted.append(exists if is_there else ~exists)
    return wanted


def _said() -> ColumnElement[bool]:
    return (PlaceStatement.place_id == Place.id) & PlaceStatement.removed_at.is_(None)


def _licence() -> Any:
    """The guild licence of the shop at a place: the branch's own, where it has one."""
    held = (
        select(
            func.coalesce(Branch.licence_number, Application.licence_number).label("licence_number"),
            _UNTIL.label("licence_expires_on"),
        )
        .select_from(Branch)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .outerjoin(Application, Application.merchant_id == Merchant.id)
        .where(Branch.place_id == Place.id, Merchant.status != "closed", Branch.status != "closed")
        .order_by(Merchant.id)
        .limit(1)
    )
    return held.correlate(Place).lateral("licence")
