"""Closed days are counted, and counted again while returns may still come and until it is known how long people stayed."""

from datetime import date, timedelta

from sqlalchemy import and_, delete, insert, or_, select, text
from sqlalchemy.dialects.postgresql import insert as insert_or_leave
from sqlalchemy.orm import Session

from insights.visitors.counting import count_day
from insights.visitors.models import VisitorCell, VisitorCount
from insights.visitors.rules import RECOUNTED_AT, Kept, kept_of
from kernel import clock

_CLOSED = text("SELECT day FROM ledger.business_day WHERE closed_at IS NOT NULL")


def count_next_day(session: Session) -> date | None:
    """Count the earliest closed day that is due; None where none is. A day that another turn is at is left to it."""
    closed = session.scalars(_CLOSED).all()
    if not closed:
        return None
    session.execute(insert_or_leave(VisitorCount).values([{"day": day} for day in closed]).on_conflict_do_nothing())
    last = max(closed)
    is_due = or_(*(and_(VisitorCount.age < age, VisitorCount.day <= last - timedelta(days=age)) for age in RECOUNTED_AT))
    due = select(VisitorCount).where(is_due, ~VisitorCount.is_invented).order_by(VisitorCount.day).limit(1)
    count = session.scalar(due.with_for_update(skip_locked=True))
    if count is None:
        return None
    age = (last - count.day).days
    cells = {
        city_id: kept_of(groups) for city_id, groups in count_day(session, count.day, knows_stays=age >= RECOUNTED_AT[-1]).items()
    }
    keep_day(session, count, age, cells)
    return count.day


def keep_day(session: Session, count: VisitorCount, age: int, cells: dict[int, list[Kept]]) -> None:
    """The day's cells by city take the place of those that were kept of it."""
    count.age, count.counted_at = age, clock.now()
    session.flush()
    session.execute(delete(VisitorCell).where(VisitorCell.day == count.day))
    rows = [
        {
            "city_id": city_id, "told_by": one.told_by.value, "day": count.day, "within": one.within, "key": one.key,
            "people": one.people, "purchases": one.purchases, "amount_rial": one.amount_rial,
        }
        for city_id, kept in cells.items() for one in kept
    ]  # fmt: skip
    if rows:
        session.execute(insert(VisitorCell), rows)
