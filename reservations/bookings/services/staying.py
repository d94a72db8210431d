"""The desk of a house: letting in, changing rooms, leaving, early too."""

from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import end_of_day, local_day
from kernel.outbox import publish
from reservations.bookings.models import Booking, BookingLine, Occupation
from reservations.bookings.queries import desk_booking, nights_of_booking
from reservations.bookings.rules.states import State, night_totals
from reservations.bookings.services.holding import release
from reservations.bookings.services.paying import give_back
from reservations.errors import (
    BookingInOtherState,
    BookingMoved,
    BookingNotFound,
    FullyBooked,
    PartyDoesNotFit,
    RestIsDue,
    TooEarly,
)
from reservations.events import PlacesFreed
from reservations.lodging import queries as lodging
from reservations.lodging.models import LodgingClass, Unit
from reservations.lodging.rules import ForWhom, Lets, Nights, Party, freed_rial, misfit, refund_rial, terms_of


def check_in(session: Session, identity: Identity, booking_id: int, *, rest_in_cash: bool = False) -> Booking:
    """The guests are here. Again changes nothing. `rest_in_cash` says that the desk was paid the rest outside the card.

    Raises BookingNotFound, BookingInOtherState, TooEarly, RestIsDue.
    """
    booking = desk_booking(session, identity, booking_id, lock=True)
    if booking.state == State.ARRIVED:
        return booking
    if booking.state != State.CONFIRMED:
        raise BookingInOtherState(state=booking.state)
    first, now = local_day(booking.starts_at), clock.now()
    if local_day(now) < first:
        raise TooEarly(day=first)
    rest = booking.charged_rial - booking.paid_rial
    if rest and not rest_in_cash:
        raise RestIsDue(rest_rial=rest)
    booking.state, booking.arrived_at, booking.charged_rial = State.ARRIVED, now, booking.paid_rial
    audit.record(session, identity.actor, "check_in", "booking", booking.id, after={"rest_in_cash_rial": rest})
    return booking


def check_out(session: Session, identity: Identity, booking_id: int) -> Booking:
    """The guests leave. The nights they do not sleep are free from tonight on, and their price goes back as the terms say.

    Last before the commit of its unit of work. Raises BookingNotFound, BookingInOtherState, PostingRefused, LedgerBusy.
    """
    booking = desk_booking(session, identity, booking_id, lock=True)
    if booking.state == State.LEFT:
        return booking
    if booking.state != State.ARRIVED:
        raise BookingInOtherState(state=booking.state)
    now = clock.now()
    nights, today = nights_of_booking(booking), local_day(now)
    back = early_refund(session, booking, today)
    booking.state, booking.ended_at = State.LEFT, now
    booking.charged_rial = booking.paid_rial - back
    session.flush()
    if nights is not None:
        _shorten(session, booking, nights, today)
    release(session, booking, now)
    audit.record(session, identity.actor, "check_out", "booking", booking.id, after={"refund_rial": back})
    publish(session, PlacesFreed(booking.id))
    give_back(session, booking, back)
    return booking


def early_refund(session: Session, booking: Booking, today: date) -> int:
    """What goes back when the guests leave today: nothing for a night that has begun."""
    nights = nights_of_booking(booking)
    if nights is None or today >= nights.until:
        return 0
    stayed = max(1, (today - nights.first).days)
    lines = session.scalars(select(BookingLine.prices).where(BookingLine.booking_id == booking.id)).all()
    freed = freed_rial(terms_of(booking.terms), night_totals(lines), stayed)
    return refund_rial(max(0, booking.charged_rial - freed), booking.paid_rial)


def _shorten(session: Session, booking: Booking, nights: Nights, today: date) -> None:
    """The books keep the nights that were slept."""
    if today >= nights.until:
        return
    until = max(today, nights.first + timedelta(days=1))
    booking.nights, booking.ends_at = Range(nights.first, until), end_of_day(until)
    live = (Occupation.booking_id == booking.id) & Occupation.released_at.is_(None)
    for kept in session.scalars(select(Occupation).where(live)):
        if kept.nights.lower is not None and kept.nights.lower < until:
            kept.nights = Range(kept.nights.lower, until)
    session.flush()


def change_room(session: Session, identity: Identity, booking_id: int, occupation_id: int, unit_id: int) -> Occupation:
    """Move one room or bed of a booking to another unit of the house, for tonight and what follows. The price stays.

    Raises BookingNotFound, BookingInOtherState, FullyBooked, PartyDoesNotFit, BookingMoved.
    """
    booking = desk_booking(session, identity, booking_id)
    target = session.get(Unit, unit_id)
    kept = session.get(Occupation, occupation_id)
    if kept is None or kept.booking_id != booking.id or target is None or target.lodging_id != booking.lodging_id:
        raise BookingNotFound(booking_id=booking_id)
    [of] = lodging.lock_classes(session, [target.class_id])
    booking = desk_booking(session, identity, booking_id, lock=True)
    session.refresh(kept)
    if booking.state not in (State.CONFIRMED, State.ARRIVED):
        raise BookingInOtherState(state=booking.state)
    if kept.released_at is not None or kept.nights.lower is None or kept.nights.upper is None:
        raise BookingMoved
    first = max(kept.nights.lower, local_day(clock.now())) if booking.state == State.ARRIVED else kept.nights.lower
    rest = Nights(first, kept.nights.upper)
    _check_move(session, kept, of, target)
    spots = [spot for spot in lodging.free_spots(session, [of.id], rest, clock.now()) if spot.unit_id == target.id]
    if not spots or not len(rest):
        raise FullyBooked(free=0, asked=1)
    return _move(session, identity, booking, kept, rest, spots[0])


def _check_move(session: Session, kept: Occupation, of: LodgingClass, target: Unit) -> None:
    """A room for a room of no fewer people, a bed for a bed, among people who may sleep there. Raises PartyDoesNotFit."""
    line = session.get_one(BookingLine, kept.line_id)
    party = Party(line.men, line.women, line.children)
    was = session.get_one(LodgingClass, line.class_id)
    rooms = -(-party.people // of.people) if of.lets == Lets.ROOM else party.people
    fault = misfit(ForWhom(of.for_whom), Lets(of.lets), of.people, rooms, party)
    if fault is not None or of.lets != was.lets or of.people < min(was.people, party.people):
        raise PartyDoesNotFit(fault=fault or "room", field="unit_id")


def _move(session: Session, identity: Identity, booking: Booking, kept: Occupation, rest: Nights, spot: lodging.Spot) -> Occupation:
    if kept.nights.lower == rest.first:
        kept.released_at = clock.now()
    else:
        kept.nights = Range(kept.nights.lower, rest.first)
    session.flush()
    moved = Occupation(
        booking_id=booking.id, line_id=kept.line_id, unit_id=spot.unit_id, bed=spot.bed, nights=Range(rest.first, rest.until)
    )
    session.add(moved)
    session.flush()
    facts = {"unit_id": spot.unit_id, "bed": spot.bed, "first": str(rest.first)}
    audit.record(session, identity.actor, "change_room", "booking", booking.id, before={"unit_id": kept.unit_id}, after=facts)
    publish(session, PlacesFreed(booking.id))
    return moved
