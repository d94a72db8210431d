"""Cash taken at a web till for a card."""

from sqlalchemy.orm import Session

from cardbank.errors import WrongAmount
from cardbank.reasons import Reason
from identity.permissions import Identity
from kernel import audit, clock
from merchants.sales.counter import at_once
from merchants.sales.rules import CardClaim, SaleOutcome, TopUp
from merchants.sales.services import Office, top_up_by_cash
from merchants.till.errors import SaleNotFound, ShiftIsClosed
from merchants.till.queries import ShiftRow, is_decided, key_of, lock_shift, top_up_outcome
from merchants.till.rules import MOST_SALE_RIAL, content_hash
from merchants.till.services.selling import DEADLINE, profile_of
from merchants.till.services.shifts import own_shift


def begin_top_up(session: Session, identity: Identity, shift_id: int, key: str) -> str:
    """Write down which key a top-up goes by before the bank is asked, and give the key that counts.

    That is the key of the one before as long as the bank has not said what came of it: keyed again on a fresh page, the cash
    is still taken once. Raises ShiftNotFound, NotPermitted, ShiftIsClosed, WrongRequestKey.
    """
    row = own_shift(session, identity, shift_id)
    key_of(row.shift.terminal_id, key)
    shift = lock_shift(session, shift_id, to_close=True)
    if shift.closed_at is not None:
        raise ShiftIsClosed
    if shift.top_up_key is None or top_up_outcome(session, row) is not None:
        shift.top_up_key = key
    return shift.top_up_key


def check_begun(session: Session, shift: ShiftRow, key: str) -> None:
    """Raises SaleNotFound for a key that this shift has not written down and of which its till has no answer."""
    if key != shift.shift.top_up_key and not is_decided(session, key_of(shift.shift.terminal_id, key)):
        raise SaleNotFound(key=key)


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
        content_hash=content_hash("top up", amount_rial, claim.number_index, claim.challenge_id, claim.card_answer, claim.code),
        content_time="", terminal=profile_of(session, shift.code), card=claim, amount_rial=amount_rial, received_at=now,
        deadline=now + DEADLINE, is_repeat=True,
    )  # fmt: skip
    outcome = at_once(top_up_by_cash(office, asked))
    if outcome.answer.reason.is_approved and outcome.card is not None:
        facts = {"amount_rial": amount_rial, "till": shift.code}
        audit.record(session, identity.actor, "top up at till", "card", outcome.card.card_id, after=facts)
    if shift.shift.top_up_key == key and outcome.answer.reason is not Reason.LEDGER_UNAVAILABLE:
        shift.shift.top_up_key = None
    return outcome
