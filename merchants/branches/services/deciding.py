"""The union decides on what its shops ask for, and renews the licences of their branches."""

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit
from kernel.messages.rules import Notice
from merchants.branches import queries
from merchants.branches.errors import OwnBranchWish
from merchants.branches.models import BranchWish
from merchants.branches.notices import DECIDED, WORKS_AGAIN
from merchants.branches.rules import Act, Kind, State, checked_reason, next_state
from merchants.branches.services.asking import union_of, write_down
from merchants.branches.telling import tell
from merchants.errors import BranchIsClosed
from merchants.models import Branch, Merchant
from merchants.onboarding.models import Application
from merchants.onboarding.services.filing import licence_day
from merchants.services import announce_branch, open_branch
from places.services import move_place, register_place


def approve(session: Session, identity: Identity, union_ids: Collection[int], wish_id: int) -> BranchWish:
    """A new branch is on the map, one that moves is at its new place, from now on.

    Raises BranchWishNotFound, BranchWishDecided, OwnBranchWish, BranchWishIncomplete (`shop`), BranchIsClosed.
    """
    wish = queries.lock_wish(session, (BranchWish.id == wish_id) & BranchWish.union_id.in_(union_ids))
    _check_other(identity, wish)
    next_state(State(wish.state), Act.APPROVE)
    merchant = session.get_one(Merchant, wish.merchant_id, with_for_update={"read": True}, populate_existing=True)
    union_of(merchant)
    if wish.kind == Kind.MOVE:
        _move(session, identity, wish)
    else:
        _open(session, identity, wish)
    write_down(session, identity, wish, Act.APPROVE, None)
    _tell_decided(session, wish, Act.APPROVE)
    return wish


def _open(session: Session, identity: Identity, wish: BranchWish) -> None:
    place = register_place(
        session, identity.actor, wish.city_id, code=f"branch-{wish.id}", kind="shop", names=wish.names, lon=wish.lon, lat=wish.lat,
        source="the shop's own application", licence="facts",
    )  # fmt: skip
    branch = open_branch(session, identity.actor, wish.merchant_id, place.id, wish.names)
    branch.licence_number, branch.licence_expires_on = wish.licence_number, wish.licence_expires_on
    wish.branch_id = branch.id


def _move(session: Session, identity: Identity, wish: BranchWish) -> None:
    """The licence of the new place takes the place of the one that the branch stood under, be it the shop's."""
    branch = session.get_one(Branch, wish.branch_id, with_for_update=True, populate_existing=True)
    if branch.status == "closed":
        raise BranchIsClosed
    move_place(session, identity.actor, branch.place_id, wish.lon, wish.lat)
    held = select(Application).where(Application.merchant_id == wish.merchant_id).with_for_update()
    file = session.scalar(held.execution_options(populate_existing=True)) if branch.licence_number is None else None
    if file is None:
        _write_licence(session, branch, wish)
        return
    file.licence_number, file.licence_expires_on, file.noticed_days = (
        wish.licence_number,
        wish.licence_expires_on,
        None,
    )
    file.address, file.lon, file.lat, file.version = wish.address, wish.lon, wish.lat, file.version + 1
    session.flush()


def _write_licence(session: Session, branch: Branch, wish: BranchWish) -> None:
    branch.licence_number, branch.licence_expires_on, branch.noticed_days = (
        wish.licence_number,
        wish.licence_expires_on,
        None,
    )
    branch.status = "active"
    session.flush()
    announce_branch(session, branch.id)


def refuse(session: Session, identity: Identity, union_ids: Collection[int], wish_id: int, typed: str) -> BranchWish:
    """Raises BranchWishNotFound, BranchWishDecided, OwnBranchWish, BranchWishIncomplete (`why`)."""
    why = checked_reason(typed)
    wish = queries.lock_wish(session, (BranchWish.id == wish_id) & BranchWish.union_id.in_(union_ids))
    _check_other(identity, wish)
    write_down(session, identity, wish, Act.REFUSE, why)
    _tell_decided(session, wish, Act.REFUSE)
    return wish


def renew(session: Session, identity: Identity, union_ids: Collection[int], branch_id: int, typed_day: str) -> Branch:
    """Write down the new last day of a branch's own licence; a branch that stood still because of it works again.

    Raises BranchNotFound, BranchIsClosed, WrongDay, LicenceHasExpired.
    """
    last_day = licence_day(typed_day)
    branch = queries.lock_licensed(session, union_ids, branch_id)
    if branch.status == "closed":
        raise BranchIsClosed
    before, stood_still = branch.licence_expires_on, branch.status == "suspended"
    branch.licence_expires_on, branch.noticed_days, branch.status = last_day, None, "active"
    session.flush()
    audit.record(
        session, identity.actor, "renew_licence", "branch", branch.id,
        before={"expires_on": str(before)}, after={"expires_on": str(last_day)},
    )  # fmt: skip
    if stood_still:
        announce_branch(session, branch.id)
        tell(
            session,
            branch.merchant_id,
            WORKS_AGAIN,
            branch.names,
            f"branch {branch.id} works until {last_day}",
        )
    return branch


def _check_other(identity: Identity, wish: BranchWish) -> None:
    if wish.asked_by == identity.person_id:
        raise OwnBranchWish


def _tell_decided(session: Session, wish: BranchWish, act: Act) -> None:
    notice: Notice = DECIDED[Kind(wish.kind), act]
    tell(session, wish.merchant_id, notice, wish.names, f"branch wish {wish.id} {act}")
