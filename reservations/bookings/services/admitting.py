"""Letting in at a door that has its network: by the card that proved itself, or by a pass. A pass lets each of its people in once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from identity.queries import names_of_people
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from reservations.bookings import queries
from reservations.bookings.models import Booking, DoorEntry
from reservations.bookings.rules.admission import BY_OLD_PRINT, Knocked, closest, fault_of, let_in, opens_for
from reservations.bookings.rules.states import State
from reservations.bookings.services.doors import booking_of_pass, is_old_print
from reservations.errors import BookingNotFound, EntryRefused, NoDoor, OtherEntry
from reservations.programmes.services.seating import who_is

MOST_TOLD = 4  # rooms or kinds of seats


@dataclass(frozen=True, slots=True)
class Door:
    """`name` as its entries say it: a terminal's code, or the desk's."""

    name: str
    organisation_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class Knock:
    """One request of a door, done once however often it is sent. `people` come now; None = all who are not in yet."""

    key: str
    content_hash: int
    door: Door
    people: int | None = None


@dataclass(frozen=True, slots=True)
class Admission:
    """Who comes in: `people` now, `waiting` of the party later. `places` are rooms, or kinds of seats of a programme.

    `names` are those of the house or programme, `guest` those of who is let in.
    """

    booking_id: int
    people: int
    waiting: int
    names: dict[str, str]
    guest: dict[str, str]
    places: tuple[str, ...]
    is_session: bool
    starts_at: datetime


def door_of_terminal(session: Session, terminal_id: int, merchant_id: int, code: str) -> Door:
    """Raises NoDoor."""
    organisation_ids = queries.organisations_of_door(session, terminal_id, merchant_id)
    if not organisation_ids:
        raise NoDoor
    return Door(code, organisation_ids)


def admitted_before(session: Session, knock: Knock) -> Admission | None:
    """What this very request was answered; None where it lets in for the first time. Raises OtherEntry."""
    entry = queries.entry_of_key(session, knock.key)
    if entry is None:
        return None
    if entry.content_hash != knock.content_hash:
        raise OtherEntry
    return _admission(session, session.get_one(Booking, entry.booking_id), entry)


def admit_holder(session: Session, actor: Actor, knock: Knock, person_id: int) -> Admission:
    """The holder of a card that proved itself: for the own booking, one made for others, or a party that names the holder.

    Raises EntryRefused, OtherEntry.
    """
    now, houses = clock.now(), knock.door.organisation_ids
    again = admitted_before(session, knock)
    if again is not None:
        return again
    found = queries.knocked_by(session, person_id, who_is(person_id), now)
    chosen = opens_for(found, houses, now, knock.people)
    if chosen is None:
        raise _refusal(session, closest(found, houses, now, knock.people))
    return _admit(session, actor, knock, chosen.booking_id, person_id, now)


def admit_pass(session: Session, actor: Actor, knock: Knock, text: str) -> Admission:
    """By the number or the code of a pass; a print from before its date moved counts as well, at the new hour.

    Raises PassRefused, BookingNotFound, EntryRefused, OtherEntry.
    """
    again = admitted_before(session, knock)
    if again is not None:
        return again
    booking = booking_of_pass(session, None, text)
    if booking.organisation_id not in knock.door.organisation_ids:
        raise BookingNotFound(code=booking.code)
    try:
        return _admit(session, actor, knock, booking.id, None, clock.now())
    except EntryRefused as refusal:
        moved = BY_OLD_PRINT.get(str(refusal.facts["fault"]))
        if moved is None or not is_old_print(booking.starts_at, text):
            raise
        raise EntryRefused(fault=moved, day=local_day(booking.starts_at), at=booking.starts_at) from None


def _admit(session: Session, actor: Actor, knock: Knock, booking_id: int, person_id: int | None, now: datetime) -> Admission:
    """What was chosen without a lock is looked at again under it: another door may have been quicker."""
    booking = queries.lock_booking(session, booking_id)
    again = admitted_before(session, knock)
    if again is not None:
        return again
    [one] = queries.knocked(session, [booking], now, person_id)
    fault = fault_of(one, knock.door.organisation_ids, now, knock.people)
    if fault is not None:
        raise _refusal(session, (one, fault))
    entry = DoorEntry(
        booking_id=booking.id, door=knock.door.name, key=knock.key, content_hash=knock.content_hash, people=let_in(one, knock.people),
        person_id=person_id if one.is_member else None, entered_at=now, finding="fine",
    )  # fmt: skip
    if booking.state == State.CONFIRMED:
        booking.state, booking.arrived_at = State.ARRIVED, now
    session.add(entry)
    audit.record(session, actor, "let_in", "booking", booking.id, after={"door": knock.door.name, "people": entry.people})
    session.flush()
    return _admission(session, booking, entry)


def _admission(session: Session, booking: Booking, entry: DoorEntry) -> Admission:
    [one] = queries.knocked(session, [booking], clock.now())
    guest_id = entry.person_id or booking.person_id
    names = names_of_people(session, [guest_id]).get(guest_id, {}) if guest_id else {}
    lines = queries.lines_of(session, booking.id)
    places = queries.seats_of(session, booking.id) if one.is_session else tuple(place for line in lines for place in _rooms(line))
    house = queries.names_of_things(session, [booking])[booking.id]
    return Admission(
        booking.id,
        entry.people,
        one.left,
        house,
        names or {"fa": booking.holder_name},
        places[:MOST_TOLD],
        one.is_session,
        one.starts_at,
    )


def _rooms(line: queries.LineRow) -> list[str]:
    return [f"{code}/{bed}" if beds > 1 and line.lets == "bed" else code for _, code, bed, beds in line.places]


def _refusal(session: Session, shut: tuple[Knocked, str] | None) -> EntryRefused:
    if shut is None:
        return EntryRefused(fault="none")
    one, fault = shut
    facts: dict[str, Callable[[], dict[str, object]]] = {
        "other_door": lambda: {
            "names": queries.names_of_things(session, [session.get_one(Booking, one.booking_id)])[one.booking_id]
        },
        "other_day": lambda: {"day": local_day(one.starts_at)},
        "early": lambda: {"at": one.opens_at},
        "in_already": lambda: {"at": one.member_in_at or one.last_in_at},
        "unpaid": lambda: {"rest_rial": one.rest_rial},
        "too_many": lambda: {"left": one.left},
    }
    return EntryRefused(fault=fault, **facts.get(fault, dict)())
