"""Taking seats: all of a party or nobody, and where everybody has one turn, by documents that say who comes."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.permissions import Identity
from identity.queries import person_of_document
from kernel import audit, clock
from kernel.calendar import local_day
from kernel.outbox import publish
from kernel.settings import load_settings
from reservations.bookings.models import Booking
from reservations.bookings.queries import DESK
from reservations.bookings.rules.passes import new_code
from reservations.bookings.rules.states import State, Wanted, content_hash
from reservations.bookings.services.holding import MOST_LINES, Who, booked_before, line_of
from reservations.errors import (
    FullyBooked,
    PartyDoesNotFit,
    ProgrammeNotFound,
    TooEarly,
    TurnTaken,
    WrongCount,
)
from reservations.events import BookingConfirmed
from reservations.lodging.rules import Lets, Party, Terms, check_party, misfit, terms_kept
from reservations.programmes.models import Seating, SeatPool, ShrineProgramme, ShrineSession, Turn
from reservations.programmes.queries import lock_pools, seats_taken
from reservations.programmes.rules import POOLS, Document, check_known, turn_days

FREE = Terms((), 0, 0)


@dataclass(frozen=True, slots=True)
class SeatAsk:
    """What somebody asks for with one form, whose `key` makes it one booking. `wanted` names pools; `documents` are of those
    who come beside the asker, or at the desk of all who come.
    """

    key: str
    session_id: int
    wanted: tuple[Wanted, ...]
    documents: tuple[Document, ...] = ()
    holder_name: str = ""
    at_desk: bool = False


def take_seats(session: Session, identity: Identity, ask: SeatAsk) -> Booking:
    """Book the seats, free of charge and at once. The same key again gives the same booking.

    Raises ProgrammeNotFound, TooEarly (it has begun), WrongCount, PartyDoesNotFit, PersonUnknown, TurnTaken, FullyBooked,
    NameNeeded, OtherBooking.
    """
    now = clock.now()
    content = content_hash(ask.session_id, ask.wanted, ask.documents, ask.holder_name, ask.at_desk)
    again = booked_before(session, identity, ask.key, content)
    if again is not None:
        return again
    date_of, programme = _session_of(session, ask.session_id, now)
    is_desk = ask.at_desk and identity.can(DESK, programme.organisation_id)
    pools = _lock(session, sorted({one.thing_id for one in ask.wanted}))
    again = booked_before(session, identity, ask.key, content)
    if again is not None:
        return again
    _check_wanted(ask.wanted, pools, date_of)
    _check_free(session, ask.wanted, pools)
    who = Who.of(session, identity, None, ask.holder_name, is_desk=is_desk)
    booking = _book(session, programme, date_of, ask, content, who, now)
    if programme.days_between is not None:
        guests = _guests(session, identity, ask, is_desk=is_desk)
        _take_turns(session, programme, booking, guests, local_day(date_of.starts_at))
    audit.record(session, identity.actor, "take_seats", "booking", booking.id, after={"session_id": date_of.id})
    publish(session, BookingConfirmed(booking.id))
    return booking


def _session_of(session: Session, session_id: int, now: datetime) -> tuple[ShrineSession, ShrineProgramme]:
    date_of = session.get(ShrineSession, session_id)
    programme = session.get(ShrineProgramme, date_of.programme_id) if date_of else None
    if date_of is None or programme is None or not programme.is_open:
        raise ProgrammeNotFound(session_id=session_id)
    if date_of.starts_at <= now:
        raise TooEarly(day=local_day(date_of.starts_at))
    return date_of, programme


def _lock(session: Session, pool_ids: Sequence[int]) -> dict[int, SeatPool]:
    return {pool.id: pool for pool in lock_pools(session, pool_ids)}


def _check_wanted(wanted: Sequence[Wanted], pools: dict[int, SeatPool], date_of: ShrineSession) -> None:
    if not 0 < len(wanted) <= MOST_LINES or len(pools) != len(wanted):
        raise WrongCount(field="quantity", most=MOST_LINES)
    if {pool.session_id for pool in pools.values()} != {date_of.id}:
        raise ProgrammeNotFound(session_id=date_of.id)
    for one in wanted:
        check_party(one.party)
        fault = misfit(POOLS[pools[one.thing_id].kind], Lets.BED, 1, one.quantity, one.party)
        if fault is not None:
            raise PartyDoesNotFit(fault="seats" if fault == "beds" else fault, field="quantity")


def _check_free(session: Session, wanted: Sequence[Wanted], pools: dict[int, SeatPool]) -> None:
    taken = seats_taken(session, list(pools))
    for one in wanted:
        free = max(0, pools[one.thing_id].seats - taken.get(one.thing_id, 0))
        if free < one.quantity:
            raise FullyBooked(free=free, asked=one.quantity)


def _book(
    session: Session, programme: ShrineProgramme, date_of: ShrineSession, ask: SeatAsk, content: int, who: Who, now: datetime
) -> Booking:
    booking = Booking(
        key=ask.key, content_hash=content, code=new_code(), organisation_id=programme.organisation_id, session_id=date_of.id,
        person_id=who.person_id, maker_id=who.maker_id, holder_name=who.name, is_at_desk=who.is_at_desk,
        state=State.CONFIRMED, starts_at=date_of.starts_at, ends_at=date_of.ends_at, price_rial=0, charged_rial=0, deposit_rial=0,
        paid_rial=0, terms=terms_kept(FREE), made_at=now, confirmed_at=now,
    )  # fmt: skip
    session.add(booking)
    session.flush()
    for one in ask.wanted:
        line = line_of(booking.id, one, (0,))
        line.pool_id = one.thing_id
        session.add_all((line, Seating(booking_id=booking.id, pool_id=one.thing_id, quantity=one.quantity)))
    session.flush()
    return booking


def _guests(session: Session, identity: Identity, ask: SeatAsk, *, is_desk: bool) -> list[str]:
    """Everybody of the party, once. Raises PersonUnknown."""
    guests = [] if is_desk else [who_is(identity.person_id)]
    guests += [who_has(session, document) for document in ask.documents]
    parties = [one.party for one in ask.wanted]
    whole = Party(*(sum(getattr(party, name) for party in parties) for name in ("men", "women", "children")))
    check_known(whole, len(set(guests)))
    return sorted(guests)


def who_is(person_id: int) -> str:
    return f"person {person_id}"


def who_has(session: Session, document: Document) -> str:
    """The person on record with the document, else the document itself as a keyed fingerprint."""
    person_id = person_of_document(session, *document)
    if person_id is not None:
        return who_is(person_id)
    return hmac.digest(load_settings().secret_key.encode(), f"turn {' '.join(document)}".encode(), "sha256").hex()


def _take_turns(
    session: Session, programme: ShrineProgramme, booking: Booking, guests: Sequence[str], day: date
) -> None:
    """One turn each. Two at the same time meet at the table's exclusion constraint. Raises TurnTaken."""
    first, until = turn_days(day, programme.days_between or 1)
    days = Range(first, until)
    turn = _standing_turn(session, programme.id, guests, days)
    if turn is not None:
        raise TurnTaken(field="documents", day=turn.days.upper, days=programme.days_between)
    try:
        with session.begin_nested():
            session.add_all(Turn(programme_id=programme.id, booking_id=booking.id, who=who, days=days) for who in guests)
            session.flush()
    except IntegrityError:
        raise TurnTaken(field="documents", day=until, days=programme.days_between) from None


def _standing_turn(session: Session, programme_id: int, guests: Sequence[str], days: Range[date]) -> Turn | None:
    """The latest turn of any of them that these days meet."""
    standing = select(Turn).where(
        Turn.programme_id == programme_id, Turn.who.in_(guests), Turn.released_at.is_(None), Turn.days.op("&&")(days)
    )
    return session.scalar(standing.order_by(func.upper(Turn.days).desc()).limit(1))
