"""Reads of programmes: sessions, free seats, and whose turn is when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.calendar import local_day
from reservations.errors import ProgrammeNotFound
from reservations.programmes.models import Seating, SeatPool, ShrineProgramme, ShrineSession, Turn


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session with its programme and its pools: (id, kind, seats, free)."""

    session: ShrineSession
    programme: ShrineProgramme
    pools: tuple[tuple[int, str, int, int], ...]

    @property
    def day(self) -> date:
        return local_day(self.session.starts_at)

    @property
    def free(self) -> int:
        return sum(pool[3] for pool in self.pools)


def sessions_page(
    session: Session,
    now: datetime,
    *,
    programme_ids: Collection[int] | None = None,
    city_id: int | None = None,
    after: int = 0,
    limit: int = 30,
) -> list[SessionRow]:
    """Coming sessions of open programmes, or of some programmes, by their beginning. Three queries; `after` skips so many."""
    page = (
        select(ShrineSession, ShrineProgramme)
        .join(ShrineProgramme, ShrineProgramme.id == ShrineSession.programme_id)
        .where(ShrineSession.starts_at > now)
        .order_by(ShrineSession.starts_at, ShrineSession.id)
        .offset(after)
        .limit(limit)
    )
    if programme_ids is not None:
        page = page.where(ShrineProgramme.id.in_(programme_ids))
    else:
        page = page.where(ShrineProgramme.is_open)
    if city_id is not None:
        page = page.where(ShrineProgramme.city_id == city_id)
    rows = session.execute(page).all()
    pools = pools_of(session, [one.id for one, _ in rows])
    return [SessionRow(one, programme, pools[one.id]) for one, programme in rows]


def session_row(session: Session, session_id: int) -> SessionRow:
    """Raises ProgrammeNotFound."""
    found = session.execute(
        select(ShrineSession, ShrineProgramme)
        .join(ShrineProgramme, ShrineProgramme.id == ShrineSession.programme_id)
        .where(ShrineSession.id == session_id)
    ).one_or_none()
    if found is None:
        raise ProgrammeNotFound(session_id=session_id)
    return SessionRow(found[0], found[1], pools_of(session, [session_id])[session_id])


def pools_of(
    session: Session, session_ids: Collection[int]
) -> dict[int, tuple[tuple[int, str, int, int], ...]]:
    """Session → its pools with how many seats are free. Two queries."""
    pools = session.scalars(select(SeatPool).where(SeatPool.session_id.in_(session_ids)).order_by(SeatPool.id)).all()
    taken = seats_taken(session, [pool.id for pool in pools])
    told: dict[int, tuple[tuple[int, str, int, int], ...]] = dict.fromkeys(session_ids, ())
    for pool in pools:
        told[pool.session_id] += ((pool.id, pool.kind, pool.seats, max(0, pool.seats - taken.get(pool.id, 0))),)
    return told


def seats_taken(session: Session, pool_ids: Collection[int]) -> dict[int, int]:
    """What bookings take of each pool. One query."""
    live = Seating.released_at.is_(None)
    rows = session.execute(
        select(Seating.pool_id, func.sum(Seating.quantity)).where(Seating.pool_id.in_(pool_ids), live).group_by(Seating.pool_id)
    )
    return {row[0]: int(row[1]) for row in rows}


def lock_pools(session: Session, pool_ids: Collection[int]) -> list[SeatPool]:
    """The pools by id, locked against everybody else who wants seats of them."""
    wanted = select(SeatPool).where(SeatPool.id.in_(pool_ids)).order_by(SeatPool.id)
    return list(session.scalars(wanted.with_for_update().execution_options(populate_existing=True)))


def next_turns(session: Session, who: str) -> dict[int, date]:
    """Programme → the first day on which this person may have another turn. One query."""
    own = select(Turn.programme_id, func.max(func.upper(Turn.days))).where(Turn.who == who, Turn.released_at.is_(None))
    rows = session.execute(own.group_by(Turn.programme_id))
    return {row[0]: row[1] for row in rows}


def programmes_of(session: Session, organisation_ids: Collection[int]) -> list[ShrineProgramme]:
    rows = select(ShrineProgramme).where(ShrineProgramme.organisation_id.in_(organisation_ids)).order_by(ShrineProgramme.id)
    return list(session.scalars(rows.limit(200)))


def own_programme(session: Session, organisation_ids: Collection[int] | None, programme_id: int) -> ShrineProgramme:
    """Raises ProgrammeNotFound, for others' too."""
    found = session.get(ShrineProgramme, programme_id)
    if found is None or (organisation_ids is not None and found.organisation_id not in organisation_ids):
        raise ProgrammeNotFound(programme_id=programme_id)
    return found
