"""Waiting for what is full: join, leave, and be offered it in turn, as a hold with time to decide."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.outbox import publish
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.queries import lock_booking, name_of_person
from reservations.bookings.rules.states import MOST_NAME, State, content_hash, offer_until
from reservations.bookings.rules.waiting import Wish, is_behind
from reservations.bookings.services.holding import Ask, Who, check_wanted, keep_spots, release, take_spots
from reservations.bookings.services.holding import house_of as house_of_wanted
from reservations.bookings.services.waiting_line import line_of_lodging, wish_of
from reservations.errors import (
    FullyBooked,
    NotBookable,
    NothingToWaitFor,
    OtherBooking,
    OthersWait,
    WaitingNotFound,
    WaitsAlready,
)
from reservations.events import PlacesFreed, PlacesOffered
from reservations.lodging import queries as lodging
from reservations.lodging.models import Lodging
from reservations.lodging.rules import check_nights

LIST = Actor.system("waiting list")
A_TURN = 100  # lines looked at in one transaction


def join(session: Session, identity: Identity, ask: Ask) -> Waiting:
    """Stand in line for rooms or beds: all of them or none. The same key again is the same place in line.

    Raises ClassNotFound, WrongNights, WrongCount, PartyDoesNotFit, NotBookable, NothingToWaitFor, WaitsAlready, OtherBooking.
    """
    found = session.scalar(select(Waiting).where(Waiting.key == ask.key))
    if found is not None:
        if found.person_id != identity.person_id:
            raise OtherBooking
        return found
    now = clock.now()
    house, classes = house_of_wanted(session, ask.wanted)
    check_nights(ask.nights, local_day(now))
    check_wanted(ask.wanted, classes)
    lodging.lock_classes(session, sorted(classes))
    _check_is_full(session, house, ask)
    if any(wish.competes_with(_wish(ask)) for wish in _own_line(session, identity.person_id)):
        raise WaitsAlready
    waiting = Waiting(
        key=ask.key, lodging_id=house.id, person_id=identity.person_id,
        holder_name=(ask.holder_name.strip() or name_of_person(session, identity.person_id, identity.language))[:MOST_NAME],
        nights=Range(ask.nights.first, ask.nights.until), wanted=kept_wanted(ask), state="waiting", made_at=now,
    )  # fmt: skip
    session.add(waiting)
    session.flush()
    audit.record(session, identity.actor, "join", "waiting", waiting.id, after={"lodging_id": house.id})
    return waiting


def kept_wanted(ask: Ask) -> list[list[int]]:
    return [[one.thing_id, one.quantity, one.party.men, one.party.women, one.party.children] for one in ask.wanted]


def _wish(ask: Ask) -> Wish:
    return Wish(0, ask.wanted, ask.nights, ask.nights.arrival)


def _own_line(session: Session, person_id: int) -> list[Wish]:
    own = (Waiting.person_id == person_id) & (Waiting.state == "waiting")
    return [wish_of(one) for one in session.scalars(select(Waiting).where(own))]


def _check_is_full(session: Session, house: Lodging, ask: Ask) -> None:
    """One waits for what may be booked, is taken now, and could all be free one day. Raises NotBookable, NothingToWaitFor."""
    units = lodging.units_of(session, house.id)
    for one in ask.wanted:
        whole = sum(unit.beds for unit in units if unit.class_id == one.thing_id)
        if whole < one.quantity:
            raise NothingToWaitFor(fault="never", most=whole)
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
    """Step out of the line; what was offered goes to the next. Again changes nothing. Raises WaitingNotFound."""
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
    houses = select(Waiting.lodging_id).where(Waiting.state == "waiting").distinct().order_by(Waiting.lodging_id)
    return sum(offer_in_house(session, number) for number in session.scalars(houses.limit(A_TURN)).all())


def offer_in_house(session: Session, lodging_id: int) -> int:
    """Offer to each in line what is free for them, so that nobody is overtaken; wishes whose nights have begun end."""
    now, house = clock.now(), session.get_one(Lodging, lodging_id)
    line = line_of_lodging(session, lodging_id)
    lodging.lock_classes(session, sorted({one.thing_id for wish in line for one in wish.wanted}))
    unserved: list[Wish] = []
    offered = 0
    for wish in line:
        waiting = session.get_one(Waiting, wish.waiting_id, with_for_update=True, populate_existing=True)
        if waiting.state != "waiting":
            continue
        if wish.starts_at <= now:
            waiting.state = "lapsed"
            session.flush()
            continue
        booking = None if is_behind(wish, unserved, now) else _offer(session, house, waiting, wish)
        if booking is None:
            unserved.append(wish)
            continue
        waiting.state, waiting.booking_id = "offered", booking.id
        session.flush()
        audit.record(session, LIST, "offer", "waiting", waiting.id, after={"booking_id": booking.id})
        publish(session, PlacesOffered(waiting.id, booking.id, booking.held_until or now))
        offered += 1
    return offered


def _offer(session: Session, house: Lodging, waiting: Waiting, wish: Wish) -> Booking | None:
    """A hold with time to decide; None where not all of it is there."""
    now = clock.now()
    try:
        taken = take_spots(session, house, wish.wanted, wish.nights, now, before=wish.waiting_id)
    except (FullyBooked, OthersWait, NotBookable):
        return None
    who = Who(waiting.person_id, waiting.person_id, waiting.holder_name)
    content = content_hash("offer", waiting.id)
    return keep_spots(session, house, str(uuid4()), content, who, taken, now, offer_until(now, wish.starts_at))
