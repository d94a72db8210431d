"""Waiting lines, of lodging and of programmes: standing in one, and being offered what became free, in turn."""

from collections.abc import Callable, Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from kernel.outbox import publish
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.queries import name_of_person, wanted_of_waiting
from reservations.bookings.rules.states import MOST_NAME, Wanted
from reservations.bookings.rules.waiting import Wish, is_behind
from reservations.errors import OtherBooking, WaitsAlready
from reservations.events import PlacesOffered
from reservations.lodging.services.pricing import nights_of_range
from reservations.programmes.models import ShrineSession

LIST = Actor.system("waiting list")
A_TURN = 100  # lines looked at in one transaction


def line_of_lodging(session: Session, lodging_id: int, before: int | None = None) -> list[Wish]:
    """Who waits in a house, in order; with `before` those only who are ahead of that number."""
    return _line(session, Waiting.lodging_id == lodging_id, before)


def line_of_session(session: Session, date_of: ShrineSession, before: int | None = None) -> list[Wish]:
    """The same for a date of a programme."""
    return _line(session, Waiting.session_id == date_of.id, before, date_of)


def _line(session: Session, of: ColumnElement[bool], before: int | None, date_of: ShrineSession | None = None) -> list[Wish]:
    line = select(Waiting).where(of, Waiting.state == "waiting").order_by(Waiting.id)
    if before is not None:
        line = line.where(Waiting.id < before)
    return [_wish(waiting, date_of) for waiting in session.scalars(line)]


def _wish(waiting: Waiting, date_of: ShrineSession | None) -> Wish:
    wanted = wanted_of_waiting(waiting)
    if date_of is not None:
        return Wish(waiting.id, wanted, None, date_of.starts_at)
    nights = nights_of_range(waiting.nights)
    return Wish(waiting.id, wanted, nights, nights.arrival)


def own_line(session: Session, person_id: int, date_of: ShrineSession | None = None) -> list[Wish]:
    """Where a person waits in houses, or for a date."""
    of = Waiting.lodging_id.is_not(None) if date_of is None else Waiting.session_id == date_of.id
    return _line(session, (Waiting.person_id == person_id) & of, None, date_of)


def waiting_of_key(session: Session, identity: Identity, key: str) -> Waiting | None:
    """The place in line that the same form made already. Raises OtherBooking."""
    found = session.scalar(select(Waiting).where(Waiting.key == key))
    if found is not None and found.person_id != identity.person_id:
        raise OtherBooking
    return found


def kept_wanted(wanted: Iterable[Wanted]) -> list[list[int]]:
    return [[one.thing_id, one.quantity, one.party.men, one.party.women, one.party.children] for one in wanted]


def put_in_line(session: Session, identity: Identity, waiting: Waiting, wish: Wish, own: Iterable[Wish]) -> Waiting:
    """Stand at the end of the line, once for the same things. Raises WaitsAlready."""
    if any(one.competes_with(wish) for one in own):
        raise WaitsAlready
    name = waiting.holder_name.strip() or name_of_person(session, identity.person_id, identity.language)
    waiting.person_id, waiting.holder_name = identity.person_id, name[:MOST_NAME]
    waiting.wanted, waiting.state, waiting.made_at = kept_wanted(wish.wanted), "waiting", clock.now()
    session.add(waiting)
    session.flush()
    facts = {"lodging_id": waiting.lodging_id} if waiting.session_id is None else {"session_id": waiting.session_id}
    audit.record(session, identity.actor, "join", "waiting", waiting.id, after=facts)
    return waiting


def lock_waiting(session: Session, waiting_id: int) -> Waiting:
    return session.get_one(Waiting, waiting_id, with_for_update=True, populate_existing=True)


def offer_down(session: Session, line: Iterable[Wish], offer: Callable[[Waiting, Wish], Booking | None]) -> int:
    """Offer to each in line what is free for them, so that nobody is overtaken; wishes whose time has come end.

    Under the locks of what is offered. `offer` makes a hold, or none where not all of it is there; it may end a place in line.
    """
    now = clock.now()
    unserved: list[Wish] = []
    offered = 0
    for wish in line:
        waiting = lock_waiting(session, wish.waiting_id)
        if waiting.state != "waiting":
            continue
        if wish.starts_at <= now:
            waiting.state = "lapsed"
            session.flush()
            continue
        booking = None if is_behind(wish, unserved, now) else offer(waiting, wish)
        if booking is None:
            unserved += [wish] if waiting.state == "waiting" else []
            continue
        waiting.state, waiting.booking_id = "offered", booking.id
        session.flush()
        audit.record(session, LIST, "offer", "waiting", waiting.id, after={"booking_id": booking.id})
        publish(session, PlacesOffered(waiting.id, booking.id, booking.held_until or now))
        offered += 1
    return offered
