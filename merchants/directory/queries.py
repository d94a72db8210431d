"""Reads of a shop's branches with their hours."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from merchants.catalogue.queries import ProductRow, cheaper_with_card
from merchants.errors import BranchNotFound
from merchants.fields.queries import fields_of
from merchants.fields.rules import OwnField, Subject
from merchants.instalments.models import SaleTerms
from merchants.instalments.queries import terms_of_branches
from merchants.models import SELLS, Branch, Contract, Merchant
from places.hours.queries import Hours, hours_of_places


@dataclass(frozen=True, slots=True)
class BranchHours:
    branch: Branch
    organisation_id: int
    hours: Hours | None


@dataclass(frozen=True, slots=True)
class ShopTerms:
    """How one pays in a shop: what its contract says, since when, and what costs less with the card.

    `own` are the fields of the shop's own that pilgrims read of its goods.
    """

    terms: SaleTerms | None
    since: datetime | None
    cheaper: list[ProductRow]
    own: list[OwnField]


def shop_terms(session: Session, place_id: int, at: datetime) -> ShopTerms | None:
    """Of the branch at a place; None where no active shop is. One query, and five more where one is."""
    open_shop = select(Branch).join(Merchant, Merchant.id == Branch.merchant_id).where(Branch.place_id == place_id, SELLS)
    branch = session.scalar(open_shop.order_by(Branch.id).limit(1))
    if branch is None:
        return None
    cheaper = cheaper_with_card(session, branch.id, at)
    own = fields_of(session, branch.merchant_id, Subject.PRODUCT) if cheaper else []
    since = select(func.max(Contract.starts_at)).where(Contract.merchant_id == branch.merchant_id, Contract.starts_at <= at)
    terms = terms_of_branches(session, [branch.id], at).get(branch.id)
    return ShopTerms(terms, session.scalar(since), cheaper, [field for field in own if field.is_public])


def branches_page(
    session: Session,
    organisation_ids: Collection[int],
    branch_ids: Collection[int],
    now: datetime,
    *,
    after: int = 0,
    limit: int = 50,
) -> list[BranchHours]:
    """Branches of these organisations, and single ones beside, by id, with their hours. Two queries."""
    own = or_(Merchant.organisation_id.in_(organisation_ids), Branch.id.in_(branch_ids))
    page = select(Branch, Merchant.organisation_id).join(Merchant, Merchant.id == Branch.merchant_id)
    rows = session.execute(page.where(own, Branch.id > after).order_by(Branch.id).limit(limit)).all()
    hours = hours_of_places(session, [row.Branch.place_id for row in rows], now)
    return [BranchHours(row.Branch, row.organisation_id, hours.get(row.Branch.place_id)) for row in rows]


def branch_hours(session: Session, branch_id: int, now: datetime) -> BranchHours:
    """Raises BranchNotFound."""
    found = select(Branch, Merchant.organisation_id).join(Merchant, Merchant.id == Branch.merchant_id).where(Branch.id == branch_id)
    row = session.execute(found).one_or_none()
    if row is None:
        raise BranchNotFound(branch_id=branch_id)
    return BranchHours(
        row.Branch, row.organisation_id, hours_of_places(session, [row.Branch.place_id], now).get(row.Branch.place_id)
    )
