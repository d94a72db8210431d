"""Cash taken at a web till for a card."""

from sqlalchemy.orm import Session

from cardbank.errors import WrongAmount
from identity.permissions import Identity
from kernel import audit, clock
from merchants.sales.counter import at_once
from merchants.sales.rules import CardClaim, SaleOutcome, TopUp
from merchants.sales.services import Office, top_up_by_cash
from merchants.till.errors import ShiftIsClosed
from merchants.till.queries import ShiftRow, key_of
from merchants.till.rules import MOST_SALE_RIAL, content_hash
from merchants.till.services.selling import DEADLINE, profile_of


def top_up(
    session: Session, identity: Identity, office: Office, shift: ShiftRow, key: str, claim: CardClaim, amount_rial: int
) -> SaleOutcome:
    """Put cash on a card; the drawer holds that much more at the cash-up. The same key again takes it once.

    Raises ShiftIsClosed, WrongAmount, WrongRequestKey, OutcomeUnknown.
    """
    if not shift.is_open:
        raise ShiftIsClosed
    if not 0 < amount_rial <= MOST_SALE_RIAL:
        raise WrongAmount(field="amount")
    now = clock.now()
    asked = TopUp(
        key=key_of(shift.shift.terminal_id, key),
        content_hash=content_hash("top up", amount_rial, claim.number_index, claim.challenge_id, claim.card_answer),
        content_time="", terminal=profile_of(session, shift.code), card=claim, amount_rial=amount_rial, received_at=now,
        deadline=now + DEADLINE, is_repeat=True,
    )  # fmt: skip
    outcome = at_once(top_up_by_cash(office, asked))
    if outcome.answer.reason.is_approved and outcome.card is not None:
        facts = {"amount_rial": amount_rial, "till": shift.code}
        audit.record(session, identity.actor, "top up at till", "card", outcome.card.card_id, after=facts)
    return outcome
