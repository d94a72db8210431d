"""Reads of outages, and which shops are told of one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select, true
from sqlalchemy.orm import Session

from merchants.models import Branch, Merchant
from merchants.outages.errors import OutageNotFound
from merchants.outages.models import Outage
from merchants.outages.rules import SHOWN_AHEAD
from places.models import City, Place


def live_outages(session: Session, now: datetime) -> Sequence[Outage]:
    """Those that go on, or begin within a day, the first to begin first. One query."""
    live = select(Outage).where(Outage.ended_at.is_(None), Outage.starts_at <= now + SHOWN_AHEAD)
    return session.scalars(live.order_by(Outage.starts_at, Outage.id)).all()


def coming_outages(session: Session, now: datetime) -> Sequence[Outage]:
    """Those that begin later than that. One query."""
    later = select(Outage).where(Outage.ended_at.is_(None), Outage.starts_at > now + SHOWN_AHEAD)
    return session.scalars(later.order_by(Outage.starts_at, Outage.id)).all()


def past_outages(session: Session, *, before: int | None = None, limit: int = 20) -> Sequence[Outage]:
    """Those that ended, the newest first. One query."""
    past = select(Outage).where(Outage.ended_at.is_not(None)).order_by(Outage.id.desc()).limit(limit)
    return session.scalars(past.where(Outage.id < before) if before else past).all()


def lock_live_outage(session: Session, outage_id: int) -> Outage:
    """Raises OutageNotFound, for one that has ended too."""
    wanted = select(Outage).where(Outage.id == outage_id, Outage.ended_at.is_(None)).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise OutageNotFound
    return found


def shops_of_cities(codes: Sequence[str]) -> ColumnElement[bool]:
    """Merchants with a branch in one of the cities; all of them where none is named."""
    if not codes:
        return true()
    return exists().where(
        Branch.merchant_id == Merchant.id, Place.id == Branch.place_id, City.id == Place.city_id, City.code.in_(codes)
    )
