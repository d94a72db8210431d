"""Reads and locks of bookings."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission
from identity.queries import names_of_people
from kernel.languages import in_language
from reservations.bookings.models import Booking, BookingLine, BookingPayment, Occupation, Waiting
from reservations.bookings.rules.states import LIVE, State, Wanted, has_ended
from reservations.errors import BookingNotFound
from reservations.lodging.models import Lodging, LodgingClass, Unit
from reservations.lodging.rules import Nights, Party, Terms, kept_rial, refund_rial, terms_of
from reservations.programmes.models import ShrineProgramme, ShrineSession

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


def terms_of_booking(booking: Booking) -> Terms:
    return terms_of(booking.terms)


def nights_of_booking(booking: Booking) -> Nights | None:
    kept = booking.nights
    return Nights(kept.lower, kept.upper) if kept is not None and kept.lower and kept.upper else None


@dataclass(frozen=True, slots=True)
class BookingRow:
    """A booking in a list, with the names of the house or programme it is in."""

    booking: Booking
    names: dict[str, str]
    state: State


def bookings_of(
    session: Session, person_id: int, now: datetime, *, after: int | None = None, limit: int = 20
) -> list[BookingRow]:
    """What a person booked or is booked for, the newest first. Two queries; `after` is the id of the last one seen."""
    page = select(Booking).where(or_(Booking.person_id == person_id, Booking.maker_id == person_id))
    if after is not None:
        page = page.where(Booking.id < after)
    rows = session.scalars(page.order_by(Booking.id.desc()).limit(limit)).all()
    return _with_names(session, rows, now)


def day_list(session: Session, organisation_ids: Collection[int], first: datetime, until: datetime, now: datetime) -> list[BookingRow]:
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


def wanted_of(session: Session, booking_id: int) -> tuple[Wanted, ...]:
    lines = session.scalars(select(BookingLine).where(BookingLine.booking_id == booking_id).order_by(BookingLine.id))
    return tuple(
        Wanted(line.class_id or line.pool_id or 0, line.quantity, Party(line.men, line.women, line.children)) for line in lines
    )


def payments_of(session: Session, booking_id: int) -> list[BookingPayment]:
    """Payments and what went back of them, in order."""
    rows = select(BookingPayment).where(BookingPayment.booking_id == booking_id).order_by(BookingPayment.id)
    return list(session.scalars(rows))


def nights_left(booking: Booking, today: date) -> int:
    """How many nights after today's morning are still booked."""
    nights = nights_of_booking(booking)
    return 0 if nights is None else max(0, (nights.until - max(today, nights.first)).days)


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
