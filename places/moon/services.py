"""Use cases of the lunar calendar. One move at a time: each is checked against the calendar that the others left."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel import audit, clock, outbox
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.moon import Month
from places.moon.errors import MovedSince, MoveNotFound, ReasonMissing
from places.moon.events import LunarMonthMoved
from places.moon.models import LunarMonth, LunarMove
from places.moon.queries import moon
from places.moon.rules import check_move

MOVES_LOCK = 0x6D6F6F6E  # pg_advisory_xact_lock: whoever moves a month waits for the other


def move_month(session: Session, actor: Actor, month: Month, starts_on: date, why: str) -> LunarMove | None:
    """Record the first day of a month as it was announced; None where it begins on that day anyway.

    Raises MonthTooFar, WrongMonthLength, ReasonMissing.
    """
    if not why.strip():
        raise ReasonMissing(field="why")
    session.execute(select(func.pg_advisory_xact_lock(MOVES_LOCK)))
    return _move(session, actor, month, starts_on, why.strip()[:200])


def undo_move(session: Session, actor: Actor, move_id: int) -> LunarMove:
    """Give a month the first day it had before its last move; again changes nothing. Raises MoveNotFound, MovedSince, WrongMonthLength."""
    session.execute(select(func.pg_advisory_xact_lock(MOVES_LOCK)))
    undone = session.get(LunarMove, move_id)
    if undone is None:
        raise MoveNotFound
    of_month = select(LunarMove).where(LunarMove.year == undone.year, LunarMove.month == undone.month)
    last = session.scalars(of_month.order_by(LunarMove.id.desc()).limit(1)).one()
    if last.undoes_id == move_id:
        return last
    if last.id != move_id:
        raise MovedSince
    back = _move(session, actor, Month(undone.year, undone.month), undone.was, undone.why, undoes_id=move_id)
    if back is None:
        raise MovedSince
    return back


def _move(
    session: Session, actor: Actor, month: Month, starts_on: date, why: str, *, undoes_id: int | None = None
) -> LunarMove | None:
    before = moon(session)
    was = before.start(month)
    check_move(before, month, starts_on, local_day(clock.now()))
    session.merge(LunarMonth(year=month.year, month=month.number, starts_on=starts_on))
    if was == starts_on:
        return None
    move = LunarMove(
        year=month.year, month=month.number, was=was, became=starts_on, moved_at=clock.now(), actor=actor.name, why=why,
        undoes_id=undoes_id,
    )  # fmt: skip
    session.add(move)
    session.flush()
    act = "move" if undoes_id is None else "undo the move of"
    subject = f"{month.year}-{month.number:02d}"
    audit.record(
        session, actor, act, "lunar month", subject, before={"starts_on": str(was)}, after={"starts_on": str(starts_on)}, why=why
    )
    outbox.publish(session, LunarMonthMoved(move.id, month.year, month.number, was, starts_on))
    return move
