"""Reads of programmes: sessions, free seats, and whose turn is when."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, column, func, select, true, tuple_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from kernel.calendar import end_of_day, local_day
from merchants.models import Merchant
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.queries import wanted_of_waiting
from reservations.bookings.rules.states import Wanted
from reservations.bookings.rules.waiting import SOON, Wish, kept_for_others
from reservations.errors import CalledOff, ProgrammeNotFound
from reservations.lodging.rules import Party
from reservations.programmes.models import Seating, SeatPool, ShrineProgramme, ShrineSession, Turn

A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session with its programme and its pools: (id, kind, seats, free).

    `waiting` counts who stands in its line; what is `kept` for them is not free for who only comes now.
    """

    session: ShrineSession
    programme: ShrineProgramme
    pools: tuple[tuple[int, str, int, int], ...]
    waiting: int
    kept: Mapping[int, int]

    @property
    def day(self) -> date:
        return local_day(self.session.starts_at)

    @property
    def open_pools(self) -> tuple[tuple[int, str, int, int], ...]:
        """The pools as they stand for who only comes now."""
        return tuple((number, kind, seats, max(0, free - self.kept.get(number, 0))) for number, kind, seats, free in self.pools)

    @property
    def free(self) -> int:
        return sum(pool[3] for pool in self.open_pools)

    @property
    def taken(self) -> int:
        return sum(pool[2] - pool[3] for pool in self.pools)


@dataclass(frozen=True, slots=True)
class Sought:
    """Which dates somebody looks for; what is None is not asked for."""

    city_id: int | None = None
    kind: str | None = None
    day: date | None = None
    organisation_ids: Collection[int] | None = None
    only_free: bool = False


def sessions_page(
    session: Session, now: datetime, sought: Sought = Sought(), *, after: int | None = None, limit: int = 30
) -> list[SessionRow]:
    """Coming dates of open programmes that take place, by their beginning. Four queries; `after` is the id of the last one seen."""
    page = _coming(now).where(_is_served(), ShrineSession.called_off_at.is_(None)).limit(limit)
    if sought.city_id is not None:
        page = page.where(ShrineProgramme.city_id == sought.city_id)
    if sought.organisation_ids is not None:
        page = page.where(ShrineProgramme.organisation_id.in_(sought.organisation_ids))
    if sought.kind is not None:
        page = page.where(ShrineProgramme.kind == sought.kind)
    if sought.day is not None:
        page = page.where(
            ShrineSession.starts_at >= end_of_day(sought.day - A_DAY), ShrineSession.starts_at < end_of_day(sought.day)
        )
    if sought.only_free:
        page = page.where(_has_room(now))
    if after is not None:
        seen = select(ShrineSession.starts_at, ShrineSession.id).where(ShrineSession.id == after).scalar_subquery()
        page = page.where(tuple_(ShrineSession.starts_at, ShrineSession.id) > seen)
    return _rows(session, page, now)


def sessions_of(session: Session, programme_id: int, now: datetime, limit: int = 100) -> list[SessionRow]:
    """Coming dates of one programme, called off or not. Four queries."""
    return _rows(session, _coming(now).where(ShrineProgramme.id == programme_id).limit(limit), now)


def _coming(now: datetime) -> Select[*tuple[Any, ...]]:
    return (
        select(ShrineSession, ShrineProgramme)
        .join(ShrineProgramme, ShrineProgramme.id == ShrineSession.programme_id)
        .where(ShrineSession.starts_at > now)
        .order_by(ShrineSession.starts_at, ShrineSession.id)
    )


def _rows(session: Session, page: Select[*tuple[Any, ...]], now: datetime) -> list[SessionRow]:
    rows = session.execute(page).all()
    pools = pools_of(session, [one.id for one, _ in rows], now)
    lines = lines_of(session, [one for one, _ in rows])
    return [_row(one, programme, pools[one.id], lines[one.id], now) for one, programme in rows]


def _row(
    one: ShrineSession,
    programme: ShrineProgramme,
    pools: tuple[tuple[int, str, int, int], ...],
    line: Sequence[Wish],
    now: datetime,
) -> SessionRow:
    comer = Wish(0, tuple(Wanted(number, 1, Party()) for number, _, _, _ in pools), None, one.starts_at)
    return SessionRow(one, programme, pools, len(line), kept_for_others(comer, line, now))


def lines_of(session: Session, dates: Collection[ShrineSession]) -> dict[int, list[Wish]]:
    """Session → who waits for it, in order. One query."""
    starts, lines = {one.id: one.starts_at for one in dates}, {one.id: list[Wish]() for one in dates}
    rows = select(Waiting).where(Waiting.session_id.in_(starts), Waiting.state == "waiting").order_by(Waiting.id)
    for one in session.scalars(rows):
        number = one.session_id or 0
        lines[number].append(Wish(one.id, wanted_of_waiting(one), None, starts[number]))
    return lines


def _has_room(now: datetime) -> ColumnElement[bool]:
    """Whether a seat is free that is not kept for who waits."""
    taken = (
        select(func.coalesce(func.sum(Seating.quantity), 0)).where(Seating.pool_id == SeatPool.id, _is_taken(now)).scalar_subquery()
    )
    wishes = func.jsonb_array_elements(Waiting.wanted).table_valued(column("wanted", JSONB), name="wish").render_derived()
    wanted = wishes.c.wanted
    waited = (
        select(func.coalesce(func.sum(wanted[1].as_integer()), 0))
        .select_from(Waiting)
        .join(wishes, true())
        .where(Waiting.session_id == ShrineSession.id, Waiting.state == "waiting", wanted[0].as_integer() == SeatPool.id)
        .correlate(ShrineSession, SeatPool)
        .scalar_subquery()
    )
    kept = case((ShrineSession.starts_at > now + SOON, waited), else_=0)
    return select(SeatPool.id).where(SeatPool.session_id == ShrineSession.id, SeatPool.seats - taken - kept > 0).exists()


def session_row(session: Session, session_id: int, now: datetime) -> SessionRow:
    """Raises ProgrammeNotFound."""
    found = session.execute(
        select(ShrineSession, ShrineProgramme)
        .join(ShrineProgramme, ShrineProgramme.id == ShrineSession.programme_id)
        .where(ShrineSession.id == session_id)
    ).one_or_none()
    if found is None:
        raise ProgrammeNotFound(session_id=session_id)
    return _row(
        found[0], found[1], pools_of(session, [session_id], now)[session_id], lines_of(session, [found[0]])[session_id], now
    )


def pools_of(session: Session, session_ids: Collection[int], now: datetime) -> dict[int, tuple[tuple[int, str, int, int], ...]]:
    """Session → its pools with how many seats are free. Two queries."""
    pools = session.scalars(select(SeatPool).where(SeatPool.session_id.in_(session_ids)).order_by(SeatPool.id)).all()
    taken = seats_taken(session, [pool.id for pool in pools], now)
    told: dict[int, tuple[tuple[int, str, int, int], ...]] = dict.fromkeys(session_ids, ())
    for pool in pools:
        told[pool.session_id] += ((pool.id, pool.kind, pool.seats, max(0, pool.seats - taken.get(pool.id, 0))),)
    return told


def seats_taken(session: Session, pool_ids: Collection[int], now: datetime) -> dict[int, int]:
    """What bookings and holds take of each pool. One query."""
    rows = session.execute(
        select(Seating.pool_id, func.sum(Seating.quantity))
        .where(Seating.pool_id.in_(pool_ids), _is_taken(now))
        .group_by(Seating.pool_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def seats_left(session: Session, session_id: int, now: datetime) -> dict[int, int]:
    """Pool → how many seats of it are free. One query."""
    taken = (
        select(func.coalesce(func.sum(Seating.quantity), 0)).where(Seating.pool_id == SeatPool.id, _is_taken(now)).scalar_subquery()
    )
    rows = session.execute(select(SeatPool.id, SeatPool.seats - taken).where(SeatPool.session_id == session_id))
    return {row[0]: max(0, int(row[1])) for row in rows}


def _is_taken(now: datetime) -> ColumnElement[bool]:
    """A hold that has run out takes nothing."""
    return Seating.released_at.is_(None) & (Seating.held_until.is_(None) | (Seating.held_until > now))


def served_session(session: Session, session_id: int) -> tuple[ShrineSession, ShrineProgramme]:
    """A date of a programme that takes bookings: it is open, and the shop that runs it works. Raises ProgrammeNotFound."""
    found = session.execute(
        select(ShrineSession, ShrineProgramme)
        .join(ShrineProgramme, ShrineProgramme.id == ShrineSession.programme_id)
        .where(ShrineSession.id == session_id, _is_served())
    ).one_or_none()
    if found is None:
        raise ProgrammeNotFound(session_id=session_id)
    return found[0], found[1]


def is_served(session: Session, programme_id: int) -> bool:
    return session.scalar(select(ShrineProgramme.id).where(ShrineProgramme.id == programme_id, _is_served())) is not None


def _is_served() -> ColumnElement[bool]:
    active = select(Merchant.id).where(Merchant.status == "active")
    return ShrineProgramme.is_open & (ShrineProgramme.merchant_id.is_(None) | ShrineProgramme.merchant_id.in_(active))


def people_coming(session: Session, session_id: int) -> int:
    """Who has booked for good, holds left out."""
    coming = select(func.sum(Seating.quantity)).join(SeatPool, SeatPool.id == Seating.pool_id)
    for_good = Seating.released_at.is_(None) & Seating.held_until.is_(None)
    return int(session.scalar(coming.where(SeatPool.session_id == session_id, for_good)) or 0)


def lock_takes_place(session: Session, session_id: int) -> ShrineSession:
    """The date, which nobody calls off before this unit of work ends. Raises CalledOff, ProgrammeNotFound."""
    wanted = select(ShrineSession).where(ShrineSession.id == session_id).with_for_update(read=True)
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise ProgrammeNotFound(session_id=session_id)
    if found.called_off_at is not None:
        raise CalledOff
    return found


def lock_pools(session: Session, pool_ids: Collection[int]) -> list[SeatPool]:
    """The pools by id, locked against everybody else who wants seats of them."""
    wanted = select(SeatPool).where(SeatPool.id.in_(pool_ids)).order_by(SeatPool.id)
    return list(session.scalars(wanted.with_for_update().execution_options(populate_existing=True)))


def next_turns(session: Session, names: Collection[str], now: datetime) -> dict[int, date]:
    """Programme → the first day on which who is known by these names may have another turn. One query."""
    own = select(Turn.programme_id, func.max(func.upper(Turn.days))).where(Turn.who.in_(names), _counts(now))
    rows = session.execute(own.group_by(Turn.programme_id))
    return {row[0]: row[1] for row in rows}


def next_turns_of(session: Session, programme_id: int, some: Collection[str], now: datetime) -> dict[str, date]:
    """Guest → the first day on which they may have another turn, of those who had one. One query."""
    of = select(Turn.who, func.max(func.upper(Turn.days))).where(
        Turn.programme_id == programme_id, Turn.who.in_(some), _counts(now)
    )
    return {row[0]: row[1] for row in session.execute(of.group_by(Turn.who))}


def _counts(now: datetime) -> ColumnElement[bool]:
    """Whether a turn is had, or kept by a hold that has not run out."""
    ended = select(Booking.id).where(Booking.state == "held", Booking.held_until <= now)
    return Turn.released_at.is_(None) & Turn.booking_id.not_in(ended)


def ended_holds(
    session: Session, pool_ids: Collection[int], programme_id: int, guests: Collection[str], now: datetime
) -> list[int]:
    """Bookings whose hold has run out and still stands in the books of these pools or of these guests' turns, by id. One query."""
    seated = select(Seating.booking_id).where(Seating.pool_id.in_(pool_ids), Seating.released_at.is_(None))
    turned = select(Turn.booking_id).where(Turn.programme_id == programme_id, Turn.who.in_(guests), Turn.released_at.is_(None))
    over = select(Booking.id).where(Booking.state == "held", Booking.held_until <= now)
    return list(session.scalars(over.where(Booking.id.in_(seated) | Booking.id.in_(turned)).order_by(Booking.id)))


def programmes_of(session: Session, organisation_ids: Collection[int]) -> list[ShrineProgramme]:
    rows = select(ShrineProgramme).where(ShrineProgramme.organisation_id.in_(organisation_ids)).order_by(ShrineProgramme.id)
    return list(session.scalars(rows.limit(200)))


def own_programme(session: Session, organisation_ids: Collection[int] | None, programme_id: int) -> ShrineProgramme:
    """Raises ProgrammeNotFound, for others' too."""
    found = session.get(ShrineProgramme, programme_id)
    if found is None or (organisation_ids is not None and found.organisation_id not in organisation_ids):
        raise ProgrammeNotFound(programme_id=programme_id)
    return found
