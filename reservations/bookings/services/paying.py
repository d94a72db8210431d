"""Paying by card in the booking's own transaction, and giving back to the purses that paid."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from cardbank.cards.queries import card_profile
from cardbank.cards.rules import CardProfile, refusal_of_card
from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused
from cardbank.ledger import services as ledger
from cardbank.ledger.types import RIAL, Answer, EntryKind, Key, Original, PostingRequest, Source
from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from kernel.outbox import publish
from merchants.models import Merchant
from reservations.bookings.models import Booking, BookingPayment, Occupation, Waiting
from reservations.bookings.queries import DESK, due_rial, own_booking, payments_of
from reservations.bookings.rules.states import State, content_hash, has_ended
from reservations.errors import BookingInOtherState, HoldHasEnded, NothingDue, OtherBooking
from reservations.events import BookingConfirmed
from reservations.programmes.models import Seating
from reservations.programmes.queries import lock_takes_place

DEADLINE = timedelta(seconds=10)


def pay(session: Session, identity: Identity, booking_id: int, card_id: int | None, key: str) -> Booking:
    """Pay what is due by card and confirm a hold; what costs nothing is confirmed without one. The same key pays once.

    Last before the commit of its unit of work: the booking and its money stand together or not at all. Raises BookingNotFound,
    HoldHasEnded, NothingDue, BookingInOtherState, CalledOff, OtherBooking, CardNotFound, CardNotUsable, PostingRefused,
    LedgerBusy.
    """
    booking = own_booking(session, identity, booking_id, lock=True)
    paid = session.scalar(select(BookingPayment).where(BookingPayment.key == key))
    if paid is not None:
        if paid.booking_id != booking.id:
            raise OtherBooking
        return booking
    now, due = clock.now(), due_rial(booking)
    if booking.state == State.HELD and has_ended(booking.held_until, now):
        raise HoldHasEnded
    if booking.state not in (State.HELD, State.CONFIRMED, State.ARRIVED):
        raise BookingInOtherState(state=booking.state)
    if booking.state != State.HELD and not due:
        raise NothingDue
    if booking.session_id is not None:
        lock_takes_place(session, booking.session_id)
    _confirm(session, booking)
    audit.record(session, identity.actor, "pay", "booking", booking.id, after={"amount_rial": due})
    if due:
        card = usable_card(session, identity, booking, card_id)
        _charge(session, booking, card, due, key)
    return booking


def _confirm(session: Session, booking: Booking) -> None:
    """What was held is kept for good."""
    if booking.state != State.HELD:
        return
    booking.state, booking.held_until, booking.confirmed_at = State.CONFIRMED, None, clock.now()
    session.flush()
    kept = Occupation if booking.session_id is None else Seating
    session.execute(update(kept).where(kept.booking_id == booking.id, kept.released_at.is_(None)).values(held_until=None))
    session.execute(update(Waiting).where(Waiting.booking_id == booking.id).values(state="taken"))
    publish(session, BookingConfirmed(booking.id))


def usable_card(session: Session, identity: Identity, booking: Booking, card_id: int | None) -> CardProfile:
    """The payer's own card, or any that is presented at the desk. Raises CardNotFound, CardNotUsable."""
    card = card_profile(session, card_id or 0)
    may_use = card is not None and (card.person_id == identity.person_id or identity.can(DESK, booking.organisation_id))
    if card is None or card.wallet_id is None or not may_use:
        raise CardNotFound(card_id=card_id)
    refusal = refusal_of_card(card, local_day(clock.now()))
    if refusal is not None:
        raise CardNotUsable(reason=refusal)
    return card


def _charge(session: Session, booking: Booking, card: CardProfile, amount_rial: int, key: str) -> None:
    shop = session.get_one(Merchant, booking.merchant_id)
    payment = BookingPayment(booking_id=booking.id, key=key, amount_rial=amount_rial, card_id=card.card_id, made_at=clock.now())
    session.add(payment)
    booking.paid_rial += amount_rial
    session.flush()
    request = _request(payment, EntryKind.PURCHASE, card.wallet_id or 0, card.member_id, shop.wallet_id, card.purchase_limit_rial)
    _post(session, [payment], [request])


def give_back(session: Session, booking: Booking, amount_rial: int) -> None:
    """Return money to the purses that paid it, of the newest payment first. Last before the commit of its unit of work.

    Raises PostingRefused, LedgerBusy.
    """
    payments = payments_of(session, booking.id)
    shop_wallet_id = session.scalar(select(Merchant.wallet_id).where(Merchant.id == booking.merchant_id))
    rows: list[BookingPayment] = []
    requests = []
    for payment in reversed([one for one in payments if one.of_id is None]):
        left = payment.amount_rial - sum(one.amount_rial for one in payments if one.of_id == payment.id)
        part = min(left, amount_rial)
        if not part or payment.business_date is None or payment.entry_id is None:
            continue
        card = card_profile(session, payment.card_id)
        row = BookingPayment(
            booking_id=booking.id, of_id=payment.id, amount_rial=part, card_id=payment.card_id, made_at=clock.now()
        )
        session.add(row)
        session.flush()
        original = Original(None, (payment.business_date, payment.entry_id), None)
        wallet_id = card.wallet_id if card is not None else None
        requests.append(_request(row, EntryKind.REFUND, wallet_id or 0, None, shop_wallet_id, None, original))
        rows.append(row)
        amount_rial -= part
        booking.paid_rial -= part
    session.flush()
    _post(session, rows, requests)


def _request(
    row: BookingPayment,
    kind: EntryKind,
    wallet_id: int,
    member_id: int | None,
    shop_wallet_id: int | None,
    limit_rial: int | None,
    original: Original | None = None,
) -> PostingRequest:
    return PostingRequest(
        key=Key(row.made_at.date(), Source.TASK, row.id, "booking"),
        content_hash=content_hash("booking", row.booking_id, row.of_id, row.amount_rial, row.card_id),
        kind=kind,
        wallet_id=wallet_id,
        member_id=member_id,
        card_id=row.card_id,
        shop_id=shop_wallet_id,
        terminal_id=None,
        terminal_batch=None,
        unit=RIAL,
        amount=row.amount_rial,
        effective_at=row.made_at,
        deadline=row.made_at + DEADLINE,
        original=original,
        limit_amount=limit_rial,
    )


def _post(session: Session, rows: list[BookingPayment], requests: list[PostingRequest]) -> list[Answer]:
    if not requests:
        return []
    answers = ledger.post(session, requests)
    refused = next((answer for answer in answers if not answer.reason.is_approved), None)
    if refused is not None:
        raise PostingRefused(reason=refused.reason)
    for row, answer in zip(rows, answers, strict=True):
        row.business_date, row.entry_id = answer.business_date, answer.entry_id
    session.flush()
    return answers
