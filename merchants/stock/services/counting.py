"""A blind stocktake: counted without the books in sight, handed in, and posted by another person."""

from collections.abc import Iterable
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.outbox import publish
from merchants.catalogue.models import Product
from merchants.catalogue.queries import groups_within, own_group
from merchants.errors import BranchIsClosed
from merchants.models import Branch
from merchants.stock.errors import (
    CountIsClosed,
    CountIsOpen,
    NothingCounted,
    NotYourCount,
    OwnCount,
    StockReasonMissing,
)
from merchants.stock.events import CountPosted
from merchants.stock.models import StockCount, StockCountLine, StockLevel, StockMovement
from merchants.stock.rules import CountState, Kind, Line, gathered
from merchants.stock.services.moving import Move, move

LONGEST_WHY = 200
OPEN = (CountState.COUNTING, CountState.COUNTED)


def begin_count(session: Session, identity: Identity, branch: Branch, group_id: int | None = None) -> StockCount:
    """Begin to count a branch, or one group of its goods. Raises CountIsOpen, GroupNotFound, BranchIsClosed."""
    if session.scalar(select(Branch.status).where(Branch.id == branch.id).with_for_update()) == "closed":
        raise BranchIsClosed
    if group_id is not None:
        own_group(session, branch.merchant_id, group_id)
    standing = select(StockCount.id).where(StockCount.branch_id == branch.id, StockCount.state.in_(OPEN))
    if session.scalar(standing) is not None:
        raise CountIsOpen
    count = StockCount(
        branch_id=branch.id, group_id=group_id, state=CountState.COUNTING, counted_by=identity.person_id, begun_at=clock.now()
    )
    session.add(count)
    session.flush()
    audit.record(session, identity.actor, "begin", "stock_count", count.id, after={"branch_id": branch.id, "group_id": group_id})
    return count


def count_goods(session: Session, identity: Identity, count: StockCount, lines: Iterable[Line]) -> None:
    """Add what was found to what was found before. The count's row is locked by the caller.

    What the books say is read when a product is counted last and shown to nobody before the count is handed in.
    Raises CountIsClosed, NotYourCount, NothingMoved.
    """
    _check_counter(identity, count)
    found = gathered(lines)
    known = {line.product_id: line for line in _lines(session, count.id)}
    books, now = _books(session, count.branch_id, found), clock.now()
    for product_id, milli in found.items():
        line = known.get(product_id) or StockCountLine(count_id=count.id, product_id=product_id, counted_milli=0)
        line.counted_milli += milli
        line.book_milli, line.at = books.get(product_id, 0), now
        session.add(line)
    session.flush()


def correct_count(session: Session, identity: Identity, count: StockCount, product_id: int, milli: int) -> None:
    """Write another quantity for a product that was counted wrongly, zero too. Raises CountIsClosed, NotYourCount, NothingCounted."""
    _check_counter(identity, count)
    line = session.get(StockCountLine, (count.id, product_id))
    if line is None:
        raise NothingCounted(field="quantity")
    line.counted_milli, line.at = milli, clock.now()
    line.book_milli = _books(session, count.branch_id, [product_id]).get(product_id, 0)


def hand_in_count(session: Session, identity: Identity, count: StockCount, *, rest_is_none: bool) -> None:
    """End the counting; `rest_is_none` says of all other goods in stock that there are none.

    Raises CountIsClosed, NotYourCount, NothingCounted.
    """
    _check_counter(identity, count)
    counted = {line.product_id for line in _lines(session, count.id)}
    if rest_is_none:
        now = clock.now()
        session.add_all(
            StockCountLine(count_id=count.id, product_id=level.product_id, counted_milli=0, book_milli=level.milli, at=now)
            for level in _levels_in_scope(session, count)
            if level.product_id not in counted
        )
    elif not counted:
        raise NothingCounted(field="lines")
    count.state, count.counted_at = CountState.COUNTED, clock.now()
    session.flush()
    facts = {"products": len(counted), "rest_is_none": rest_is_none}
    audit.record(session, identity.actor, "hand_in", "stock_count", count.id, after=facts)


def post_count(session: Session, identity: Identity, count: StockCount) -> list[StockMovement]:
    """Post the differences; what was sold since the counting is none. Raises OwnCount, CountIsClosed, StockTooLow."""
    _check_decider(identity, count)
    changes = {line.product_id: line.counted_milli - line.book_milli for line in _lines(session, count.id)}
    changes = {product: change for product, change in changes.items() if change}
    key = str(uuid5(NAMESPACE_OID, f"stock count {count.id}"))
    moved = move(session, identity.actor, Move(count.branch_id, Kind.COUNT, key), changes) if changes else []
    _decide(count, identity, CountState.POSTED)
    session.flush()
    audit.record(session, identity.actor, "post", "stock_count", count.id, after={"differences": len(changes)})
    publish(session, CountPosted(count.id, count.branch_id, len(changes)))
    return moved


def discard_count(session: Session, identity: Identity, count: StockCount, why: str) -> None:
    """Let the count go without a trace in stock; whoever counted may do that too. Raises CountIsClosed, StockReasonMissing."""
    if count.state not in OPEN:
        raise CountIsClosed
    why = " ".join(why.split())
    if not 0 < len(why) <= LONGEST_WHY:
        raise StockReasonMissing(field="why", most=LONGEST_WHY)
    _decide(count, identity, CountState.DISCARDED)
    count.why = why
    session.flush()
    audit.record(session, identity.actor, "discard", "stock_count", count.id, why=why)


def _decide(count: StockCount, identity: Identity, state: CountState) -> None:
    count.state, count.decided_by, count.decided_at = state, identity.person_id, clock.now()


def _check_counter(identity: Identity, count: StockCount) -> None:
    if count.state != CountState.COUNTING:
        raise CountIsClosed
    if count.counted_by != identity.person_id:
        raise NotYourCount


def _check_decider(identity: Identity, count: StockCount) -> None:
    if count.state != CountState.COUNTED:
        raise CountIsClosed
    if count.counted_by == identity.person_id:
        raise OwnCount


def _lines(session: Session, count_id: int) -> list[StockCountLine]:
    return list(
        session.scalars(select(StockCountLine).where(StockCountLine.count_id == count_id).order_by(StockCountLine.product_id))
    )


def _books(session: Session, branch_id: int, product_ids: Iterable[int]) -> dict[int, int]:
    """The levels under a lock, so that no sale stands between the books and the count."""
    levels = select(StockLevel).where(StockLevel.branch_id == branch_id, StockLevel.product_id.in_(sorted(product_ids)))
    locked = levels.order_by(StockLevel.product_id).with_for_update().execution_options(populate_existing=True)
    return {level.product_id: level.milli for level in session.scalars(locked)}


def _levels_in_scope(session: Session, count: StockCount) -> list[StockLevel]:
    levels = (
        select(StockLevel).where(StockLevel.branch_id == count.branch_id, StockLevel.milli != 0).order_by(StockLevel.product_id)
    )
    if count.group_id is not None:
        branch = session.get_one(Branch, count.branch_id)
        within = groups_within(branch.merchant_id, count.group_id)
        levels = levels.join(Product, Product.id == StockLevel.product_id).where(Product.group_id.in_(within))
    return list(session.scalars(levels.with_for_update(of=StockLevel)))
