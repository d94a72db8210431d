"""The waiting lines as the rules read them."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from reservations.bookings.models import Waiting
from reservations.bookings.queries import wanted_of_waiting
from reservations.bookings.rules.waiting import Wish
from reservations.lodging.services.pricing import nights_of_range


def line_of_lodging(session: Session, lodging_id: int, before: int | None = None) -> list[Wish]:
    """Who waits in a house, in order; with `before` those only who are ahead of that number."""
    line = select(Waiting).where(Waiting.lodging_id == lodging_id, Waiting.state == "waiting").order_by(Waiting.id)
    if before is not None:
        line = line.where(Waiting.id < before)
    return [wish_of(waiting) for waiting in session.scalars(line)]


def wish_of(waiting: Waiting) -> Wish:
    nights = nights_of_range(waiting.nights)
    return Wish(waiting.id, wanted_of_waiting(waiting), nights, nights.arrival)
