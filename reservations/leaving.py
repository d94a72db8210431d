"""A pilgrim leaves for good: nothing may be open, then who it was is forgotten."""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import TRANSITIONS, CardStatus
from cardbank.cards.services import close_card
from identity.erasure import NAME, erase_person
from identity.permissions import Identity, Role
from kernel.languages import in_language
from loyalty.groups.services import forget_person
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.rules.states import LIVE
from reservations.errors import BookingsOpen, RolesHeld
from reservations.help.services import forget_help


def leave_for_good(session: Session, identity: Identity) -> None:
    """Close the cards and erase the person.

    Raises RolesHeld for who works here, BookingsOpen, CardHoldsMoney while a card holds money or owes any.
    """
    if identity.lacks_second_step or not identity.roles <= {Role.PILGRIM}:
        raise RolesHeld
    person_id = identity.person_id
    for card in sorted(cards_of_person(session, person_id), key=lambda one: one.card_id):
        if CardStatus.REFUNDED in TRANSITIONS[card.status]:
            close_card(session, identity.actor, card.card_id, "the holder left")
    own = or_(Booking.person_id == person_id, Booking.maker_id == person_id)
    if session.scalar(select(Booking.id).where(own, Booking.state.in_(LIVE)).limit(1)) is not None:
        raise BookingsOpen
    waits = (Waiting.person_id == person_id) & Waiting.state.in_(("waiting", "offered"))
    session.execute(update(Waiting).where(waits).values(state="left"))
    name = in_language(NAME, "fa")
    session.execute(update(Booking).where(Booking.person_id == person_id).values(holder_name=name))
    session.execute(update(Waiting).where(Waiting.person_id == person_id).values(holder_name=name))
    forget_person(session, person_id)
    forget_help(session, person_id)
    erase_person(session, identity.actor, person_id)
