"""What a till's enrolment is, and why it may be refused. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from cardbank.cards.rules import GIFT_PRODUCT, CardProfile, CardStatus, refusal_of_card
from cardbank.ledger.types import Key
from cardbank.reasons import Reason
from kernel.calendar import local_day
from merchants.rules import TerminalProfile

ENROLMENT_LIFE = timedelta(minutes=10)
# Enrolments that one terminal begins in a Tehran day, whatever comes of them: a stolen till is not to ask us thousands of times who is
# on record. How many cards go out is said by cardbank.issuing.
MOST_A_DAY = 40
AGREED = 0b1  # of the consent byte: the holder takes the card on its terms
FIELDS = frozenset({"kind", "number", "country", "called", "mobile"})


class State(StrEnum):
    PENDING = "pending"
    CONFIRMED = "confirmed"
    EXPIRED = "expired"


class Enrolment(Struct, frozen=True):
    """The till's form as a door understood it: `identity` holds FIELDS, never kept in clear. `uid` is the chip of the new card."""

    key: Key
    content_hash: int
    terminal: TerminalProfile
    uid: bytes
    identity: dict[str, str]
    consent: int
    received_at: datetime


class Confirmation(Struct, frozen=True):
    """The card is in its holder's hand: `code` is what the enrolment was answered with."""

    terminal: TerminalProfile
    uid: bytes
    code: str
    received_at: datetime


class EnrolOutcome(Struct, frozen=True):
    """`fault` names the field of the form that is wrong or known; `masked` and `code` are given where it was accepted."""

    reason: Reason
    masked: str = ""
    code: str = ""
    fault: str = ""


def refusal_of_enrolment(asked: Enrolment, card: CardProfile | None, begun_today: int) -> Reason | None:
    """Why shop, card, consent or the day's limit forbid it; None = it may begin."""
    if not asked.terminal.shop_is_open:
        return Reason.INVALID_SHOP
    if card is None:
        return Reason.NO_SUCH_CARD
    if card.status is not CardStatus.STOCK or card.product == GIFT_PRODUCT:
        return refusal_of_card(card, local_day(asked.received_at)) or Reason.NOT_PERMITTED_TO_CARD
    if not asked.consent & AGREED:
        return Reason.ENROLMENT_WITHOUT_CONSENT
    if begun_today >= MOST_A_DAY:
        return Reason.FREQUENCY_LIMIT
    return None


def may_confirm(state: str, expires_at: datetime, now: datetime) -> bool:
    return state == State.PENDING and now < expires_at
