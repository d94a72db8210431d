"""Cancelling, running out and not coming: places are free at once, and what goes back is back at once."""

from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.outbox import publish
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.queries import cancelling_costs, desk_booking, is_called_off, own_booking
from reservations.bookings.rules.states import State
from reservations.bookings.services.holding import end_hold, release
from reservations.bookings.services.paying import give_back
from reservations.errors import BookingInOtherState, CalledOff, TooEarly
from reservations.events import BookingCancelled, PlacesFreed, ProgrammeCalledOff
from reservations.lodging.rules import BASIS, refund_rial, terms_of

A_SWEEP = 200


def cancel(session: Session, identity: Identity, booking_id: int) -> Booking:
    """Give everything up under the terms that were agreed; what is due goes back to the same purses. Once, however often.

    Of a date that does not take place all of it goes back.

    Last before the commit of its unit of work. Raises BookingNotFound, BookingInOtherState, PostingRefused, LedgerBusy.
    """
    booking = own_booking(session, identity, booking_id, lock=True)
    if booking.state in (State.CANCELLED, State.EXPIRED):
        return booking
    if booking.state not in (State.HELD, State.CONFIRMED):
        raise BookingInOtherState(state=booking.state)
    if is_called_off(session, booking):
        end(session, identity.actor, booking, State.CANCELLED, ProgrammeCalledOff(booking.id, booking.paid_rial))
        return booking
    _, back = cancelling_costs(booking, clock.now())
    end(session, identity.actor, booking, State.CANCELLED, BookingCancelled(booking.id, back))
    return booking


def mark_no_show(session: Session, identity: Identity, booking_id: int) -> Booking:
    """Nobody came: the places are free from tonight on, and the house keeps what the terms say. From the next morning on.

    Raises BookingNotFound, BookingInOtherState, CalledOff, TooEarly, PostingRefused, LedgerBusy.
    """
    booking = desk_booking(session, identity, booking_id, lock=True)
    if booking.state == State.NO_SHOW:
        return booking
    if booking.state != State.CONFIRMED:
        raise BookingInOtherState(state=booking.state)
    if is_called_off(session, booking):
        raise CalledOff
    morning = local_day(booking.starts_at) + timedelta(days=1)
    if local_day(clock.now()) < morning:
        raise TooEarly(day=morning)
    kept = booking.charged_rial * terms_of(booking.terms).late_basis_points // BASIS
    back = refund_rial(kept, booking.paid_rial)
    end(session, identity.actor, booking, State.NO_SHOW, BookingCancelled(booking.id, back))
    return booking


def end(session: Session, actor: Actor, booking: Booking, state: State, told: BookingCancelled | ProgrammeCalledOff) -> None:
    """End a locked booking; `told` says what goes back. Last before the commit of its unit of work."""
    before, now, back = booking.state, clock.now(), told.refund_rial
    booking.state, booking.held_until, booking.ended_at = state, None, now
    booking.charged_rial = booking.paid_rial - back
    session.flush()
    release(session, booking, now)
    offered = (Waiting.booking_id == booking.id) & (Waiting.state == "offered")
    session.execute(update(Waiting).where(offered).values(state="left"))
    audit.record(session, actor, state, "booking", booking.id, before={"state": before}, after={"refund_rial": back})
    publish(session, told)
    publish(session, PlacesFreed(booking.id))
    give_back(session, booking, back)


def end_holds(session: Session) -> int:
    """Let holds run out whose time is over: they hold nothing since, now the books say so. How many."""
    now = clock.now()
    over = (
        select(Booking)
        .where(Booking.state == State.HELD, Booking.held_until <= now)
        .order_by(Booking.id)
        .limit(A_SWEEP)
        .with_for_update(skip_locked=True)
    )
    return sum(end_hold(session, booking, now) for booking in session.scalars(over))
