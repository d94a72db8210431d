"""Deliveries: the supplier's note is entered, and what really came becomes stock."""

from collections.abc import Iterable, Mapping
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from merchants.queries import lock_open_branch
from merchants.stock.errors import DeliveryIsReceived, SupplierMissing
from merchants.stock.models import Delivery, DeliveryLine, StockMovement
from merchants.stock.rules import Kind, Line, gathered
from merchants.stock.services.moving import Move, move

MOST_SUPPLIER = 40


def enter_delivery(
    session: Session, actor: Actor, branch_id: int, supplier: str, number: str, lines: Iterable[Line], key: str
) -> Delivery:
    """Write down what a supplier's note says. The same key again is the same delivery. Raises SupplierMissing, NothingMoved,
    BranchIsClosed.
    """
    supplier, number = (" ".join(text.split()) for text in (supplier, number))
    for field, text in (("supplier", supplier), ("number", number)):
        if not 0 < len(text) <= MOST_SUPPLIER:
            raise SupplierMissing(field=field, most=MOST_SUPPLIER)
    known = session.scalar(select(Delivery).where(Delivery.key == key))
    if known is not None:
        return known
    noted = gathered(lines)
    lock_open_branch(session, branch_id)
    delivery = Delivery(
        key=key, branch_id=branch_id, supplier=supplier, number=number, entered_at=clock.now(), sign_in_id=actor.account_id
    )
    session.add(delivery)
    session.flush()
    session.add_all(
        DeliveryLine(delivery_id=delivery.id, product_id=product, noted_milli=milli) for product, milli in noted.items()
    )
    session.flush()
    facts = {"branch_id": branch_id, "supplier": supplier, "number": number, "products": len(noted)}
    audit.record(session, actor, "enter", "delivery", delivery.id, after=facts)
    return delivery


def receive_delivery(session: Session, actor: Actor, delivery: Delivery, came: Mapping[int, int]) -> list[StockMovement]:
    """Take in what came of each noted product, all of it where nothing is said. The delivery's row is locked by the caller.

    Raises DeliveryIsReceived.
    """
    if delivery.received_at is not None:
        raise DeliveryIsReceived
    lines = session.scalars(
        select(DeliveryLine).where(DeliveryLine.delivery_id == delivery.id).order_by(DeliveryLine.product_id)
    ).all()
    for line in lines:
        line.received_milli = came.get(line.product_id, line.noted_milli)
    delivery.received_at = clock.now()
    session.flush()
    changes = {line.product_id: line.received_milli for line in lines if line.received_milli}
    moved = move(session, actor, Move(delivery.branch_id, Kind.INTAKE, _key(delivery), delivery.number), changes) if changes else []
    short = sum(line.received_milli != line.noted_milli for line in lines)
    audit.record(session, actor, "receive", "delivery", delivery.id, after={"products": len(changes), "differing": short})
    return moved


def _key(delivery: Delivery) -> str:
    return str(uuid5(NAMESPACE_OID, f"delivery {delivery.id}"))
