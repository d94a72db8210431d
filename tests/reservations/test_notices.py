"""Pilgrims are told by SMS: of a booking with its pass, of a cancellation with what went back, of their turn in a line."""

from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from identity.models import Person
from kernel.messages.queries import facts_sent_to
from kernel.outbox import Relay
from reservations.bookings.models import Booking
from reservations.bookings.rules.states import Wanted
from reservations.bookings.services.cancelling import cancel
from reservations.bookings.services.holding import Ask, hold
from reservations.bookings.services.paying import pay
from reservations.bookings.services.waiting import join, offer_freed
from reservations.events import BookingConfirmed
from reservations.handlers import HANDLERS, on_booking_confirmed
from reservations.lodging.rules import Party
from tests import factories
from tests.reservations import stays

MOBILE = "+989151234567"


@pytest.fixture
def relay() -> Relay:
    made = Relay()
    for event, handler in HANDLERS:
        made.on(event, handler)
    return made


def test_who_booked_hears_of_it_once_and_who_waits_of_the_turn(session: Session, relay: Relay) -> None:
    stay = stays.lodging(session)
    room = stays.rooms(session, stay)
    stays.price(session, stay, room)
    first, second = (factories.account(session)[0] for _ in range(2))
    for who, mobile in ((first, MOBILE), (second, "+989150000001")):
        session.get_one(Person, who.person_id).mobile = mobile
    ask = lambda: Ask(str(uuid4()), stays.nights(), (Wanted(room.id, 1, Party(men=1)),))  # noqa: E731
    booking = hold(session, first, ask())
    join(session, second, ask())
    card = factories.card(session, person_id=first.person_id, money_rial=9_000_000)
    pay(session, first, booking.id, card.id, str(uuid4()))
    relay.deliver(session)
    on_booking_confirmed(session, BookingConfirmed(booking.id))
    [told] = facts_sent_to(session, MOBILE, "booking_confirmed")
    assert told["code"].replace(" ", "") == booking.code
    assert told["link"].endswith(f"/bookings/{booking.id}")
    cancel(session, first, booking.id)
    assert offer_freed(session) == 1
    relay.deliver(session)
    [told] = facts_sent_to(session, MOBILE, "booking_cancelled")
    assert told["refund"] == "2,000,000"
    [told] = facts_sent_to(session, "+989150000001", "places_offered")
    offer = session.query(Booking).filter_by(person_id=second.person_id).one()
    assert told["link"].endswith(f"/bookings/{offer.id}")


def test_who_gave_no_number_is_told_nothing(session: Session, relay: Relay) -> None:
    stay = stays.lodging(session)
    room = stays.rooms(session, stay)
    stays.price(session, stay, room)
    who, _ = factories.account(session)
    booking = hold(session, who, Ask(str(uuid4()), stays.nights(), (Wanted(room.id, 1, Party(men=1)),)))
    cancel(session, who, booking.id)
    assert relay.deliver(session) > 0
    assert facts_sent_to(session, MOBILE, "booking_cancelled") == []
