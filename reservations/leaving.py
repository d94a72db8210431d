"""A pilgrim leaves: with the money, for which nothing may be booked; or for good, for which nothing at all may be open."""

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from cardbank.cards.queries import card_profile, cards_of_person
from cardbank.cards.rules import TRANSITIONS, CardStatus
from cardbank.cards.services import close_card
from cardbank.families.errors import HasFamily
from cardbank.families.queries import family_of_person
from cardbank.first_cards.services import withdraw_if_asked
from cardbank.ledger.types import Answer, Key
from identity.erasure import NAME, erase_person
from identity.permissions import Identity, Role
from kernel.audit import Actor
from kernel.languages import in_language
from loyalty.groups.services import forget_person
from loyalty.inbox.tasks import forget_sender
from merchants.complaints.services.forgetting import forget_complainant
from merchants.leaving.services import Wish, pay_out
from reservations.bookings.models import Booking, Waiting
from reservations.bookings.rules.states import LIVE
from reservations.errors import BookingsOpen, RolesHeld
from reservations.help.services import forget_help


def leave_with_money(session: Session, actor: Actor, card_id: int, wish: Wish, key: Key) -> Answer:
    """Everything out of a card, which is closed. Last before the commit of its unit of work.

    Raises BookingsOpen, and as `merchants.leaving.services.pay_out` does.
    """
    card = card_profile(session, card_id)
    if card is not None and card.person_id is not None:
        _check_nothing_is_booked(session, card.person_id)
    return pay_out(session, actor, card_id, wish, key)


def leave_for_good(session: Session, identity: Identity) -> None:
    """Close the cards and erase the person.

    Raises RolesHeld for who works here, HasFamily for who is in one, BookingsOpen, CardHoldsMoney while a card holds money or owes any.
    """
    if identity.lacks_second_step or not identity.roles <= {Role.PILGRIM}:
        raise RolesHeld
    person_id = identity.person_id
    if family_of_person(session, person_id) is not None:
        raise HasFamily
    for card in sorted(cards_of_person(session, person_id), key=lambda one: one.card_id):
        if CardStatus.REFUNDED in TRANSITIONS[card.status]:
            close_card(session, identity.actor, card.card_id, "the holder left")
    _check_nothing_is_booked(session, person_id)
    withdraw_if_asked(session, identity.actor, person_id)
    waits = (Waiting.person_id == person_id) & Waiting.state.in_(("waiting", "offered"))
    session.execute(update(Waiting).where(waits).values(state="left"))
    name = in_language(NAME, "fa")
    session.execute(update(Booking).where(Booking.person_id == person_id).values(holder_name=name))
    session.execute(update(Waiting).where(Waiting.person_id == person_id).values(holder_name=name))
    forget_person(session, person_id)
    forget_complainant(session, person_id)
    forget_sender(session, person_id)
    forget_help(session, person_id)
    erase_person(session, identity.actor, person_id)


def _check_nothing_is_booked(session: Session, person_id: int) -> None:
    own = or_(Booking.person_id == person_id, Booking.maker_id == person_id)
    if session.scalar(select(Booking.id).where(own, Booking.state.in_(LIVE)).limit(1)) is not None:
        raise BookingsOpen
