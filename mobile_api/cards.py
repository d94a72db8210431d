"""The holder's cards."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from cardbank.cards.codes import new_code
from cardbank.cards.holding import block_own_card, unblock_own_card
from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import CardProfile, refusal_of_state
from cardbank.errors import CardNotFound, CardNotUsable, CardTransitionNotAllowed
from cardbank.keystore.services import open_keystore
from identity.errors import NotTheirHelper
from identity.permissions import Permission
from kernel import clock
from kernel.calendar import local_day
from kernel.settings import load_settings
from kernel.web.visit import Visit
from mobile_api.contract import operation
from mobile_api.holders import Whose, holder_of, person_of
from mobile_api.qr import QR, qr_of
from mobile_api.shapes import Id, Instant

TAG = "Cards"


class Card(Struct):
    """`why_blocked` is holder, lost, stolen or bank; the holder lifts the first alone."""

    card: int
    wallet: int | None
    masked: str
    status: Annotated[str, Meta(description="issued, active, blocked, replaced, expired or refunded")]
    why_blocked: str | None
    expires_on: date
    holds_money: Annotated[bool, Meta(description="false: a discount card; it is shown, and its holder pays in cash")]


class Cards(Struct):
    cards: list[Card]


class Block(Struct, forbid_unknown_fields=True):
    why: Literal["holder", "lost", "stolen"]


class PayCode(Struct):
    """It counts once, at whichever till takes it first."""

    lives_until: Instant
    code: QR


_ACTIVE = Card(12, 44, "936400*********3347", "active", None, date(2031, 11, 30), True)
_BLOCKED = Card(12, 44, "936400*********3347", "blocked", "holder", date(2031, 11, 30), True)
HOLD = Permission.CARDBANK_OWN_CARD_HOLD


@operation("GET", "/cards", tag=TAG, permission=Permission.CARDBANK_BALANCE_VIEW, errors=(NotTheirHelper,), gives=Cards([_ACTIVE]))
def cards(visit: Visit, query: Whose) -> Cards:
    """All cards the person ever held, the newest first."""
    return Cards([_card(one) for one in cards_of_person(visit.session, person_of(visit, query))])


@operation(
    "POST", "/cards/{card_id}/block", tag=TAG, permission=HOLD, errors=(CardNotFound, CardTransitionNotAllowed),
    asks=Block("holder"), gives=_BLOCKED,
)  # fmt: skip
def block_card(visit: Visit, card_id: Id, body: Block) -> Card:
    """Stop a card at once, also that of somebody who is helped. One that is stopped already stays as it is."""
    return _card(block_own_card(visit.session, holder_of(visit), card_id, body.why))


@operation(
    "POST", "/cards/{card_id}/unblock", tag=TAG, permission=HOLD, errors=(CardNotFound, CardTransitionNotAllowed), gives=_ACTIVE
)
def unblock_card(visit: Visit, card_id: Id) -> Card:
    """Let a card pay again that its holder had stopped. A lost or stolen one needs a desk."""
    return _card(unblock_own_card(visit.session, holder_of(visit), card_id))


@operation(
    "GET", "/cards/{card_id}/code", tag=TAG, permission=Permission.CARDBANK_BALANCE_VIEW, errors=(CardNotFound, CardNotUsable),
    gives=PayCode(datetime(2026, 11, 22, 11, 3, 52, tzinfo=UTC), QR("0123456789012345678901234567", ["111", "101", "111"])),
)  # fmt: skip
def pay_code(visit: Visit, card_id: Id) -> PayCode:
    """What stands for the card at a till: digits as a QR code, for a minute and one payment. Ask for the next after half of it."""
    now = clock.now()
    card = next((one for one in cards_of_person(visit.session, holder_of(visit).person_id) if one.card_id == card_id), None)
    if card is None:
        raise CardNotFound(card_id=card_id)
    refusal = refusal_of_state(card, local_day(now))
    if refusal is not None:
        raise CardNotUsable(reason=refusal)
    code = new_code(open_keystore(load_settings()), card_id, now)
    return PayCode(code.lives_until, qr_of(code.digits))


def _card(card: CardProfile) -> Card:
    return Card(
        card.card_id, card.wallet_id, card.masked, card.status.value, card.block_reason and card.block_reason.value, card.expires_on,
        card.holds_money,
    )  # fmt: skip
