"""Reads of branches and of what is asked for them. Whose they are is always asked with the organisation."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, aliased

from identity.models import Organisation
from merchants.branches.errors import BranchWishNotFound
from merchants.branches.models import BranchWish
from merchants.branches.rules import Kind, State
from merchants.debts.models import Debt
from merchants.errors import BranchNotFound
from merchants.models import Branch, Merchant, Terminal
from merchants.onboarding.models import Application
from merchants.stock.models import Delivery, StockCount, StockLevel
from merchants.till.models import TillShift
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


def branches_of(session: Session, organisation_ids: Collection[int]) -> list[Branch]:
    """Branches of these shops, closed ones too, by id."""
    own = select(Branch).join(Merchant, Merchant.id == Branch.merchant_id).where(Merchant.organisation_id.in_(organisation_ids))
    return list(session.scalars(own.order_by(Branch.id)))


def licence_is_taken(session: Session, number: str, *, but: Branch | None = None) -> bool:
    """Whether a shop's file, a branch or a wish has the licence; `but` is a branch that may keep the one it stands under."""
    of_shop = select(Application.id).where(Application.licence_number == number, Application.state != "closed")
    of_branch = select(Branch.id).where(Branch.licence_number == number, Branch.status != "closed")
    if but is not None:
        of_branch = of_branch.where(Branch.id != but.id)
    if but is not None and but.licence_number is None:
        of_shop = of_shop.where(Application.merchant_id.is_distinct_from(but.merchant_id))
    asked = select(BranchWish.id).where(BranchWish.licence_number == number, BranchWish.state == State.ASKED)
    return bool(session.scalar(select(of_shop.exists() | of_branch.exists() | asked.exists())))


def asked_move(session: Session, branch_id: int, *, lock: bool = False) -> BranchWish | None:
    """The move of a branch that its union has not decided on."""
    asked = select(BranchWish).where(
        BranchWish.branch_id == branch_id, BranchWish.kind == Kind.MOVE, BranchWish.state == State.ASKED
    )
    return session.scalar(asked.with_for_update().execution_options(populate_existing=True) if lock else asked)


def branch_of_wish(session: Session, wish: BranchWish) -> Branch | None:
    return session.get(Branch, wish.branch_id) if wish.branch_id else None


def lock_licensed(session: Session, union_ids: Collection[int], branch_id: int) -> Branch:
    """A branch with a licence of its own, of a shop of these unions. Raises BranchNotFound."""
    of_union = (
        select(Branch)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .where(Branch.id == branch_id, Merchant.union_id.in_(union_ids))
    )
    wanted = of_union.where(Branch.licence_number.is_not(None)).with_for_update(key_share=True, of=Branch)
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise BranchNotFound
    return found


@dataclass(frozen=True, slots=True)
class Left:
    """What a branch has that somebody has to answer for before it closes."""

    shifts: int
    counts: int
    goods: int
    debts: int
    deliveries: int

    @property
    def is_something(self) -> bool:
        return bool(self.goods or self.debts or self.deliveries)


def left_in(session: Session, branch_id: int) -> Left:
    """One query."""
    shifts = select(func.count()).select_from(TillShift).join(Terminal, Terminal.id == TillShift.terminal_id)
    goods = select(func.count()).select_from(StockLevel).where(StockLevel.branch_id == branch_id, StockLevel.milli > 0)
    counts = (
        select(func.count())
        .select_from(StockCount)
        .where(StockCount.branch_id == branch_id, StockCount.state.in_(("counting", "counted")))
    )
    debts = select(func.count()).select_from(Debt).where(Debt.branch_id == branch_id, Debt.closed_at.is_(None))
    deliveries = select(func.count()).select_from(Delivery).where(Delivery.branch_id == branch_id, Delivery.received_at.is_(None))
    shifts = shifts.where(Terminal.branch_id == branch_id, TillShift.closed_at.is_(None))
    return Left(*session.execute(select(*(one.scalar_subquery() for one in (shifts, counts, goods, debts, deliveries)))).one())


def others_at(session: Session, branch: Branch) -> bool:
    """Whether another branch that is not closed stands at the same place."""
    others = select(Branch.id).where(Branch.place_id == branch.place_id, Branch.id != branch.id, Branch.status != "closed")
    return session.scalar(others.limit(1)) is not None


@dataclass(frozen=True, slots=True)
class Gone:
    """A shop that is at a place no more, and where to find its goods now."""

    names: dict[str, str]
    closed_at: datetime | None
    heir_names: dict[str, str] | None
    heir_place_id: int | None


def gone_from(session: Session, place_id: int) -> Gone | None:
    """The branch that was closed last at a place. One query."""
    heir = aliased(Branch)
    was = (
        select(Branch.names, Branch.closed_at, heir.names.label("heir"), heir.place_id)
        .outerjoin(heir, (heir.id == Branch.heir_id) & (heir.status != "closed"))
        .where(Branch.place_id == place_id, Branch.status == "closed")
        .order_by(Branch.closed_at.desc())
        .limit(1)
    )
    row = session.execute(was).one_or_none()
    return Gone(*row) if row else None


def moved_to(session: Session, place_id: int, since: datetime) -> BranchWish | None:
    """The last move of a branch to where its place is now, if it was after that. One query."""
    moves = (
        select(BranchWish)
        .join(Branch, Branch.id == BranchWish.branch_id)
        .where(Branch.place_id == place_id, Branch.status != "closed")
    )
    moves = moves.where(BranchWish.kind == Kind.MOVE, BranchWish.state == State.APPROVED, BranchWish.decided_at > since)
    return session.scalar(moves.order_by(BranchWish.decided_at.desc()).limit(1))


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
