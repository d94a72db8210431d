"""Pilgrims are told by SMS what became of their bookings; who gave no number finds it in the portal."""

from sqlalchemy.orm import Session

from identity.models import Person
from kernel.calendar import TEHRAN
from kernel.languages import in_language
from kernel.messages.rules import Notice
from kernel.messages.services import send
from kernel.messages.texts import Facts
from kernel.money import grouped
from kernel.outbox import Handler
from kernel.settings import load_settings
from reservations.bookings.models import Booking
from reservations.bookings.queries import names_of_things
from reservations.events import BookingCancelled, BookingConfirmed, PlacesOffered, ProgrammeCalledOff
from reservations.notices import CALLED_OFF, CANCELLED, CONFIRMED, OFFERED


def on_booking_confirmed(session: Session, event: BookingConfirmed) -> None:
    booking = session.get_one(Booking, event.booking_id)
    _tell(session, booking, CONFIRMED, {"code": f"{booking.code[:3]} {booking.code[3:6]} {booking.code[6:]}"})


def on_booking_cancelled(session: Session, event: BookingCancelled) -> None:
    _tell(session, session.get_one(Booking, event.booking_id), CANCELLED, {"refund": grouped(event.refund_rial)})


def on_programme_called_off(session: Session, event: ProgrammeCalledOff) -> None:
    _tell(session, session.get_one(Booking, event.booking_id), CALLED_OFF, {"refund": grouped(event.refund_rial)})


def on_places_offered(session: Session, event: PlacesOffered) -> None:
    until = event.until.astimezone(TEHRAN)
    _tell(session, session.get_one(Booking, event.booking_id), OFFERED, {"until": f"{until:%H:%M}"})


def _tell(session: Session, booking: Booking, notice: Notice, facts: Facts) -> None:
    """Once for each booking and notice, however often the event is delivered."""
    person = session.get(Person, booking.maker_id or booking.person_id or 0)
    if person is None or person.mobile is None:
        return
    house = in_language(names_of_things(session, [booking])[booking.id], person.language)
    told = {"house": house, "link": f"{load_settings().portal}/bookings/{booking.id}", **facts}
    send(session, notice, person.mobile, person.language, told, key=f"booking-{booking.id}-{notice.code}")


HANDLERS: tuple[tuple[type, Handler], ...] = (
    (BookingConfirmed, on_booking_confirmed),
    (BookingCancelled, on_booking_cancelled),
    (PlacesOffered, on_places_offered),
    (ProgrammeCalledOff, on_programme_called_off),
)
