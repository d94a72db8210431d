"""What holders, and those they let help, do with their cards. A card that is another's is not found."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards import services
from cardbank.cards.models import Card, Member
from cardbank.cards.queries import card_profile, lock_card
from cardbank.cards.rules import BlockReason, CardProfile, CardStatus
from cardbank.errors import CardNotFound, CardTransitionNotAllowed
from identity.errors import NotTheirHelper
from identity.helping import Act, check_helper
from identity.permissions import Identity
from kernel.errors import BadInput

BY_HOLDER = frozenset({BlockReason.HOLDER, BlockReason.LOST, BlockReason.STOLEN})


def block_own_card(session: Session, holder: Identity, card_id: int, why: str) -> CardProfile:
    """Stop a card at once: `why` is holder, lost or stolen. One that is stopped already stays as it is.

    Raises CardNotFound, CardTransitionNotAllowed, BadInput (`why`).
    """
    if why not in BY_HOLDER:
        raise BadInput(field="why")
    if lock_own(session, holder, card_id).status != CardStatus.BLOCKED:
        services.block_card(session, holder.actor, card_id, BlockReason(why))
    return _profile(session, card_id)


def unblock_own_card(session: Session, holder: Identity, card_id: int) -> CardProfile:
    """Let a card pay again that its holder had stopped for a while; a lost or stolen one needs a desk.

    Raises CardNotFound, CardTransitionNotAllowed.
    """
    card = lock_own(session, holder, card_id)
    if card.status != CardStatus.BLOCKED or card.block_reason != BlockReason.HOLDER:
        raise CardTransitionNotAllowed(status=card.status, wanted=CardStatus.ACTIVE)
    services.unblock_card(session, holder.actor, card_id)
    return _profile(session, card_id)


def lock_own(session: Session, holder: Identity, card_id: int) -> Card:
    """The card of the holder, or of somebody who lets the holder help."""
    held_by = select(Member.person_id).join(Card, Card.member_id == Member.id).where(Card.id == card_id)
    person_id = session.scalar(held_by)
    try:
        check_helper(session, holder, person_id or 0, Act.HOLD)
    except NotTheirHelper:
        raise CardNotFound(card_id=card_id) from None
    return lock_card(session, card_id)


def _profile(session: Session, card_id: int) -> CardProfile:
    found = card_profile(session, card_id)
    if found is None:
        raise CardNotFound(card_id=card_id)
    return found
