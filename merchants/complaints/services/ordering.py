"""Orders of refund: one person of the union orders, a second one confirms or the shop consents, and the card has its money.

What is paid stays paid: a shop that appeals and is right is made good by the union that ordered, never by the pilgrim.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.ledger.types import Source
from cardbank.outcomes import Purchase, purchase_of_entry
from cardbank.services import DESK_DEADLINE, request_key
from identity.permissions import Identity
from kernel import clock
from kernel.settings import load_settings
from merchants.complaints import queries
from merchants.complaints.errors import (
    AppealNotPossible,
    ComplaintMovedOn,
    ComplaintNotFound,
    OrderDecided,
    OrderNeedsSecondPerson,
    OrderNotFound,
    OrderNotPaid,
    OrderNotPossible,
)
from merchants.complaints.models import Complaint, RefundOrder
from merchants.complaints.notices import ORDERED, REFUNDED
from merchants.complaints.rules import (
    Audience,
    OrderState,
    Party,
    check_order,
    is_lapsed,
    may_appeal,
    typed_words,
)
from merchants.complaints.services.handling import check_not_own
from merchants.complaints.services.thread import note, tell_complainant, tell_shop
from merchants.models import Merchant
from merchants.queries import terminal_profile, terminals_by_id
from merchants.sales.counter import at_once, desk_office
from merchants.sales.rules import Refund
from merchants.sales.services import refund_sale
from merchants.till.rules import content_hash


@dataclass(frozen=True, slots=True)
class Asked:
    """An order as its form has it; `key` is a UUID of version 7, under which the bank is asked for the refund."""

    key: str
    amount_rial: int
    why: str


def order_refund(session: Session, identity: Identity, complaint_id: int, asked: Asked) -> RefundOrder:
    """Order a part of a purchase, or what is left of it, back to the card. The same form sent again is the same order.

    Raises ComplaintNotFound, OwnComplaint, ComplaintMovedOn, OrderNotPossible, OrderAmountWrong, ComplaintWordsMissing,
    WrongRequestKey.
    """
    complaint = _of_union(session, identity, complaint_id)
    stands = queries.order_of(session, complaint_id)
    if stands is not None and stands.key == asked.key:
        return stands
    if complaint.closed_at is not None:
        raise ComplaintMovedOn(state=complaint.state)
    check_order(asked.amount_rial, _purchase(session, complaint).left_rial)
    request_key(Source.DESK, 0, asked.key)
    facts = {
        "key": asked.key, "complaint_id": complaint_id, "amount_rial": asked.amount_rial, "why": typed_words(asked.why, "why"),
        "ordered_by": identity.person_id, "ordered_at": clock.now(),
    }  # fmt: skip
    made = session.scalar(insert(RefundOrder).values(facts).on_conflict_do_nothing().returning(RefundOrder.id))
    if made is None:
        raise OrderNotPossible(fault="stands")
    order = session.get_one(RefundOrder, made)
    complaint.changed_at = clock.now()
    note(session, complaint, str(uuid4()), identity.actor, Party.UNION, "order", order.why, Audience.SHOP)
    amount = {"amount": order.amount_rial}
    tell_shop(session, complaint, _owner(session, complaint), ORDERED, amount, f"order-{order.id}")
    return order


def withdraw_order(session: Session, identity: Identity, order_id: int, why: str) -> RefundOrder:
    """Anybody of the union may, as long as it is not paid. Raises OrderNotFound, OrderDecided, OwnComplaint, ComplaintWordsMissing."""
    order, complaint = _order_of_union(session, identity, order_id)
    _check_proposed(order)
    order.state = OrderState.WITHDRAWN
    words = typed_words(why, "why")
    note(session, complaint, str(uuid4()), identity.actor, Party.UNION, "withdraw order", words, Audience.SHOP)
    return order


def confirm_order(session: Session, identity: Identity, order_id: int) -> RefundOrder:
    """The second person of the union: the refund is paid. Again: the order as it stands, paid once.

    Last before the commit. Raises OrderNotFound, OrderNeedsSecondPerson, OrderDecided, OrderNotPossible (lapsed), OrderNotPaid,
    OwnComplaint.
    """
    order, complaint = _order_of_union(session, identity, order_id)
    if order.ordered_by == identity.person_id:
        raise OrderNeedsSecondPerson
    order.confirmed_by = identity.person_id if order.paid_at is None else order.confirmed_by
    return _pay(session, identity, order, complaint, Party.UNION)


def consent(session: Session, identity: Identity, order_id: int) -> RefundOrder:
    """The shop gives the money back of its own accord, which needs no second person. Raises as `confirm_order`."""
    order, complaint = _order_of_shop(session, identity, order_id)
    return _pay(session, identity, order, complaint, Party.SHOP)


def appeal(session: Session, identity: Identity, order_id: int, words: str) -> RefundOrder:
    """The shop brings a paid order before the municipality. Raises OrderNotFound, AppealNotPossible, ComplaintWordsMissing."""
    order, complaint = _order_of_shop(session, identity, order_id)
    days, now = load_settings().refund_appeal_days, clock.now()
    is_consented = order.confirmed_by is None
    if is_consented or complaint.municipality_id is None or not may_appeal(OrderState(order.state), order.paid_at, now, days):
        raise AppealNotPossible(days=days)
    order.state, order.appealed_at, order.appeal = OrderState.APPEALED, now, typed_words(words, "words")
    note(session, complaint, str(uuid4()), identity.actor, Party.SHOP, "appeal", order.appeal, Audience.SHOP)
    return order


def answer_appeal(session: Session, identity: Identity, order_id: int, *, is_upheld: bool, words: str) -> RefundOrder:
    """The municipality finds for the union or for the shop. Raises OrderNotFound, OrderDecided, OwnComplaint, ComplaintWordsMissing."""
    office = queries.office_of(identity)
    if office is None or office.party is not Party.MUNICIPALITY:
        raise OrderNotFound
    order, complaint = _held(session, order_id, lambda number: queries.handled(session, office, number, lock=True))
    check_not_own(session, identity, complaint)
    if order.state != OrderState.APPEALED:
        raise OrderDecided(state=order.state)
    order.state, order.found = OrderState.UPHELD if is_upheld else OrderState.OVERTURNED, typed_words(words, "words")
    act = "uphold order" if is_upheld else "overturn order"
    note(session, complaint, str(uuid4()), identity.actor, Party.MUNICIPALITY, act, order.found, Audience.SHOP)
    return order


def _pay(session: Session, identity: Identity, order: RefundOrder, complaint: Complaint, party: Party) -> RefundOrder:
    if order.paid_at is not None:
        return order
    _check_proposed(order)
    now = clock.now()
    if is_lapsed(order.ordered_at, now):
        raise OrderNotPossible(fault="lapsed")
    purchase = _purchase(session, complaint)
    outcome = at_once(refund_sale(desk_office(session, load_settings()), _refund(session, order, purchase)))
    answer = outcome.answer
    if not answer.reason.is_approved:
        raise OrderNotPaid(reason=answer.reason)
    order.state, order.paid_at = OrderState.PAID, now
    order.paid_on, order.paid_entry_id = answer.business_date, answer.entry_id
    complaint.changed_at, complaint.version = now, complaint.version + 1
    note(session, complaint, str(uuid4()), identity.actor, party, "pay order", "", Audience.ALL)
    tell_complainant(session, complaint, REFUNDED, {"amount": order.amount_rial})
    return order


def _refund(session: Session, order: RefundOrder, purchase: Purchase) -> Refund:
    """As if the goods were brought back to the till that sold them. Raises OrderNotPossible."""
    till = terminals_by_id(session, [purchase.terminal_id]).get(purchase.terminal_id) if purchase.terminal_id is not None else None
    profile = terminal_profile(session, till.code) if till is not None else None
    if profile is None:
        raise OrderNotPossible(fault="purchase")
    original, now = (purchase.business_date, purchase.entry_id), clock.now()
    return Refund(
        key=request_key(Source.DESK, 0, order.key), content_hash=content_hash("order", *original, order.amount_rial), content_time="",
        terminal=profile, original=original, amount_rial=order.amount_rial, received_at=now, deadline=now + DESK_DEADLINE, is_repeat=True,
    )  # fmt: skip


def _purchase(session: Session, complaint: Complaint) -> Purchase:
    """Raises OrderNotPossible where there is none, or it was paid at no till."""
    day, entry_id = complaint.business_date, complaint.entry_id
    found = purchase_of_entry(session, day, entry_id) if day is not None and entry_id is not None else None
    if found is None or found.terminal_id is None:
        raise OrderNotPossible(fault="purchase")
    return found


def _of_union(session: Session, identity: Identity, complaint_id: int) -> Complaint:
    """Raises ComplaintNotFound for who is not of the union, OwnComplaint."""
    office = queries.office_of(identity)
    if office is None or office.party is not Party.UNION:
        raise ComplaintNotFound
    complaint = queries.handled(session, office, complaint_id, lock=True)
    check_not_own(session, identity, complaint)
    return complaint


def _order_of_union(session: Session, identity: Identity, order_id: int) -> tuple[RefundOrder, Complaint]:
    return _held(session, order_id, lambda complaint_id: _of_union(session, identity, complaint_id))


def _order_of_shop(session: Session, identity: Identity, order_id: int) -> tuple[RefundOrder, Complaint]:
    return _held(session, order_id, lambda complaint_id: queries.of_shop(session, identity, complaint_id, lock=True))


def _held(session: Session, order_id: int, hold: Callable[[int], Complaint]) -> tuple[RefundOrder, Complaint]:
    """An order as it stands once its complaint is held. Raises OrderNotFound, also where the complaint is not one's own."""
    order = session.get(RefundOrder, order_id)
    if order is None:
        raise OrderNotFound
    try:
        complaint = hold(order.complaint_id)
    except ComplaintNotFound:
        raise OrderNotFound from None
    session.refresh(order)
    return order, complaint


def _check_proposed(order: RefundOrder) -> None:
    if order.state != OrderState.PROPOSED:
        raise OrderDecided(state=order.state)


def _owner(session: Session, complaint: Complaint) -> int:
    return session.get_one(Merchant, complaint.merchant_id).organisation_id
