"""Reads of branches that are asked for. Whose they are is always asked with the organisation."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from identity.models import Organisation
from merchants.branches.errors import BranchWishNotFound
from merchants.branches.models import BranchWish
from merchants.branches.rules import State
from merchants.models import Merchant
from merchants.onboarding.models import Application
from places.models import City


@dataclass(frozen=True, slots=True)
class WishTold:
    """With the names of the shop and of the city."""

    wish: BranchWish
    shop: dict[str, str]
    city: dict[str, str]


def wishes_of(session: Session, organisation_ids: Collection[int], *, before: int = 0, limit: int = 20) -> list[WishTold]:
    """What these shops asked for, the newest first. One query."""
    return _read(session, Merchant.organisation_id.in_(organisation_ids) & _before(before), limit)


def wishes_for(session: Session, union_ids: Collection[int], *, waiting: bool, before: int = 0, limit: int = 20) -> list[WishTold]:
    """What waits for these unions, or all they were asked for, the newest first. One query."""
    which = BranchWish.union_id.in_(union_ids) & _before(before)
    return _read(session, which & (BranchWish.state == State.ASKED) if waiting else which, limit)


def waiting_count(session: Session, union_ids: Collection[int]) -> int:
    waiting = BranchWish.union_id.in_(union_ids) & (BranchWish.state == State.ASKED)
    return session.scalar(select(func.count()).select_from(BranchWish).where(waiting)) or 0


def wish_for(session: Session, union_ids: Collection[int], wish_id: int) -> WishTold:
    """Raises BranchWishNotFound, for another union's too."""
    found = _read(session, (BranchWish.id == wish_id) & BranchWish.union_id.in_(union_ids), 1)
    if not found:
        raise BranchWishNotFound
    return found[0]


def lock_wish(session: Session, which: ColumnElement[bool]) -> BranchWish:
    """Raises BranchWishNotFound."""
    found = session.scalar(select(BranchWish).where(which).with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise BranchWishNotFound
    return found


def of_organisations(organisation_ids: Collection[int]) -> ColumnElement[bool]:
    return BranchWish.merchant_id.in_(select(Merchant.id).where(Merchant.organisation_id.in_(organisation_ids)))


def licence_is_taken(session: Session, number: str) -> bool:
    """Whether a shop's file or another branch has the licence."""
    of_shop = select(Application.id).where(Application.licence_number == number, Application.state != "closed").exists()
    of_branch = select(BranchWish.id).where(BranchWish.licence_number == number, BranchWish.state.in_((State.ASKED, State.APPROVED))).exists()
    return bool(session.scalar(select(of_shop | of_branch)))


def _before(wish_id: int) -> ColumnElement[bool]:
    return BranchWish.id < wish_id if wish_id else true()


def _read(session: Session, which: ColumnElement[bool], limit: int) -> list[WishTold]:
    rows = (
        select(BranchWish, Organisation.names, City.names)
        .join(Merchant, Merchant.id == BranchWish.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .join(City, City.id == BranchWish.city_id)
        .where(which)
        .order_by(BranchWish.id.desc())
        .limit(limit)
    )
    return [WishTold(*row) for row in session.execute(rows)]
