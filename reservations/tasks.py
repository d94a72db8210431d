"""What happens by itself: holds run out, freed places are offered to who waits, dates with too few people are called off."""

import logging
from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from kernel.background import Errand, Step
from kernel.errors import DomainError
from reservations.bookings.services.cancelling import end_holds
from reservations.bookings.services.waiting import offer_freed
from reservations.help.services import forget_old_views
from reservations.lodging.services.telling import publish_nights
from reservations.programmes.services import calling_off
from reservations.programmes.services.waiting import offer_freed as offer_freed_seats

log = logging.getLogger(__name__)


def take_called_off(session: Session) -> Sequence[int]:
    return calling_off.bookings_to_end(session)


def as_it_is(booking_id: int) -> int:
    return booking_id


def end_one(session: Session, booking_id: int, _: object) -> None:
    """A unit of work for each booking, so that a refund that cannot be made now holds up no other; it is tried again."""
    try:
        with session.begin_nested():
            calling_off.end_called_off(session, booking_id)
    except DomainError as refusal:
        log.warning("booking %s of a date that was called off is not given back yet: %s", booking_id, refusal.code)


STEPS: Mapping[str, tuple[Step | Errand, float]] = {
    "end_holds": (end_holds, 15.0),
    "offer_freed_places": (offer_freed, 20.0),
    "offer_freed_seats": (offer_freed_seats, 20.0),
    "decide_tours": (calling_off.decide_due, 60.0),
    "publish_nights": (publish_nights, 900.0),
    "forget_old_help_views": (forget_old_views, 3_600.0),
    "end_called_off": (Errand(take_called_off, as_it_is, end_one), 15.0),
}
