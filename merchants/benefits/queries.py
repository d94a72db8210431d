"""Names of the places that a benefit is spent in."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Organisation
from merchants.models import Merchant
from places.models import City


@dataclass(frozen=True, slots=True)
class Places:
    """City id → names, merchant id → names."""

    cities: dict[int, dict[str, str]]
    shops: dict[int, dict[str, str]]


def names_of_places(session: Session, cities: Collection[int], shops: Collection[int]) -> Places:
    """Two queries, one where no plan names single shops."""
    found = session.execute(select(City.id, City.names).where(City.id.in_(cities)))
    named = (
        select(Merchant.id, Organisation.names)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(Merchant.id.in_(shops))
    )
    return Places(
        cities={row.id: row.names for row in found},
        shops={row.id: row.names for row in session.execute(named)} if shops else {},
    )
