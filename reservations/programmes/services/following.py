"""Dates that follow the moon: when their lunar month is announced a day earlier or later, they move with it, bookings and lines too."""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.moon import Month, Moon
from kernel.outbox import publish
from places.moon.queries import moon
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.rules.states import State
from reservations.events import ProgrammeMoved
from reservations.lodging.rules import terms_kept
from reservations.programmes.models import ShrineSession, Turn
from reservations.programmes.services.seating import FREE

MOON = Actor.system("the moon")
OPEN = (State.HELD, State.CONFIRMED)


def follow_moon(session: Session, move_id: int, month: Month) -> int:
    """Move the coming dates of a lunar month to where it has them now. How many moved; asked again, none does.

    The last goes first where they move ahead, so that two turns of one guest in a month never meet on the way.
    """
    calendar = moon(session)
    of_month = (ShrineSession.moon_year == month.year) & (ShrineSession.moon_month == month.number)
    coming = ShrineSession.called_off_at.is_(None) & (ShrineSession.starts_at > clock.now())
    rows = select(ShrineSession).where(of_month, coming).order_by(ShrineSession.id).with_for_update()
    dates = session.scalars(rows.execution_options(populate_existing=True)).all()
    by_day = sorted(
        ((_step(one, calendar), one) for one in dates), key=lambda pair: pair[0] * pair[1].starts_at.timestamp(), reverse=True
    )
    return sum(_move(session, one, timedelta(days=days), move_id) for days, one in by_day if days)


def _step(date_of: ShrineSession, calendar: Moon) -> int:
    """By how many days it is away from its lunar day."""
    if date_of.moon_year is None or date_of.moon_month is None or date_of.moon_day is None:
        return 0
    return (calendar.day(date_of.moon_year, date_of.moon_month, date_of.moon_day) - local_day(date_of.starts_at)).days


def _move(session: Session, date_of: ShrineSession, by: timedelta, move_id: int) -> bool:
    """Whoever booked may cancel free of charge from then on: this is not the day they agreed to. What would have begun by now stays."""
    if date_of.starts_at + by <= clock.now():
        return False
    before = date_of.starts_at
    date_of.starts_at, date_of.ends_at = date_of.starts_at + by, date_of.ends_at + by
    open_ones = (
        select(Booking).where(Booking.session_id == date_of.id, Booking.state.in_(OPEN)).order_by(Booking.id).with_for_update()
    )
    touched: set[int | None] = set()
    for booking in session.scalars(open_ones.execution_options(populate_existing=True)):
        booking.starts_at, booking.ends_at, booking.terms = booking.starts_at + by, booking.ends_at + by, terms_kept(FREE)
        touched.add(booking.maker_id or booking.person_id)
        _move_turns(session, booking.id, by)
    line = select(Waiting.person_id).where(Waiting.session_id == date_of.id, Waiting.state == "waiting")
    touched.update(session.scalars(line))
    for person_id in sorted(one for one in touched if one is not None):
        publish(session, ProgrammeMoved(date_of.id, person_id, move_id))
    audit.record(
        session, MOON, "move", "shrine session", date_of.id, before={"starts_at": before.isoformat()},
        after={"starts_at": date_of.starts_at.isoformat(), "move_id": move_id},
    )  # fmt: skip
    return True


def _move_turns(session: Session, booking_id: int, by: timedelta) -> None:
    """A turn that would meet another one of the same guest stays where it is: nobody loses a seat by the moon."""
    for turn in session.scalars(select(Turn).where(Turn.booking_id == booking_id, Turn.released_at.is_(None)).order_by(Turn.id)):
        if turn.days.lower is None or turn.days.upper is None:
            continue
        try:
            with session.begin_nested():
                turn.days = Range(turn.days.lower + by, turn.days.upper + by)
                session.flush()
        except IntegrityError:
            session.refresh(turn)
