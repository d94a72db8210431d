"""Reads of works notices, and which shops one touches."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from merchants.models import Branch, Merchant
from merchants.works.errors import WorksNotFound
from merchants.works.models import WorksNotice
from merchants.works.rules import NEAR_M, SHOWN_AHEAD
from places.models import Place, Zone

A_DEGREE_M = 111_320.0
# At least as many degrees as NEAR_M metres are, at any latitude where somebody lives on a pilgrims' way.
NEAR_DEGREES = 2 * NEAR_M / A_DEGREE_M


@dataclass(frozen=True, slots=True)
class NoticeTold:
    """A notice with the names of where it is; None for the whole city."""

    notice: WorksNotice
    where: dict[str, str] | None


def live_works(session: Session, city_id: int, now: datetime, *, limit: int = 50) -> list[NoticeTold]:
    """Those that go on, or begin within a day: what hinders most first, then what begins first. One query."""
    going_on = (WorksNotice.ends_at > now) & (WorksNotice.starts_at <= now + SHOWN_AHEAD)
    return _read(session, _of_city(city_id).where(going_on).order_by(_WEIGHT, WorksNotice.starts_at, WorksNotice.id).limit(limit))


def coming_works(session: Session, city_id: int, now: datetime, *, limit: int = 50) -> list[NoticeTold]:
    """Those that begin later than that. One query."""
    later = WorksNotice.starts_at > now + SHOWN_AHEAD
    return _read(session, _of_city(city_id).where(later).order_by(WorksNotice.starts_at, WorksNotice.id).limit(limit))


def past_works(session: Session, city_id: int, now: datetime, *, before: int | None = None, limit: int = 20) -> list[NoticeTold]:
    """Those that are over or were called off, the newest first. One query."""
    over = or_(WorksNotice.ends_at <= now, WorksNotice.called_off_at.is_not(None))
    page = _notices().where(WorksNotice.city_id == city_id, over).order_by(WorksNotice.id.desc()).limit(limit)
    return _read(session, page.where(WorksNotice.id < before) if before else page)


def works_near(session: Session, city_id: int, place_id: int, now: datetime) -> list[NoticeTold]:
    """The live notices that touch a place: of its whole city, of its zone, of it or what it is a part of, or within half a kilometre. One query."""
    here, there = aliased(Place), aliased(Place)
    touches = or_(
        (WorksNotice.place_id.is_(None)) & (WorksNotice.zone_id.is_(None)),
        WorksNotice.zone_id == here.zone_id,
        WorksNotice.place_id.in_((here.id, here.parent_id)),
        exists()
        .where(there.id == WorksNotice.place_id, func.ST_DistanceSphere(there.position, here.position) <= NEAR_M)
        .correlate(WorksNotice, here),
    )
    going_on = (WorksNotice.ends_at > now) & (WorksNotice.starts_at <= now + SHOWN_AHEAD)
    page = _of_city(city_id).join(here, here.id == place_id).where(going_on, touches)
    return _read(session, page.order_by(_WEIGHT, WorksNotice.starts_at, WorksNotice.id))


_WEIGHT = func.array_position(["closed", "much", "little"], WorksNotice.severity)


def _of_city(city_id: int) -> Select[*tuple[Any, ...]]:
    return _notices().where(WorksNotice.city_id == city_id, WorksNotice.called_off_at.is_(None))


def _notices() -> Select[*tuple[Any, ...]]:
    at = aliased(Place, name="at")
    return (
        select(WorksNotice, func.coalesce(at.names, Zone.names).label("where"))
        .outerjoin(at, at.id == WorksNotice.place_id)
        .outerjoin(Zone, Zone.id == WorksNotice.zone_id)
    )


def _read(session: Session, page: Select[*tuple[Any, ...]]) -> list[NoticeTold]:
    return [NoticeTold(row.WorksNotice, row.where) for row in session.execute(page)]


def lock_works(session: Session, organisation_ids: Sequence[int], notice_id: int, now: datetime) -> WorksNotice:
    """Raises WorksNotFound, for another municipality's and for one that is over too."""
    mine = (WorksNotice.organisation_id.in_(organisation_ids)) & (WorksNotice.called_off_at.is_(None)) & (WorksNotice.ends_at > now)
    wanted = select(WorksNotice).where(WorksNotice.id == notice_id, mine).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise WorksNotFound
    return found


def shops_touched(notice: WorksNotice) -> ColumnElement[bool]:
    """Merchants with a branch in the notice's zone, within half a kilometre of its place, or in its city where it names neither."""
    here = (Branch.merchant_id == Merchant.id) & (Branch.status != "closed") & (Place.id == Branch.place_id)
    branch_here = exists().where(here, Place.city_id == notice.city_id)
    if notice.zone_id is not None:
        return branch_here.where(Place.zone_id == notice.zone_id)
    if notice.place_id is None:
        return branch_here
    there = aliased(Place)
    centre = select(there.position).where(there.id == notice.place_id).scalar_subquery()
    near = func.ST_DistanceSphere(Place.position, centre) <= NEAR_M
    return branch_here.where(Place.position.op("&&")(func.ST_Expand(centre, NEAR_DEGREES)), near)
