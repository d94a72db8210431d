"""A date that does not take place: too few people come, or who runs it says so. Everybody gets everything back, and is told once.

The date is called off in one transaction, which from then on keeps everybody from booking and paying; then its bookings end one by
one, each with its refund in a transaction of its own, until none is left.
"""

from datetime import datetime

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.queries import lock_booking
from reservations.bookings.rules.states import State
from reservations.bookings.services.cancelling import end
from reservations.errors import ProgrammeNotFound, TooEarly
from reservations.events import ProgrammeCalledOff
from reservations.programmes.models import ShrineProgramme, ShrineSession
from reservations.programmes.queries import people_coming
from reservations.programmes.rules import is_to_be_decided

DEADLINE = Actor.system("deadline of a tour")
A_TURN = 100
OPEN = (State.HELD, State.CONFIRMED)


def call_off(session: Session, actor: Actor, programme: ShrineProgramme, session_id: int) -> ShrineSession:
    """Once, however often. Raises ProgrammeNotFound, TooEarly (it has begun)."""
    date_of = _lock(session, session_id)
    if date_of is None or date_of.programme_id != programme.id:
        raise ProgrammeNotFound(session_id=session_id)
    now = clock.now()
    if date_of.called_off_at is None:
        if date_of.starts_at <= now:
            raise TooEarly(day=date_of.starts_at.date())
        _call_off(session, actor, date_of, now)
    return date_of


def _lock(session: Session, session_id: int, *, is_patient: bool = True) -> ShrineSession | None:
    """Against whoever books or pays: they keep the date from being called off until they are done."""
    wanted = select(ShrineSession).where(ShrineSession.id == session_id).with_for_update(skip_locked=not is_patient)
    return session.scalar(wanted.execution_options(populate_existing=True))


def _call_off(session: Session, actor: Actor, date_of: ShrineSession, now: datetime) -> None:
    date_of.decided_at = date_of.called_off_at = now
    session.execute(update(Waiting).where(Waiting.session_id == date_of.id, Waiting.state == "waiting").values(state="lapsed"))
    audit.record(session, actor, "call_off", "shrine session", date_of.id, after={"people": people_coming(session, date_of.id)})


def decide_due(session: Session) -> int:
    """See, for what is due, whether enough people come. How many dates were called off; who is busy with one is not waited for."""
    now = clock.now()
    due = (
        select(ShrineSession.id)
        .join(ShrineProgramme, ShrineProgramme.id == ShrineSession.programme_id)
        .where(
            ShrineProgramme.least_people.is_not(None), ShrineSession.decided_at.is_(None), ShrineSession.starts_at > now,
            ShrineSession.starts_at <= now + func.make_interval(0, 0, 0, 0, ShrineProgramme.decide_hours),
        )
        .order_by(ShrineSession.id)
        .limit(A_TURN)
    )  # fmt: skip
    return sum(_decide(session, number, now) for number in session.scalars(due).all())


def _decide(session: Session, session_id: int, now: datetime) -> bool:
    date_of = _lock(session, session_id, is_patient=False)
    if date_of is None or date_of.decided_at is not None:
        return False
    programme = session.get_one(ShrineProgramme, date_of.programme_id)
    if programme.least_people is None or not is_to_be_decided(date_of.starts_at, programme.decide_hours or 0, now):
        return False
    if people_coming(session, session_id) >= programme.least_people:
        date_of.decided_at = now
        return False
    _call_off(session, DEADLINE, date_of, now)
    return True


def bookings_to_end(session: Session) -> list[int]:
    """What is open of dates that were called off."""
    of = select(Booking.id).join(ShrineSession, ShrineSession.id == Booking.session_id)
    open_ones = of.where(ShrineSession.called_off_at.is_not(None), Booking.state.in_(OPEN))
    return list(session.scalars(open_ones.order_by(Booking.id).limit(A_TURN)))


def end_called_off(session: Session, booking_id: int) -> None:
    """Give everything back, whatever the terms say. Last before the commit of its unit of work. Raises PostingRefused, LedgerBusy."""
    booking = lock_booking(session, booking_id)
    if booking.state in OPEN:
        end(session, DEADLINE, booking, State.CANCELLED, ProgrammeCalledOff(booking.id, booking.paid_rial))
