"""Which side a person is on at a shop's page."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission
from merchants.complaints.queries import office_of
from merchants.complaints.rules import Party
from merchants.models import Branch, Merchant
from merchants.queries import cities_in_reach
from places.models import Place
from places.pages.rules import Side


def place_of_branch(session: Session, branch_id: int | None) -> int | None:
    return session.scalar(select(Branch.place_id).where(Branch.id == branch_id))


def side_of(session: Session, identity: Identity, place_id: int) -> Side | None:
    """The office's where the shop is its member or in its city, else the shop's for its own people; None for others. Two queries at most."""
    here = select(Branch.id).join(Merchant, Merchant.id == Branch.merchant_id).join(Place, Place.id == Branch.place_id)
    here = here.where(Place.id == place_id, Place.closed_at.is_(None), Merchant.status != "closed").limit(1)
    office = office_of(identity)
    if office is not None:
        is_union = office.party is Party.UNION
        its = (
            Merchant.union_id == office.organisation_id
            if is_union
            else Place.city_id.in_(cities_in_reach([office.organisation_id]))
        )
        if session.scalar(here.where(its)) is not None:
            return Side.UNION if is_union else Side.MUNICIPALITY
    whole, single = identity.reach(Permission.MERCHANTS_HOURS_SET)
    own = Merchant.organisation_id.in_(whole or ()) | Branch.id.in_(single)
    return Side.SHOP if session.scalar(here.where(own)) is not None else None
