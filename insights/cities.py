"""The cities whose statistics somebody may see."""

from collections.abc import Collection

from msgspec import Struct
from sqlalchemy import select
from sqlalchemy.orm import Session

from merchants.queries import cities_in_reach
from places.models import City


class SeenCity(Struct, frozen=True):
    id: int
    code: str
    names: dict[str, str]


def cities_seen(session: Session, organisation_ids: Collection[int] | None) -> list[SeenCity]:
    """The cities that these organisations look after, by id; all if None. One query."""
    seen = select(City.id, City.code, City.names).order_by(City.id)
    if organisation_ids is not None:
        seen = seen.where(City.id.in_(cities_in_reach(organisation_ids)))
    return [SeenCity(*row) for row in session.execute(seen)]
