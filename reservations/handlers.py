"""Dates follow the moon. Pilgrims are told by SMS what became of their bookings; who gave no number finds it in the portal. Leaders and guardians are told
where somebody's help card was shown.
"""

from sqlalchemy.orm import Session

from identity.models import Person
from identity.permissions import Role
from identity.queries import mobiles_of, people_in_role
from kernel.calendar import TEHRAN, day_text
from kernel.languages import in_language
from kernel.messages.rules import Notice
from kernel.messages.services import address_digest, send
from kernel.messages.texts import Facts
from kernel.money import grouped
from kernel.moon import Month
from kernel.outbox import Handler
from kernel.settings import load_settings
from kernel.text import localised_digits
from merchants.queries import terminals_by_id
from places.moon.events import LunarMonthMoved
from reservations.bookings.models import Booking
from reservations.bookings.queries import names_of_things
from reservations.events import (
    BookingCancelled,
    BookingConfirmed,
    HelpAskedTooOften,
    HelpShown,
    PlacesOffered,
    ProgrammeCalledOff,
    ProgrammeMoved,
)
from reservations.help.queries import ViewRow, card_of, view_row
from reservations.help.telling import called_by, message_key
from reservations.notices import CALLED_OFF, CANCELLED, CONFIRMED, FISHING, HELP, MOVED, OFFERED
from reservations.programmes.models import ShrineProgramme, ShrineSession
from reservations.programmes.services.following import follow_moon


def on_booking_confirmed(session: Session, event: BookingConfirmed) -> None:
    booking = session.get_one(Booking, event.booking_id)
    _tell(session, booking, CONFIRMED, {"code": f"{booking.code[:3]} {booking.code[3:6]} {booking.code[6:]}"})


def on_booking_cancelled(session: Session, event: BookingCancelled) -> None:
    _tell(session, session.get_one(Booking, event.booking_id), CANCELLED, {"refund": grouped(event.refund_rial)})


def on_programme_called_off(session: Session, event: ProgrammeCalledOff) -> None:
    _tell(session, session.get_one(Booking, event.booking_id), CALLED_OFF, {"refund": grouped(event.refund_rial)})


def on_lunar_month_moved(session: Session, event: LunarMonthMoved) -> None:
    follow_moon(session, event.move_id, Month(event.year, event.month))


def on_programme_moved(session: Session, event: ProgrammeMoved) -> None:
    """Once for each move, however many bookings somebody has."""
    person, date_of = session.get_one(Person, event.person_id), session.get_one(ShrineSession, event.session_id)
    if person.mobile is None:
        return
    begins = date_of.starts_at.astimezone(TEHRAN)
    programme = session.get_one(ShrineProgramme, date_of.programme_id)
    told = {
        "house": in_language(programme.names, person.language),
        "day": localised_digits(day_text(begins.date(), person.language), person.language),
        "time": localised_digits(f"{begins:%H:%M}", person.language),
        "link": f"{load_settings().portal}/bookings",
    }
    send(session, MOVED, person.mobile, person.language, told, key=f"session-{date_of.id}-moved-{event.move_id}-{person.id}")


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


def on_help_shown(session: Session, event: HelpShown) -> None:
    """The leader in the holder's language, guardians in theirs, by e-mail too where they confirmed one; each address once for a view."""
    row = view_row(session, event.view_id)
    card = card_of(session, row.view.person_id) if row else None
    if row is None or card is None or not card.is_on:
        return
    for address, language in called_by(session, card).addresses.items():
        facts = {"called": card.called, "place": in_language(row.branch_names, language), "link": _on_map(row)}
        send(session, HELP, address, language, facts, key=message_key(event.view_id, address))


def on_help_asked_too_often(session: Session, event: HelpAskedTooOften) -> None:
    """The platform's operators: somebody tries card after card."""
    terminal = terminals_by_id(session, [event.terminal_id])[event.terminal_id]
    for mobile, language in mobiles_of(session, people_in_role(session, Role.OPERATOR)):
        facts = {"terminal": terminal.code, "link": f"{load_settings().portal}/help-requests"}
        send(session, FISHING, mobile, language, facts, key=f"fishing-{event.view_id}-{address_digest(mobile).hex()[:16]}")


def _on_map(row: ViewRow) -> str:
    return f"{load_settings().portal}/places/{row.place_id}"


HANDLERS: tuple[tuple[type, Handler], ...] = (
    (BookingConfirmed, on_booking_confirmed),
    (BookingCancelled, on_booking_cancelled),
    (PlacesOffered, on_places_offered),
    (ProgrammeCalledOff, on_programme_called_off),
    (LunarMonthMoved, on_lunar_month_moved),
    (ProgrammeMoved, on_programme_moved),
    (HelpShown, on_help_shown),
    (HelpAskedTooOften, on_help_asked_too_often),
)
