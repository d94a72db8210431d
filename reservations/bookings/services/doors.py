"""Passes and doors: a signed pass for a pocket without a network, a list for a door without one, and what became of both."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock, signing
from kernel.calendar import local_day
from reservations.bookings.models import Booking, BookingLine, DoorEntry
from reservations.bookings.queries import lock_booking
from reservations.bookings.rules import passes
from reservations.bookings.rules.passes import LivePass, Pass
from reservations.bookings.rules.states import State
from reservations.errors import BookingNotFound, PassRefused, WrongList

PURPOSE = "booking pass"
LIVE_PURPOSE = "live booking pass"
LIST_PURPOSE = "door list"
LIST_LIFE = timedelta(hours=24)
MOST_ON_A_LIST = 5_000


def pass_of(session: Session, booking: Booking) -> Pass:
    people = session.scalar(
        select(func.sum(BookingLine.men + BookingLine.women + BookingLine.children)).where(BookingLine.booking_id == booking.id)
    )
    starts, ends = int(booking.starts_at.timestamp()), int(booking.ends_at.timestamp())
    return Pass(booking.code, booking.organisation_id, starts, ends, int(people or 0))


def pass_text(session: Session, booking: Booking) -> str:
    """The text of the QR code: signed, without a name, good without a network until the booking ends."""
    return passes.pass_text(pass_of(session, booking), partial(signing.sign, PURPOSE))


def live_text(booking: Booking) -> str:
    """The text of the QR code that a phone with a network shows: a door with one takes it for a minute."""
    of = LivePass(booking.code, int(clock.now().timestamp()))
    return passes.live_text(of, partial(signing.sign, LIVE_PURPOSE))


def is_for_later(text: str) -> bool:
    """Whether what was shown is the pass for hours without a network, of which there may be pictures."""
    return text.strip().startswith(passes.PREFIX)


def is_old_print(starts_at: datetime, text: str) -> bool:
    """Whether what was shown is a pass from before its booking was moved to begin then. A number alone says no hour. Raises PassRefused."""
    return is_for_later(text) and passes.says_other_hour(passes.read_pass(text, partial(signing.is_signed, PURPOSE)), starts_at)


def booking_of_pass(session: Session, organisation_ids: Collection[int] | None, text: str) -> Booking:
    """By the number or a QR code of a pass, in one of these houses. Raises PassRefused, PassRanOut, BookingNotFound."""
    if is_for_later(text):
        code = passes.read_pass(text, partial(signing.is_signed, PURPOSE)).code
    elif text.strip().startswith(passes.LIVE_PREFIX):
        code = passes.read_live(text, partial(signing.is_signed, LIVE_PURPOSE), clock.now()).code
    else:
        code = passes.typed_code(text)
    found = session.scalar(select(Booking).where(Booking.code == code))
    if found is None or (organisation_ids is not None and found.organisation_id not in organisation_ids):
        raise BookingNotFound(code=code)
    return found


def bookings_of_card_holder(session: Session, organisation_ids: Collection[int] | None, person_id: int) -> list[Booking]:
    """What the holder of a presented card has booked in these houses and not ended yet, the next one first."""
    own = or_(Booking.person_id == person_id, Booking.maker_id == person_id)
    rows = select(Booking).where(own, Booking.state.in_((State.CONFIRMED, State.ARRIVED)), Booking.ends_at > clock.now())
    if organisation_ids is not None:
        rows = rows.where(Booking.organisation_id.in_(organisation_ids))
    return list(session.scalars(rows.order_by(Booking.starts_at, Booking.id).limit(10)))


class ListedBooking(msgspec.Struct, frozen=True):
    """No name and no card stands on the list."""

    code: str
    starts_at: datetime
    ends_at: datetime
    people: int
    state: str


class DoorList(msgspec.Struct, frozen=True):
    organisation_id: int
    made_at: datetime
    usable_until: datetime
    bookings: tuple[ListedBooking, ...]


def door_list(session: Session, organisation_id: int) -> tuple[DoorList, bytes]:
    """Who may come in within a day, and the signature of the list as JSON, for a door that loses its network."""
    now = clock.now()
    people = func.sum(BookingLine.men + BookingLine.women + BookingLine.children).label("people")
    rows = session.execute(
        select(Booking, people)
        .join(BookingLine, BookingLine.booking_id == Booking.id)
        .where(
            Booking.organisation_id == organisation_id, Booking.state.in_((State.CONFIRMED, State.ARRIVED)),
            Booking.starts_at < now + LIST_LIFE, Booking.ends_at > now,
        )
        .group_by(Booking.id)
        .order_by(Booking.starts_at, Booking.id)
        .limit(MOST_ON_A_LIST)
    ).all()  # fmt: skip
    listed = tuple(ListedBooking(one.code, one.starts_at, one.ends_at, int(people), one.state) for one, people in rows)
    made = DoorList(organisation_id, now, now + LIST_LIFE, listed)
    return made, signing.sign(LIST_PURPOSE, msgspec.json.encode(made))


class Entered(msgspec.Struct, frozen=True):
    """What an offline door wrote down: its own running number, the pass and when."""

    number: int
    code: str
    entered_at: datetime


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one entry: fine, double, cancelled, early, old (its list was out of date), unknown."""

    number: int
    code: str
    word: str


def reconcile(
    session: Session, identity: Identity, organisation_id: int, door: str, list_made_at: datetime, entries: Sequence[Entered]
) -> list[Finding]:
    """Take over what a door did without a network: guests have arrived, and what was not right is found. Sent again, it adds
    nothing. Raises WrongList.
    """
    if not door.strip() or len(door) > 40 or len(entries) > MOST_ON_A_LIST:
        raise WrongList(field="door", line=0)
    codes = {one.number: _code(one) for one in entries}
    rows = select(Booking).where(Booking.code.in_(codes.values()), Booking.organisation_id == organisation_id)
    known = {one.code: one.id for one in session.scalars(rows.order_by(Booking.id))}
    for booking_id in sorted(set(known.values())):
        lock_booking(session, booking_id)
    seen = {
        one.number: one.finding
        for one in session.scalars(select(DoorEntry).where(DoorEntry.door == door, DoorEntry.number.in_(codes)))
    }
    found = []
    for one in sorted(entries, key=lambda entry: (entry.entered_at, entry.number)):
        word = seen.get(one.number)
        if word is None:
            word = _enter(session, known.get(codes[one.number]), door, list_made_at, one)
        found.append(Finding(one.number, codes[one.number], word))
    facts = {"door": door, "entries": len(entries), "odd": sum(one.word != "fine" for one in found)}
    audit.record(session, identity.actor, "reconcile", "door", organisation_id, after=facts)
    return found


def _code(one: Entered) -> str:
    try:
        return passes.typed_code(one.code)
    except PassRefused:
        raise WrongList(field="code", line=one.number) from None


def _enter(session: Session, booking_id: int | None, door: str, list_made_at: datetime, one: Entered) -> str:
    if booking_id is None:
        return "unknown"
    booking = session.get_one(Booking, booking_id)
    before = session.scalar(select(func.count()).select_from(DoorEntry).where(DoorEntry.booking_id == booking_id)) or 0
    word = "fine"
    if before or (booking.arrived_at is not None and booking.arrived_at < one.entered_at and booking.session_id is not None):
        word = "double"
    elif booking.state not in (State.CONFIRMED, State.ARRIVED):
        word = "cancelled"
    elif local_day(one.entered_at) < local_day(booking.starts_at):
        word = "early"
    elif one.entered_at - list_made_at > LIST_LIFE:
        word = "old"
    session.add(
        DoorEntry(
            booking_id=booking_id, door=door, number=one.number, people=max(1, pass_of(session, booking).people), entered_at=one.entered_at,
            list_made_at=list_made_at, finding=word,
        )
    )  # fmt: skip
    if booking.state == State.CONFIRMED and word in ("fine", "old"):
        booking.state, booking.arrived_at, booking.charged_rial = State.ARRIVED, one.entered_at, booking.paid_rial
    session.flush()
    return word
