"""Sweeps: what a reader collects for a delivery or a stocktake becomes stock or a count, and tags become bound items."""

from collections import Counter
from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from merchants.catalogue.models import Product
from merchants.catalogue.rules.quantities import WHOLE
from merchants.models import Branch
from merchants.stock.errors import CountIsClosed, DeliveryIsReceived, NotYourCount
from merchants.stock.models import Delivery, StockCount
from merchants.stock.rules import CountState, Line
from merchants.stock.services.counting import count_goods
from merchants.stock.services.receiving import receive_delivery
from merchants.tags.errors import ReaderNotFound, SweepIsClosed, TagIsBound, TagOfOtherGoods
from merchants.tags.models import Tag, TagReader, TagSweep
from merchants.tags.queries import expected_of, missing_tags, open_sweeps, reads_of, tags_of_numbers
from merchants.tags.rules import Number, tag_number

MOST_GONE = 10_000


def bind_tags(session: Session, actor: Actor, branch: Branch, product: Product, numbers: Collection[str]) -> list[Tag]:
    """Say that these tags are on items of a product, in a branch; a number that is bound to it already stays as it is.

    Raises WrongTagNumber, TagOfOtherGoods, TagIsBound.
    """
    read = [tag_number(number) for number in numbers]
    for number in read:
        if number.gtin is not None and number.gtin != product.code_key:
            raise TagOfOtherGoods(field="numbers", number=number.text)
    bound = _bind(session, branch, {number.text: (number, product.id) for number in read})
    audit.record(session, actor, "bind", "product", product.id, after={"tags": len(bound), "branch_id": branch.id})
    return bound


def begin_sweep(session: Session, identity: Identity, reader: TagReader, purpose: Delivery | StockCount) -> TagSweep:
    """Let a reader collect for an open delivery or for one's own open count in its branch; the one under way goes on.

    Raises ReaderNotFound for a reader of another branch or a stopped one, DeliveryIsReceived, CountIsClosed, NotYourCount.
    """
    if reader.branch_id != purpose.branch_id or reader.stopped_at is not None:
        raise ReaderNotFound
    is_delivery = isinstance(purpose, Delivery)
    if isinstance(purpose, Delivery):
        if purpose.received_at is not None:
            raise DeliveryIsReceived
    elif purpose.state != CountState.COUNTING:
        raise CountIsClosed
    elif purpose.counted_by != identity.person_id:
        raise NotYourCount
    column = TagSweep.delivery_id if is_delivery else TagSweep.count_id
    standing = next((sweep for sweep in open_sweeps(session, reader.id) if getattr(sweep, column.key) == purpose.id), None)
    if standing is not None:
        return standing
    sweep = TagSweep(branch_id=reader.branch_id, reader_id=reader.id, begun_at=clock.now(), **{column.key: purpose.id})
    session.add(sweep)
    session.flush()
    audit.record(session, identity.actor, "begin", "tag_sweep", sweep.id, after={column.key: purpose.id, "reader_id": reader.id})
    return sweep


def close_sweep(session: Session, identity: Identity, sweep: TagSweep) -> None:
    """End the collecting: a delivery is received as it was read, a count gets what was read. The row is locked by the caller.

    Numbers of the shop's goods that were not bound before are bound now.
    """
    if sweep.closed_at is not None:
        raise SweepIsClosed
    reads = reads_of(session, sweep.id)
    branch = session.get_one(Branch, sweep.branch_id)
    _bind(session, branch, {read.number: (tag_number(read.number), read.product_id) for read in reads if read.product_id})
    items = Counter(read.product_id for read in reads if read.product_id is not None)
    sweep.closed_at = clock.now()
    session.flush()
    if sweep.delivery_id is not None:
        delivery = session.scalars(select(Delivery).where(Delivery.id == sweep.delivery_id).with_for_update()).one()
        came = {product: items[product] * WHOLE for product in expected_of(session, sweep)}
        receive_delivery(session, identity.actor, delivery, came)
    elif items:
        count = session.scalars(select(StockCount).where(StockCount.id == sweep.count_id).with_for_update()).one()
        count_goods(session, identity, count, [Line(product, number * WHOLE) for product, number in items.items()])
    audit.record(session, identity.actor, "close", "tag_sweep", sweep.id, after={"read": len(reads), "items": sum(items.values())})


def let_go_missing(session: Session, actor: Actor, sweep: TagSweep) -> int:
    """Note that the items a closed stocktake did not see have left the shop; how many."""
    if sweep.closed_at is None or sweep.count_id is None:
        raise SweepIsClosed
    gone = missing_tags(session, sweep, limit=MOST_GONE)
    for row in gone:
        row.tag.left_at = clock.now()
    audit.record(session, actor, "let_go", "tag_sweep", sweep.id, after={"tags": len(gone)})
    return len(gone)


def _bind(session: Session, branch: Branch, wanted: dict[str, tuple[Number, int]]) -> list[Tag]:
    """One row a number in a shop; an item that had left and is read again is back. Raises TagIsBound."""
    session.execute(select(Branch.id).where(Branch.id == branch.id).with_for_update())
    known = tags_of_numbers(session, branch.merchant_id, wanted)
    bound, now = [], clock.now()
    for text, (number, product_id) in sorted(wanted.items()):
        tag = known.get(text)
        if tag is None:
            tag = Tag(
                merchant_id=branch.merchant_id,
                product_id=product_id,
                scheme=number.scheme,
                number=text,
                bound_at=now,
                branch_id=branch.id,
            )
            session.add(tag)
        elif tag.product_id != product_id:
            raise TagIsBound(field="numbers", number=text)
        tag.branch_id, tag.left_at = branch.id, None
        bound.append(tag)
    session.flush()
    return bound
