"""Waiting for a date that is full: join, and be offered seats in turn, as a hold with time to decide."""

from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.rules.states import content_hash, offer_until
from reservations.bookings.rules.waiting import Wish
from reservations.bookings.services.holding import Who
from reservations.bookings.services.waiting_line import (
    A_TURN,
    LIST,
    line_of_session,
    offer_down,
    own_line,
    put_in_line,
    waiting_of_key,
)
from reservations.errors import CalledOff, FullyBooked, NothingToWaitFor, OthersWait, TurnTaken
from reservations.programmes.models import ShrineSession
from reservations.programmes.queries import is_served, lock_takes_place
from reservations.programmes.services.seating import (
    Pools,
    SeatAsk,
    check_seats,
    check_turns,
    check_wanted,
    guests_of,
    keep_seats,
    lock,
    session_of,
)


def join(session: Session, identity: Identity, ask: SeatAsk) -> Waiting:
    """Stand in line for seats: all of them or none. The same key again is the same place in line.

    Raises ProgrammeNotFound, CalledOff, TooEarly, WrongCount, PartyDoesNotFit, PersonUnknown, TurnTaken, NothingToWaitFor,
    WaitsAlready, OtherBooking.
    """
    again = waiting_of_key(session, identity, ask.key)
    if again is not None:
        return again
    date_of, programme = session_of(session, ask.session_id, clock.now())
    guests = guests_of(session, identity, programme, ask, is_desk=False)
    lock_takes_place(session, date_of.id)
    pools = lock(session, sorted({one.thing_id for one in ask.wanted}))
    check_wanted(ask.wanted, pools, date_of)
    _check_is_full(session, date_of, ask, pools, guests)
    waiting = Waiting(key=ask.key, session_id=date_of.id, holder_name=ask.holder_name, guests=guests)
    wish = Wish(0, ask.wanted, None, date_of.starts_at)
    return put_in_line(session, identity, waiting, wish, own_line(session, identity.person_id, date_of))


def _check_is_full(session: Session, date_of: ShrineSession, ask: SeatAsk, pools: Pools, guests: list[str]) -> None:
    """One waits for what is taken now and could all be free one day. Raises NothingToWaitFor, TurnTaken."""
    for one in ask.wanted:
        if pools[one.thing_id].seats < one.quantity:
            raise NothingToWaitFor(fault="never", most=pools[one.thing_id].seats)
    try:
        check_seats(session, date_of, ask.wanted, pools, guests, clock.now(), before=None)
    except (FullyBooked, OthersWait):
        check_turns(session, date_of, guests)
        return
    raise NothingToWaitFor(fault="free")


def offer_freed(session: Session) -> int:
    """Offer what is free to those who wait for it, date by date, each line in its order. How many offers were made."""
    dates = select(Waiting.session_id).where(Waiting.state == "waiting", Waiting.session_id.is_not(None))
    numbers = session.scalars(dates.distinct().order_by(Waiting.session_id).limit(A_TURN)).all()
    return sum(offer_in_session(session, number) for number in numbers if number is not None)


def offer_in_session(session: Session, session_id: int) -> int:
    """Nothing is offered of a date that was called off, or of a programme that takes no bookings."""
    try:
        date_of = lock_takes_place(session, session_id)
    except CalledOff:
        return 0
    takes = is_served(session, date_of.programme_id)
    line = line_of_session(session, date_of)
    pools = lock(session, sorted({one.thing_id for wish in line for one in wish.wanted}))
    return offer_down(session, line, lambda waiting, wish: _offer(session, date_of, pools, waiting, wish) if takes else None)


def _offer(session: Session, date_of: ShrineSession, pools: Pools, waiting: Waiting, wish: Wish) -> Booking | None:
    """A hold with time to decide; None where not all of it is there. Whose guest had a turn meanwhile stands in line no more."""
    now = clock.now()
    wanted_pools = {one.thing_id: pools[one.thing_id] for one in wish.wanted}
    who = Who(waiting.person_id, waiting.person_id, waiting.holder_name)
    until, content = offer_until(now, wish.starts_at), content_hash("offer", waiting.id)
    try:
        with session.begin_nested():
            check_seats(session, date_of, wish.wanted, wanted_pools, waiting.guests, now, before=wish.waiting_id)
            return keep_seats(session, date_of, str(uuid4()), content, who, wish.wanted, waiting.guests, now, until)
    except (FullyBooked, OthersWait):
        return None
    except TurnTaken:
        waiting.state = "lapsed"
        session.flush()
        audit.record(session, LIST, "lapse", "waiting", waiting.id)
        return None
