"""A holder stops the own card at a till. A desk lets it pay again, so that whoever stops a stranger's card does little harm."""

from sqlalchemy.orm import Session

from cardbank.cards.queries import lock_card
from cardbank.cards.rules import BlockReason, CardStatus
from cardbank.cards.services import block_card
from cardbank.reasons import Reason
from kernel.audit import Actor
from merchants.rules import TerminalProfile
from merchants.sales.rules import CardClaim
from merchants.sales.services import CardCheck, Office, check_card

STOPPED_AT_TILL = "stopped by its holder at a till"


async def stop_card(office: Office, terminal: TerminalProfile, claim: CardClaim) -> CardCheck:
    """Block the card that has proven itself or whose number was keyed. One that is blocked already stays as it is."""
    check = await check_card(office, terminal, claim)
    card = check.card
    if card is None or check.reason not in (Reason.APPROVED, Reason.CARD_BLOCKED, Reason.CARD_LOST, Reason.CARD_STOLEN):
        return check
    actor, card_id = Actor.system(f"terminal {terminal.code}"), card.card_id

    def stop(session: Session) -> None:
        if lock_card(session, card_id).status == CardStatus.ACTIVE:
            block_card(session, actor, card_id, BlockReason.HOLDER, STOPPED_AT_TILL)

    await office.run(stop)
    return CardCheck(Reason.APPROVED, card, check.is_proven)
