"""Houses that are booked, held and waited for, without money changing hands."""

from uuid import uuid4

from sqlalchemy.orm import Session

from insights.demand.models import SupplyRound
from insights.demand.supply import look_at_next_houses
from reservations.bookings.models import Booking
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.bookings.services.waiting import join
from reservations.lodging.models import LodgingClass
from reservations.lodging.rules import Nights, Party
from tests import factories
from tests.reservations import stays
from tests.reservations.stays import Stay


def house(session: Session, rooms: int, people: int = 2) -> tuple[Stay, LodgingClass]:
    """One that asks for no deposit, so that a hold is confirmed by a word."""
    stay = stays.lodging(session)
    kind = stays.rooms(session, stay, rooms, people=people)
    stays.price(session, stay, kind)
    stay.lodging.deposit_basis_points = 0
    return stay, kind


def ask(kind: LodgingClass, quantity: int, party: Party, nights: Nights) -> Ask:
    return Ask(str(uuid4()), nights, (Wanted(kind.id, quantity, party),))


def held(session: Session, kind: LodgingClass, quantity: int, party: Party, nights: Nights) -> Booking:
    who, _ = factories.account(session)
    return hold(session, who, ask(kind, quantity, party, nights))


def booked(session: Session, kind: LodgingClass, quantity: int, party: Party, nights: Nights) -> Booking:
    who, _ = factories.account(session)
    booking = hold(session, who, ask(kind, quantity, party, nights))
    return pay(session, who, booking.id, None, str(uuid4()))


def waited(session: Session, kind: LodgingClass, quantity: int, party: Party, nights: Nights) -> None:
    who, _ = factories.account(session)
    join(session, who, ask(kind, quantity, party, nights))


def look(session: Session) -> None:
    """A whole round."""
    look_at_next_houses(session)
    while session.get_one(SupplyRound, 1).after:
        look_at_next_houses(session)
