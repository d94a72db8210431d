"""Taking seats: all of a party or nobody, and where everybody has one turn, by documents that say who comes."""

import hmac
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeAlias

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from identity.helping import helps_of
from identity.permissions import Identity
from identity.queries import documents_of, person_of_document
from kernel import audit, clock
from kernel.calendar import local_day
from kernel.outbox import publish
from kernel.settings import load_settings
from reservations.bookings.models import Booking
from reservations.bookings.queries import DESK, lock_booking
from reservations.bookings.rules.passes import new_code
from reservations.bookings.rules.states import HOLD, State, Wanted, content_hash
from reservations.bookings.rules.waiting import Wish, kept_for_others
from reservations.bookings.services.holding import (
    MOST_LINES,
    Who,
    booked_before,
    check_holds,
    end_hold,
    line_of,
)
from reservations.bookings.services.waiting_line import line_of_session
from reservations.errors import (
    CalledOff,
    FullyBooked,
    OthersWait,
    PartyDoesNotFit,
    PersonUnknown,
    ProgrammeNotFound,
    TooEarly,
    TurnTaken,
    WrongCount,
)
from reservations.events import BookingConfirmed
from reservations.lodging.rules import Lets, Party, Terms, check_party, misfit, terms_kept
from reservations.programmes.models import Seating, SeatPool, ShrineProgramme, ShrineSession, Turn
from reservations.programmes.queries import (
    ended_holds,
    lock_pools,
    lock_takes_place,
    seats_left,
    seats_taken,
    served_session,
)
from reservations.programmes.rules import POOLS, Document, Prices, check_known, turn_days

FREE = Terms((), 0, 0)
PERSON = "person "
Pools: TypeAlias = dict[int, SeatPool]


@dataclass(frozen=True, slots=True)
class SeatAsk:
    """What somebody asks for with one form, whose `key` makes it one booking. `wanted` names pools.

    Who comes beside the asker is said by `documents`, or by `people` on record who help the asker or are helped; at the desk the
    documents are of all who come. `comes` False: the asker only books for them.
    """

    key: str
    session_id: int
    wanted: tuple[Wanted, ...]
    documents: tuple[Document, ...] = ()
    people: tuple[int, ...] = ()
    comes: bool = True
    holder_name: str = ""
    at_desk: bool = False

    @property
    def content(self) -> int:
        return content_hash(self.session_id, self.wanted, self.documents, self.people, self.comes, self.holder_name, self.at_desk)


def take_seats(session: Session, identity: Identity, ask: SeatAsk) -> Booking:
    """Book the seats: at once where they are free of charge, else as a hold to be paid for. The same key gives the same booking.

    Raises ProgrammeNotFound, CalledOff, TooEarly (it has begun), WrongCount, PartyDoesNotFit, PersonUnknown, TurnTaken,
    FullyBooked, OthersWait, TooManyHolds, NameNeeded, OtherBooking.
    """
    now = clock.now()
    again = booked_before(session, identity, ask.key, ask.content)
    if again is not None:
        return again
    date_of, programme = session_of(session, ask.session_id, now)
    is_desk = ask.at_desk and identity.can(DESK, programme.organisation_id)
    guests = guests_of(session, identity, programme, ask, is_desk=is_desk)
    check_left(ask.wanted, seats_left(session, date_of.id, now))  # spares the locks where all is gone
    lock_takes_place(session, date_of.id)
    pools = lock(session, sorted({one.thing_id for one in ask.wanted}))
    again = booked_before(session, identity, ask.key, ask.content)
    if again is not None:
        return again
    is_paid = not prices_of(programme).are_free
    if is_paid and not is_desk:
        check_holds(session, identity, now)
    check_wanted(ask.wanted, pools, date_of)
    check_seats(session, date_of, ask.wanted, pools, guests, now, before=None)
    who = Who.of(session, identity, None, ask.holder_name, is_desk=is_desk)
    booking = keep_seats(session, date_of, ask.key, ask.content, who, ask.wanted, guests, now, now + HOLD if is_paid else None)
    audit.record(
        session,
        identity.actor,
        "take_seats",
        "booking",
        booking.id,
        after={"session_id": date_of.id, "price_rial": booking.price_rial},
    )
    return booking


def session_of(session: Session, session_id: int, now: datetime) -> tuple[ShrineSession, ShrineProgramme]:
    """Raises ProgrammeNotFound, CalledOff, TooEarly (it has begun)."""
    date_of, programme = served_session(session, session_id)
    if date_of.called_off_at is not None:
        raise CalledOff
    if date_of.starts_at <= now:
        raise TooEarly(day=local_day(date_of.starts_at))
    return date_of, programme


def prices_of(programme: ShrineProgramme) -> Prices:
    return Prices(programme.adult_rial, programme.child_rial)


def lock(session: Session, pool_ids: Sequence[int]) -> Pools:
    return {pool.id: pool for pool in lock_pools(session, pool_ids)}


def check_wanted(wanted: Sequence[Wanted], pools: Pools, date_of: ShrineSession) -> None:
    """Raises WrongCount, PartyDoesNotFit, ProgrammeNotFound."""
    if not 0 < len(wanted) <= MOST_LINES or len(pools) != len(wanted):
        raise WrongCount(field="quantity", most=MOST_LINES)
    if {pool.session_id for pool in pools.values()} != {date_of.id}:
        raise ProgrammeNotFound(session_id=date_of.id)
    for one in wanted:
        check_party(one.party)
        fault = misfit(POOLS[pools[one.thing_id].kind], Lets.BED, 1, one.quantity, one.party)
        if fault is not None:
            raise PartyDoesNotFit(fault="seats" if fault == "beds" else fault, field="quantity")


def check_left(wanted: Sequence[Wanted], left: dict[int, int]) -> None:
    """Raises FullyBooked. What is not among the seats of the date is judged by who looks closer."""
    for one in wanted:
        if left.get(one.thing_id, one.quantity) < one.quantity:
            raise FullyBooked(free=left[one.thing_id], asked=one.quantity)


def check_seats(
    session: Session, date_of: ShrineSession, wanted: Sequence[Wanted], pools: Pools, guests: Sequence[str], now: datetime,
    *, before: int | None,
) -> None:  # fmt: skip
    """Under the pools' locks: whether all of it is there, after holds that ran out have ended, and whose turn it is.

    `before` is somebody's number in the waiting line, None for who comes now. Raises FullyBooked, OthersWait, TurnTaken.
    """
    for booking_id in ended_holds(session, list(pools), date_of.programme_id, guests, now):
        end_hold(session, lock_booking(session, booking_id), now)
    taken = seats_taken(session, list(pools), now)
    left = {number: max(0, pool.seats - taken.get(number, 0)) for number, pool in pools.items()}
    check_left(wanted, left)
    line = line_of_session(session, date_of, before)
    kept = kept_for_others(Wish(before or 0, tuple(wanted), None, date_of.starts_at), line, now)
    if any(left[one.thing_id] - kept.get(one.thing_id, 0) < one.quantity for one in wanted):
        raise OthersWait(waiting=len(line))
    check_turns(session, date_of, guests)


def keep_seats(
    session: Session, date_of: ShrineSession, key: str, content: int, who: Who, wanted: Sequence[Wanted], guests: Sequence[str],
    now: datetime, until: datetime | None,
) -> Booking:  # fmt: skip
    """Write the seats down as a hold until then, or for good, at the prices and terms that are in force now. Raises TurnTaken."""
    programme = session.get_one(ShrineProgramme, date_of.programme_id)
    prices = prices_of(programme)
    price = sum(prices.of(one.party) for one in wanted)
    booking = Booking(
        key=key, content_hash=content, code=new_code(), organisation_id=programme.organisation_id, merchant_id=programme.merchant_id,
        session_id=date_of.id, person_id=who.person_id, maker_id=who.maker_id, holder_name=who.name, is_at_desk=who.is_at_desk,
        state=State.CONFIRMED if until is None else State.HELD, held_until=until, starts_at=date_of.starts_at, ends_at=date_of.ends_at,
        price_rial=price, charged_rial=price, deposit_rial=price, paid_rial=0,
        terms=terms_kept(FREE) if prices.are_free else programme.terms, made_at=now, confirmed_at=now if until is None else None,
    )  # fmt: skip
    session.add(booking)
    session.flush()
    for one in wanted:
        line = line_of(booking.id, one, (prices.of(one.party),))
        line.pool_id = one.thing_id
        session.add_all((line, Seating(booking_id=booking.id, pool_id=one.thing_id, quantity=one.quantity, held_until=until)))
    session.flush()
    _take_turns(session, date_of, booking, guests)
    if until is None:
        publish(session, BookingConfirmed(booking.id))
    return booking


def guests_of(session: Session, identity: Identity, programme: ShrineProgramme, ask: SeatAsk, *, is_desk: bool) -> list[str]:
    """Everybody of the party, once, where the programme has turns; else nobody needs to be known. Raises PersonUnknown."""
    if programme.days_between is None:
        return []
    guests = [who_is(identity.person_id)] if ask.comes and not is_desk else []
    guests += [who_is(person_id) for person_id in ask.people]
    guests += [who_has(session, document) for document in ask.documents]
    if ask.people and not set(ask.people) <= {one.person_id for one in helps_of(session, identity)}:
        raise PersonUnknown(field="people")
    parties = [one.party for one in ask.wanted]
    whole = Party(*(sum(getattr(party, name) for party in parties) for name in ("men", "women", "children")))
    check_known(whole, len(set(guests)))
    return sorted(set(guests))


def who_is(person_id: int) -> str:
    return f"{PERSON}{person_id}"


def who_has(session: Session, document: Document) -> str:
    """The person on record with the document, else the document itself as a keyed fingerprint."""
    person_id = person_of_document(session, *document)
    return who_is(person_id) if person_id is not None else _fingerprint(document)


def _fingerprint(document: Document) -> str:
    return hmac.digest(load_settings().secret_key.encode(), f"turn {' '.join(document)}".encode(), "sha256").hex()


def names_of(session: Session, person_ids: Iterable[int]) -> dict[int, list[str]]:
    """Person → all under which they may have had a turn: who they are, and each document from before it was on record. One query."""
    return {one: [who_is(one), *map(_fingerprint, held)] for one, held in documents_of(session, person_ids).items()}


def check_turns(session: Session, date_of: ShrineSession, guests: Sequence[str]) -> None:
    """Raises TurnTaken for the guest who waits longest for another."""
    if not guests:
        return
    programme, days = _days(session, date_of)
    on_record = [int(one.removeprefix(PERSON)) for one in guests if one.startswith(PERSON)]
    names = {name for held in names_of(session, on_record).values() for name in held}
    turn = _standing_turn(session, programme.id, names.union(guests), days)
    if turn is not None:
        raise TurnTaken(field="documents", day=turn.days.upper, days=programme.days_between)


def _days(session: Session, date_of: ShrineSession) -> tuple[ShrineProgramme, Range[date]]:
    programme = session.get_one(ShrineProgramme, date_of.programme_id)
    return programme, Range(*turn_days(local_day(date_of.starts_at), programme.days_between or 1))


def _take_turns(session: Session, date_of: ShrineSession, booking: Booking, guests: Sequence[str]) -> None:
    """One turn each. Two at the same time meet at the table's exclusion constraint. Raises TurnTaken."""
    if not guests:
        return
    programme, days = _days(session, date_of)
    try:
        with session.begin_nested():
            session.add_all(Turn(programme_id=programme.id, booking_id=booking.id, who=who, days=days) for who in guests)
            session.flush()
    except IntegrityError:
        raise TurnTaken(field="documents", day=days.upper, days=programme.days_between) from None


def _standing_turn(session: Session, programme_id: int, guests: Collection[str], days: Range[date]) -> Turn | None:
    """The latest turn of any of them that these days meet."""
    standing = select(Turn).where(
        Turn.programme_id == programme_id, Turn.who.in_(guests), Turn.released_at.is_(None), Turn.days.op("&&")(days)
    )
    return session.scalar(standing.order_by(func.upper(Turn.days).desc()).limit(1))
