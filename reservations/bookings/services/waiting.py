"""Waiting for a house that is full: join, leave, and be offered it in turn, as a hold with time to decide."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from kernel.outbox import publish
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.queries import lock_booking
from reservations.bookings.rules.states import State, content_hash, offer_until
from reservations.bookings.rules.waiting import Wish
from reservations.bookings.services.holding import Ask, Who, check_wanted, keep_spots, release, take_spots
from reservations.bookings.services.holding import house_of as house_of_wanted
from reservations.bookings.services.waiting_line import (
    A_TURN,
    line_of_lodging,
    offer_down,
    own_line,
    put_in_line,
    waiting_of_key,
)
from reservations.errors import FullyBooked, NotBookable, NothingToWaitFor, OthersWait, WaitingNotFound
from reservations.events import PlacesFreed
from reservations.lodging import queries as lodging
from reservations.lodging.models import Lodging
from reservations.lodging.rules import check_nights


def join(session: Session, identity: Identity, ask: Ask) -> Waiting:
    """Stand in line for rooms or beds: all of them or none. The same key again is the same place in line.

    Raises ClassNotFound, WrongNights, WrongCount, PartyDoesNotFit, NotBookable, NothingToWaitFor, WaitsAlready, OtherBooking.
    """
    again = waiting_of_key(session, identity, ask.key)
    if again is not None:
        return again
    house, classes = house_of_wanted(session, ask.wanted)
    check_nights(ask.nights, local_day(clock.now()))
    check_wanted(ask.wanted, classes)
    lodging.lock_classes(session, sorted(classes))
    _check_is_full(session, house, ask)
    waiting = Waiting(
        key=ask.key, lodging_id=house.id, holder_name=ask.holder_name, nights=Range(ask.nights.first, ask.nights.until)
    )
    wish = Wish(0, ask.wanted, ask.nights, ask.nights.arrival)
    return put_in_line(session, identity, waiting, wish, own_line(session, identity.person_id))


def _check_is_full(session: Session, house: Lodging, ask: Ask) -> None:
    """One waits for what may be booked, is taken now, and could all be free one day. Raises NotBookable, NothingToWaitFor."""
    places = lodging.places_of(session, [one.thing_id for one in ask.wanted], ask.nights)
    for one in ask.wanted:
        if places.get(one.thing_id, 0) < one.quantity:
            raise NothingToWaitFor(fault="never", most=places.get(one.thing_id, 0))
    try:
        with session.begin_nested():
            take_spots(session, house, ask.wanted, ask.nights, clock.now(), before=None)
    except (FullyBooked, OthersWait):
        return
    raise NothingToWaitFor(fault="free")


def own_waiting(session: Session, identity: Identity, waiting_id: int) -> Waiting:
    """Raises WaitingNotFound, for somebody else's too."""
    found = session.get(Waiting, waiting_id)
    if found is None or found.person_id != identity.person_id:
        raise WaitingNotFound(waiting_id=waiting_id)
    return found


def leave(session: Session, identity: Identity, waiting_id: int) -> Waiting:
    """Step out of any line; what was offered goes to the next. Again changes nothing. Raises WaitingNotFound."""
    waiting = own_waiting(session, identity, waiting_id)
    if waiting.booking_id is not None:
        booking = lock_booking(session, waiting.booking_id)
        if booking.state == State.HELD:
            booking.state, booking.held_until, booking.ended_at, booking.charged_rial = State.CANCELLED, None, clock.now(), 0
            release(session, booking, clock.now())
            publish(session, PlacesFreed(booking.id))
    session.refresh(waiting, with_for_update=True)
    if waiting.state in ("waiting", "offered"):
        waiting.state = "left"
        audit.record(session, identity.actor, "leave", "waiting", waiting.id)
    return waiting


def offer_freed(session: Session) -> int:
    """Offer what is free to those who wait for it, house by house, each line in its order. How many offers were made."""
    houses = select(Waiting.lodging_id).where(Waiting.state == "waiting", Waiting.lodging_id.is_not(None))
    numbers = session.scalars(houses.distinct().order_by(Waiting.lodging_id).limit(A_TURN)).all()
    return sum(offer_in_house(session, number) for number in numbers if number is not None)


def offer_in_house(session: Session, lodging_id: int) -> int:
    house, line = session.get_one(Lodging, lodging_id), line_of_lodging(session, lodging_id)
    lodging.lock_classes(session, sorted({one.thing_id for wish in line for one in wish.wanted}))
    return offer_down(session, line, lambda waiting, wish: _offer(session, house, waiting, wish))


def _offer(session: Session, house: Lodging, waiting: Waiting, wish: Wish) -> Booking | None:
    """A hold with time to decide; None where not all of it is there."""
    now = clock.now()
    if wish.nights is None:
        return None
    try:
        taken = take_spots(session, house, wish.wanted, wish.nights, now, before=wish.waiting_id)
    except (FullyBooked, OthersWait, NotBookable):
        return None
    who = Who(waiting.person_id, waiting.person_id, waiting.holder_name)
    content = content_hash("offer", waiting.id)
    return keep_spots(session, house, str(uuid4()), content, who, taken, now, offer_until(now, wish.starts_at))
