"""The waiting lines as the rules read them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservations.bookings.models import Waiting
from reservations.bookings.queries import wanted_of_waiting
from reservations.bookings.rules.waiting import Wish
from reservations.lodging.rules import Nights


def line_of_lodging(session: Session, lodging_id: int, before: int | None = None) -> list[Wish]:
    """Who waits in a house, in order; with `before` those only who are ahead of that number."""
    line = select(Waiting).where(Waiting.lodging_id == lodging_id, Waiting.state == "waiting").order_by(Waiting.id)
    if before is not None:
        line = line.where(Waiting.id < before)
    return [wish for waiting in session.scalars(line) if (wish := wish_of_lodging(waiting)) is not None]


def wish_of_lodging(waiting: Waiting) -> Wish | None:
    kept = waiting.nights
    if kept is None or kept.lower is None or kept.upper is None:
        return None
    nights = Nights(kept.lower, kept.upper)
    return Wish(waiting.id, wanted_of_waiting(waiting), nights, nights.arrival)


def line_of_session(session: Session, session_id: int, starts_at: datetime, before: int | None = None) -> list[Wish]:
    """The same for the seats of a session."""
    line = select(Waiting).where(Waiting.session_id == session_id, Waiting.state == "waiting").order_by(Waiting.id)
    if before is not None:
        line = line.where(Waiting.id < before)
    return [Wish(waiting.id, wanted_of_waiting(waiting), None, starts_at) for waiting in session.scalars(line)]
