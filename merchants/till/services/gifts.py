"""Gift cards at a web till: cash goes on them, and an unspent one comes back for cash."""

from sqlalchemy.orm import Session

from cardbank.errors import WrongAmount
from cardbank.gifts.queries import GiftLoad
from cardbank.ledger.types import EntryKind
from cardbank.reasons import Reason
from identity.permissions import Identity
from kernel import audit, clock
from merchants.gifts.rules import Load
from merchants.gifts.services import load_gift, take_gift_back
from merchants.sales.counter import at_once
from merchants.sales.rules import CardClaim, SaleOutcome, TopUp, Void
from merchants.sales.services import Office
from merchants.till.errors import ShiftIsClosed
from merchants.till.queries import ShiftRow, key_of
from merchants.till.rules import MOST_SALE_RIAL, content_hash
from merchants.till.services.selling import DEADLINE, profile_of


def load(
    session: Session, identity: Identity, office: Office, shift: ShiftRow, key: str, claim: CardClaim, amount_rial: int, *,
    activates: bool,
) -> SaleOutcome:  # fmt: skip
    """Put cash on a gift card; the drawer holds that much more at the cash-up. The same key again takes it once.

    Raises ShiftIsClosed, WrongAmount, WrongRequestKey, OutcomeUnknown.
    """
    if not shift.is_open:
        raise ShiftIsClosed
    if not 0 < amount_rial <= MOST_SALE_RIAL:
        raise WrongAmount(field="amount")
    now = clock.now()
    cash = TopUp(
        key=key_of(shift.shift.terminal_id, key), content_hash=content_hash("gift", activates, amount_rial, claim.number_index),
        content_time="", terminal=profile_of(session, shift.code), card=claim, amount_rial=amount_rial, received_at=now,
        deadline=now + DEADLINE, is_repeat=True,
    )  # fmt: skip
    outcome = at_once(load_gift(office, Load(cash, activates)))
    if outcome.answer.reason.is_approved and outcome.card is not None:
        facts = {"amount_rial": amount_rial, "till": shift.code}
        audit.record(session, identity.actor, "load gift at till", "card", outcome.card.card_id, after=facts)
    if shift.shift.top_up_key == key and outcome.answer.reason is not Reason.LEDGER_UNAVAILABLE:
        shift.shift.top_up_key = None
    return outcome


def give_back(
    session: Session, identity: Identity, office: Office, shift: ShiftRow, key: str, claim: CardClaim, loaded: GiftLoad
) -> SaleOutcome:
    """Pay an unspent gift out in cash; the drawer holds that much less. The same key again pays it out once.

    Raises ShiftIsClosed, WrongRequestKey, OutcomeUnknown.
    """
    if not shift.is_open:
        raise ShiftIsClosed
    now = clock.now()
    original = loaded.business_date, loaded.entry_id
    asked = Void(
        key=key_of(shift.shift.terminal_id, key), content_hash=content_hash("gift back", *original, claim.number_index),
        content_time="", terminal=profile_of(session, shift.code), original=original, of=EntryKind.TOP_UP,
        amount_rial=loaded.amount_rial, received_at=now, deadline=now + DEADLINE, card=claim, is_repeat=True,
    )  # fmt: skip
    outcome = at_once(take_gift_back(office, asked))
    if outcome.answer.reason.is_approved:
        facts = {"amount_rial": loaded.amount_rial, "till": shift.code}
        audit.record(session, identity.actor, "take gift back", "card", loaded.card_id, after=facts)
    return outcome
