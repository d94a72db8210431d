"""Reads and locks of bookings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission
from identity.queries import names_of_people
from kernel.languages import in_language
from merchants.models import Branch, Merchant, Terminal
from reservations.bookings.models import (
    Booking,
    BookingLine,
    BookingPayment,
    DoorEntry,
    DoorTerminal,
    Occupation,
    Waiting,
)
from reservations.bookings.rules.admission import REMEMBERED, Knocked
from reservations.bookings.rules.states import LIVE, State, Wanted, has_ended
from reservations.errors import BookingNotFound
from reservations.lodging.models import Lodging, LodgingClass, Unit
from reservations.lodging.rules import Nights, Party, kept_rial, refund_rial, terms_of
from reservations.programmes.models import SeatPool, ShrineProgramme, ShrineSession, Turn

DESK = Permission.RESERVATIONS_DESK_OPERATE


def booking_of_key(session: Session, key: str) -> Booking | None:
    return session.scalar(select(Booking).where(Booking.key == key).execution_options(populate_existing=True))


def lock_booking(session: Session, booking_id: int) -> Booking:
    """The booking as it stands, locked against every other change of it. Raises BookingNotFound."""
    wanted = select(Booking).where(Booking.id == booking_id).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise BookingNotFound(booking_id=booking_id)
    return found


def may_see(identity: Identity, booking: Booking) -> bool:
    """Who comes, who booked, and the desk of the house."""
    is_own = identity.person_id in (booking.person_id, booking.maker_id)
    return is_own or identity.can(DESK, booking.organisation_id)


def own_booking(session: Session, identity: Identity, booking_id: int, *, lock: bool = False) -> Booking:
    """Raises BookingNotFound, for somebody else's too."""
    found = lock_booking(session, booking_id) if lock else session.get(Booking, booking_id)
    if found is None or not may_see(identity, found):
        raise BookingNotFound(booking_id=booking_id)
    return found


def desk_booking(session: Session, identity: Identity, booking_id: int, *, lock: bool = False) -> Booking:
    """A booking in a house at whose desk the person works. Raises BookingNotFound."""
    found = lock_booking(session, booking_id) if lock else session.get(Booking, booking_id)
    if found is None or not identity.can(DESK, found.organisation_id):
        raise BookingNotFound(booking_id=booking_id)
    return found


def state_now(booking: Booking, now: datetime) -> State:
    """A hold that has run out has expired, swept or not."""
    return State.EXPIRED if has_ended(booking.held_until, now) else State(booking.state)


def due_rial(booking: Booking) -> int:
    """What the next payment is: the deposit of a hold, the rest of a confirmed booking."""
    if booking.state == State.HELD:
        return booking.deposit_rial - booking.paid_rial
    return booking.charged_rial - booking.paid_rial if booking.state in LIVE else 0


def cancelling_costs(booking: Booking, now: datetime) -> tuple[int, int]:
    """What the house would keep and what would go back, were the booking cancelled now."""
    kept = kept_rial(terms_of(booking.terms), booking.charged_rial, booking.starts_at, now)
    back = refund_rial(kept, booking.paid_rial)
    return booking.paid_rial - back, back


def is_called_off(session: Session, booking: Booking) -> bool:
    """Whether it is for a date that does not take place. No query for lodging."""
    if booking.session_id is None:
        return False
    return session.scalar(select(ShrineSession.called_off_at).where(ShrineSession.id == booking.session_id)) is not None


def nights_of_booking(booking: Booking) -> Nights | None:
    return _nights(booking.nights)


def nights_of_waiting(waiting: Waiting) -> Nights | None:
    return _nights(waiting.nights)


def _nights(kept: Range[date] | None) -> Nights | None:
    return Nights(kept.lower, kept.upper) if kept is not None and kept.lower and kept.upper else None


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking in a list, with the names of the house or programme it is in."""

    booking: Booking
    names: dict[str, str]
    state: State


def bookings_of(session: Session, person_id: int, now: datetime, *, after: int | None = None, limit: int = 20) -> list[BookingRow]:
    """What a person booked or is booked for, the newest first. Two queries; `after` is the id of the last one seen."""
    page = select(Booking).where(or_(Booking.person_id == person_id, Booking.maker_id == person_id))
    if after is not None:
        page = page.where(Booking.id < after)
    rows = session.scalars(page.order_by(Booking.id.desc()).limit(limit)).all()
    return _with_names(session, rows, now)


def day_list(
    session: Session, organisation_ids: Collection[int], first: datetime, until: datetime, now: datetime
) -> list[BookingRow]:
    """Bookings of some houses that begin between two instants, held ones left out. Two queries."""
    of_day = (Booking.starts_at >= first) & (Booking.starts_at < until)
    return _desk_list(session, organisation_ids, of_day & Booking.state.in_(("confirmed", "arrived", "no_show")), now)


def in_house(session: Session, organisation_ids: Collection[int], now: datetime) -> list[BookingRow]:
    """Who has arrived and not left, the first to leave first. Two queries."""
    return _desk_list(session, organisation_ids, Booking.state == State.ARRIVED, now)


def _desk_list(session: Session, organisation_ids: Collection[int], which: ColumnElement[bool], now: datetime) -> list[BookingRow]:
    rows = select(Booking).where(Booking.organisation_id.in_(organisation_ids), which)
    return _with_names(session, session.scalars(rows.order_by(Booking.ends_at, Booking.id).limit(300)).all(), now)


def _with_names(session: Session, bookings: Sequence[Booking], now: datetime) -> list[BookingRow]:
    names = names_of_things(session, bookings)
    return [BookingRow(one, names[one.id], state_now(one, now)) for one in bookings]


def follows_moon(session: Session, booking: Booking) -> bool:
    """Whether its date is moved with a lunar month. One query, none for lodging."""
    if booking.session_id is None:
        return False
    return session.scalar(select(ShrineSession.moon_day).where(ShrineSession.id == booking.session_id)) is not None


def names_of_things(session: Session, bookings: Sequence[Booking | Waiting]) -> dict[int, dict[str, str]]:
    """Booking → names of its house or programme. One query for each kind that is among them."""
    houses = {one.lodging_id for one in bookings if one.lodging_id is not None}
    sessions = {one.session_id for one in bookings if one.session_id is not None}
    of_houses = _names_of_houses(session, houses) if houses else {}
    of_sessions = _names_of_sessions(session, sessions) if sessions else {}
    return {one.id: of_houses.get(one.lodging_id or 0) or of_sessions.get(one.session_id or 0) or {} for one in bookings}


def _names_of_houses(session: Session, lodging_ids: Collection[int]) -> dict[int, dict[str, str]]:
    rows = session.execute(select(Lodging.id, Lodging.names).where(Lodging.id.in_(lodging_ids)))
    return {row.id: row.names for row in rows}


def _names_of_sessions(session: Session, session_ids: Collection[int]) -> dict[int, dict[str, str]]:
    rows = select(ShrineSession.id, ShrineProgramme.names).join(ShrineProgramme, ShrineProgramme.id == ShrineSession.programme_id)
    return {row.id: row.names for row in session.execute(rows.where(ShrineSession.id.in_(session_ids)))}


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line with the names of its class (None for seats) and the rooms and beds it has now: (code, bed, how many beds)."""

    line: BookingLine
    class_names: dict[str, str] | None
    lets: str | None
    places: tuple[tuple[int, str, int, int], ...]  # occupation id, room, bed, beds in the room


def lines_of(session: Session, booking_id: int) -> list[LineRow]:
    """Two queries."""
    rows = session.execute(
        select(BookingLine, LodgingClass.names, LodgingClass.lets)
        .outerjoin(LodgingClass, LodgingClass.id == BookingLine.class_id)
        .where(BookingLine.booking_id == booking_id)
        .order_by(BookingLine.id)
    ).all()
    places: dict[int, list[tuple[int, str, int, int]]] = {}
    for kept, unit in session.execute(
        select(Occupation, Unit)
        .join(Unit, Unit.id == Occupation.unit_id)
        .where(Occupation.booking_id == booking_id, Occupation.released_at.is_(None))
        .order_by(Occupation.id)
    ):
        places.setdefault(kept.line_id, []).append((kept.id, unit.code, kept.bed, unit.beds))
    return [LineRow(line, names, lets, tuple(places.get(line.id, ()))) for line, names, lets in rows]


def seats_of(session: Session, booking_id: int) -> tuple[str, ...]:
    """The kinds of seats of a programme's booking."""
    rows = select(SeatPool.kind).join(BookingLine, BookingLine.pool_id == SeatPool.id).where(BookingLine.booking_id == booking_id)
    return tuple(session.scalars(rows.order_by(BookingLine.id)))


def payments_of(session: Session, booking_id: int) -> list[BookingPayment]:
    """Payments and what went back of them, in order."""
    rows = select(BookingPayment).where(BookingPayment.booking_id == booking_id).order_by(BookingPayment.id)
    return list(session.scalars(rows))


def name_of_person(session: Session, person_id: int, language: str) -> str:
    return in_language(names_of_people(session, [person_id]).get(person_id, {}), language)


def waitings_of(session: Session, person_id: int, most: int = 20) -> list[Waiting]:
    """Where a person waits or was offered something, the newest first."""
    rows = select(Waiting).where(Waiting.person_id == person_id, Waiting.state.in_(("waiting", "offered")))
    return list(session.scalars(rows.order_by(Waiting.id.desc()).limit(most)))


def wanted_of_waiting(waiting: Waiting) -> tuple[Wanted, ...]:
    return tuple(Wanted(thing, quantity, Party(men, women, children)) for thing, quantity, men, women, children in waiting.wanted)


def place_in_line(session: Session, waiting: Waiting) -> int:
    """1 for the first who waits in the same house or session."""
    same = Waiting.lodging_id == waiting.lodging_id if waiting.session_id is None else Waiting.session_id == waiting.session_id
    before = select(Waiting.id).where(same, Waiting.state == "waiting", Waiting.id < waiting.id)
    return len(session.scalars(before).all()) + 1


MOST_KNOCKED = 50


def knocked_by(session: Session, person_id: int, who: str, now: datetime) -> list[Knocked]:
    """What a person comes for, booked, or is named in (`who`, as turns name people) that is not long over. Three queries."""
    member = select(Turn.booking_id).where(Turn.who == who, Turn.released_at.is_(None))
    own = or_(Booking.person_id == person_id, Booking.maker_id == person_id, Booking.id.in_(member))
    rows = select(Booking).where(own, Booking.ends_at > now - REMEMBERED).order_by(Booking.starts_at, Booking.id)
    bookings = session.scalars(rows.limit(MOST_KNOCKED).execution_options(populate_existing=True)).all()
    return knocked(session, bookings, now, person_id)


def knocked(session: Session, bookings: Sequence[Booking], now: datetime, person_id: int | None = None) -> list[Knocked]:
    """Bookings as a door sees them; whoever neither comes nor booked is a member of the party. Two queries."""
    ids = [one.id for one in bookings]
    counted = func.sum(BookingLine.men + BookingLine.women + BookingLine.children)
    lines = select(BookingLine.booking_id, counted).where(BookingLine.booking_id.in_(ids)).group_by(BookingLine.booking_id)
    people = {row[0]: int(row[1]) for row in session.execute(lines)}
    entries: dict[int, list[DoorEntry]] = {number: [] for number in ids}
    let_in = select(DoorEntry).where(DoorEntry.booking_id.in_(ids), DoorEntry.finding.in_(("fine", "old")))
    for entry in session.scalars(let_in.order_by(DoorEntry.entered_at)):
        entries[entry.booking_id].append(entry)
    return [_knocked(one, people.get(one.id, 1), entries[one.id], now, person_id) for one in bookings]


def _knocked(booking: Booking, people: int, entries: Sequence[DoorEntry], now: datetime, person_id: int | None) -> Knocked:
    """The desk that let somebody in by hand let the whole party in."""
    inside, last = sum(entry.people for entry in entries), entries[-1].entered_at if entries else None
    if booking.state == State.ARRIVED and not entries:
        inside, last = people, booking.arrived_at
    own = [entry.entered_at for entry in entries if entry.person_id is not None and entry.person_id == person_id]
    return Knocked(
        booking.id, booking.organisation_id, booking.session_id is not None, state_now(booking, now), booking.starts_at, booking.ends_at,
        booking.charged_rial - booking.paid_rial, people, inside, last, is_member=person_id is not None and person_id not in (booking.person_id, booking.maker_id),
        member_in_at=own[-1] if own else None,
    )  # fmt: skip


def entry_of_key(session: Session, key: str) -> DoorEntry | None:
    return session.scalar(select(DoorEntry).where(DoorEntry.key == key))


def organisations_of_door(session: Session, terminal_id: int, merchant_id: int) -> frozenset[int]:
    """Whose door a terminal stands at: the house of its own shop, and who has named it. Empty where it is none."""
    own = select(Lodging.organisation_id).where(Lodging.merchant_id == merchant_id)
    named = select(DoorTerminal.organisation_id).where(DoorTerminal.terminal_id == terminal_id)
    return frozenset(session.scalars(own.union(named)))


def till_of_desk(session: Session, organisation_ids: Collection[int]) -> str | None:
    """The terminal that a tap at the desk counts as made at: a web till of the house, else another of its terminals or doors."""
    named = select(DoorTerminal.terminal_id).where(DoorTerminal.organisation_id.in_(organisation_ids))
    own = select(Terminal.id).join(Branch, Branch.id == Terminal.branch_id).join(Merchant, Merchant.id == Branch.merchant_id)
    own = own.where(Merchant.organisation_id.in_(organisation_ids))
    rows = select(Terminal.code).where(Terminal.id.in_(own.union(named)), Terminal.status == "active")
    return session.scalar(rows.order_by(Terminal.kind != "web", Terminal.id).limit(1))


def doors_of(session: Session, organisation_ids: Collection[int]) -> list[DoorTerminal]:
    """The terminals that organisations have named, the newest first."""
    rows = select(DoorTerminal).where(DoorTerminal.organisation_id.in_(organisation_ids))
    return list(session.scalars(rows.order_by(DoorTerminal.named_at.desc()).limit(200)))
