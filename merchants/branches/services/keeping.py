"""The shop keeps its branches: renames one, closes one."""

from collections.abc import Mapping
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.errors import DomainError
from kernel.languages import in_language
from merchants.branches import queries
from merchants.branches.errors import BranchNotReady
from merchants.branches.queries import Left
from merchants.branches.rules import Act
from merchants.branches.services.asking import typed_names, write_down
from merchants.debts.models import Debt
from merchants.errors import BranchIsClosed
from merchants.models import Branch, Merchant, Terminal
from merchants.onboarding.services.filing import Faults
from merchants.services import announce_branch, close_terminal
from merchants.stock.models import Delivery, StockLevel
from merchants.stock.rules import Kind
from merchants.stock.services.moving import Move, move
from places.models import Place
from places.services import close_place, rename_place


def rename_branch(session: Session, identity: Identity, branch: Branch, typed: Mapping[str, str]) -> dict[str, DomainError]:
    """Call a branch by another name, on its page and its receipts too; what is wrong by field. `typed`: name_fa, name_en.

    The licence bears its holder's name and the address, so that the union is not asked. Raises BranchIsClosed.
    """
    faults = Faults()
    names = typed_names(faults, typed)
    if faults.by_field or names is None:
        return faults.by_field
    session.refresh(branch, with_for_update={"key_share": True})
    _check_open(branch)
    before, branch.names = branch.names, names
    session.flush()
    audit.record(
        session,
        identity.actor,
        "rename",
        "branch",
        branch.id,
        before={"names": before},
        after={"names": names},
    )
    if session.scalar(select(Place.kind).where(Place.id == branch.place_id)) == "shop":
        rename_place(session, identity.actor, branch.place_id, names)
    announce_branch(session, branch.id)
    return {}


def close_branch(session: Session, identity: Identity, branch: Branch, heir_id: int | None) -> Branch:
    """Close a branch for good: its terminals with it, its place on the map; goods, debts and deliveries go to the heir.

    Sent again it changes nothing. Raises BranchNotReady with the field that says why.
    """
    session.get_one(Merchant, branch.merchant_id, with_for_update=True, populate_existing=True)
    own = select(Branch).where(Branch.merchant_id == branch.merchant_id, Branch.status != "closed").order_by(Branch.id)
    standing = {one.id: one for one in session.scalars(own.with_for_update().execution_options(populate_existing=True))}
    if branch.id not in standing:
        return branch
    if len(standing) == 1:
        raise BranchNotReady(field="last")
    terminals = _lock_terminals(session, branch)
    left = queries.left_in(session, branch.id)
    heir = standing.get(heir_id or 0) if heir_id != branch.id else None
    _check_ready(left, heir)
    if heir is not None:
        _hand_over(session, identity, branch, heir)
    for terminal in terminals:
        close_terminal(session, identity.actor, terminal.code, "branch closed")
    branch.status, branch.closed_at, branch.heir_id = "closed", clock.now(), heir.id if heir else None
    session.flush()
    wish = queries.asked_move(session, branch.id, lock=True)
    if wish is not None:
        write_down(session, identity, wish, Act.GIVE_UP, None)
    if not queries.others_at(session, branch):
        close_place(session, identity.actor, branch.place_id)
    audit.record(
        session,
        identity.actor,
        "close",
        "branch",
        branch.id,
        after={"heir": branch.heir_id, "terminals": [one.code for one in terminals]},
    )
    return branch


def _lock_terminals(session: Session, branch: Branch) -> list[Terminal]:
    """Whoever opens a shift at one of them waits, and finds it closed."""
    standing = select(Terminal).where(Terminal.branch_id == branch.id, Terminal.status != "closed").order_by(Terminal.id)
    return list(session.scalars(standing.with_for_update().execution_options(populate_existing=True)))


def _check_ready(left: Left, heir: Branch | None) -> None:
    if left.shifts:
        raise BranchNotReady(field="shift")
    if left.counts:
        raise BranchNotReady(field="count")
    if heir is None and left.is_something:
        raise BranchNotReady(field="heir")


def _check_open(branch: Branch) -> None:
    if branch.status == "closed":
        raise BranchIsClosed


def _hand_over(session: Session, identity: Identity, branch: Branch, heir: Branch) -> None:
    """Levels below zero stay: they are no goods."""
    levels = select(StockLevel.product_id, StockLevel.milli).where(StockLevel.branch_id == branch.id, StockLevel.milli > 0)
    goods = {product: milli for product, milli in session.execute(levels)}  # noqa: C416 - rows are no pairs to a type checker
    if goods:
        out, into = (str(uuid5(NAMESPACE_OID, f"closing of branch {branch.id} {way}")) for way in ("out", "in"))
        to, from_ = in_language(heir.names, "fa")[:60], in_language(branch.names, "fa")[:60]
        move(
            session,
            identity.actor,
            Move(branch.id, Kind.MOVE, out, to),
            {product: -milli for product, milli in goods.items()},
        )
        move(session, identity.actor, Move(heir.id, Kind.MOVE, into, from_), goods)
    session.execute(update(Debt).where(Debt.branch_id == branch.id, Debt.closed_at.is_(None)).values(branch_id=heir.id))
    session.execute(
        update(Delivery).where(Delivery.branch_id == branch.id, Delivery.received_at.is_(None)).values(branch_id=heir.id)
    )
