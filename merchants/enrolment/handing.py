"""At a desk: a card for who said before the journey that they come. One form, one card, one press."""

from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.issuing.queries import held_of_kind
from cardbank.issuing.services import hand_out_at_desk
from cardbank.keystore.ports import KeyStore
from identity.coming import receive
from identity.permissions import Identity
from merchants.enrolment.errors import PilgrimHasCard

KIND = "standard"


def receive_with_card(session: Session, keystore: KeyStore, clerk: Identity, coming_id: int, blank: str) -> Card:
    """Put who has come on record and hand a card out of the stock over, active; `blank` is its number or chip. All of it or nothing.

    Who is on record already and has a card gets no second one here: a lost one is replaced, so that its money and limits go with it.
    Raises ComingNotFound, PilgrimHasCard, and what `hand_out_at_desk` raises.
    """
    person = receive(session, clerk.actor, coming_id)
    if held_of_kind(session, person.id, KIND):
        raise PilgrimHasCard(person_id=person.id)
    return hand_out_at_desk(session, keystore, clerk, person.id, person.language, KIND, blank)
