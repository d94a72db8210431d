"""A gift that a card pays for: money leaves the buyer's wallet, and a second entry brings it to the gift card.

A wallet moves by entries of its own, so there are two, through IN_TRANSIT. Their keys follow from the message's, and an undoing takes
the arrival first: it leaves a tombstone where that has not come yet. So a crash between the two, a repeat and a reversal in any order
end with both or with neither.
"""

from datetime import date

from msgspec import Struct
from msgspec.structs import replace

from cardbank.cards.rules import GIFT_PRODUCT, CardProfile, CardStatus, refusal_of_card
from cardbank.gifts.rules import MOST_HELD_RIAL, refusal_of_gift
from cardbank.gifts.services import SPENT_UNPAID, activate_gift
from cardbank.ledger.types import AccountKind, EntryKind, Key, Original, PostingRequest, Tender
from cardbank.reasons import Reason
from kernel import clock
from kernel.calendar import local_day
from merchants.gifts.services import follow, gift_of, stop
from merchants.sales.rules import CardClaim, Return, SaleOutcome, TopUp, reversal_request, top_up_request
from merchants.sales.services import Office, claimed_card, identify

_OUT_OF_TRANSIT = (Tender(AccountKind.IN_TRANSIT, None, None, False),)


class Bought(Struct, frozen=True):
    """`paid.card` is the buyer's card; `gift` claims the gift card by its number."""

    paid: TopUp
    gift: CardClaim


async def buy_gift(office: Office, asked: Bought) -> SaleOutcome:
    """Move the buyer's money to a gift card, which pays from then on; nothing is earned. A repeat moves it once."""
    paid = asked.paid
    payer, refusal = await identify(office, paid.card, paid.terminal)
    gift = await gift_of(office, asked.gift)
    if payer is not None and refusal is None:
        refusal = refusal_of_buying(paid, payer, gift, local_day(clock.now()))
    departure = _departure(paid, payer, gift, refusal)
    answer = await office.teller.post(departure)
    if answer.reason is not Reason.APPROVED or gift is None or gift.wallet_id is None:
        return SaleOutcome(answer, payer)
    arrived = await office.teller.post(_arrival(departure, gift))
    if arrived.reason is Reason.APPROVED:
        await follow(office, paid.terminal, gift, activate_gift)
        return SaleOutcome(answer, payer)
    await office.teller.post(_sent_back(departure))
    return SaleOutcome(replace(answer, reason=arrived.reason), payer)


async def reverse_bought(office: Office, return_: Return, gift_claim: CardClaim) -> SaleOutcome:
    """Take the arrival back, then the departure. What was spent of the gift meanwhile is owed, and the card is blocked."""
    gift, payer = await gift_of(office, gift_claim), await claimed_card(office, return_.card)
    of_gift = replace(return_, key=_beside(return_.key), original=_beside(return_.original), kind=EntryKind.TOP_UP)
    undone = await office.teller.post(replace(reversal_request(of_gift, gift), shop_id=None, terminal_id=None))
    if gift is not None and undone.reason is Reason.APPROVED and undone.owed:
        await follow(office, return_.terminal, gift, stop(SPENT_UNPAID))
    of_payer = replace(return_, kind=EntryKind.TRANSFER)
    answer = await office.teller.post(replace(reversal_request(of_payer, payer), shop_id=None))
    return SaleOutcome(answer, payer)


def refusal_of_buying(paid: TopUp, payer: CardProfile, gift: CardProfile | None, today: date) -> Reason | None:
    """Why shop, buyer's card or gift card forbid it; None = the ledger may decide. It takes no cash, so no limit of cash counts."""
    if not paid.terminal.shop_is_open:
        return Reason.INVALID_SHOP
    if gift is None:
        return Reason.NO_SUCH_CARD
    if payer.product == GIFT_PRODUCT:
        return Reason.NOT_PERMITTED_TO_CARD
    return refusal_of_card(payer, today) or refusal_of_gift(gift, today, activates=gift.status is CardStatus.ISSUED)


def _departure(paid: TopUp, payer: CardProfile | None, gift: CardProfile | None, refusal: Reason | None) -> PostingRequest:
    """The message's own request. The shop has no part in it but its terminal."""
    to = gift.wallet_id if gift else None
    request = top_up_request(paid, payer, refusal)
    limit = payer.purchase_limit_rial if payer else None
    return replace(request, kind=EntryKind.TRANSFER, tender=(), cash_limit=None, shop_id=None, to_wallet_id=to, limit_amount=limit)


def _arrival(departure: PostingRequest, gift: CardProfile) -> PostingRequest:
    return replace(
        departure, key=_beside(departure.key), kind=EntryKind.TOP_UP, wallet_id=gift.wallet_id or 0, member_id=gift.member_id,
        card_id=gift.card_id, terminal_id=None, to_wallet_id=None, tender=_OUT_OF_TRANSIT, into=AccountKind.GIFT,
        most_held=MOST_HELD_RIAL, limit_amount=None, original=Original(departure.key, None, None), repeat=True,
    )  # fmt: skip


def _sent_back(departure: PostingRequest) -> PostingRequest:
    """What the gift card could not take returns to the buyer."""
    key = replace(departure.key, key=f"{departure.key.key} back")
    original = Original(departure.key, None, None, (), departure.content_time, kind=EntryKind.TRANSFER)
    return replace(
        departure, key=key, kind=EntryKind.REVERSAL, to_wallet_id=None, limit_amount=None, original=original, repeat=True
    )


def _beside(key: Key) -> Key:
    """The gift card's half under the same message."""
    return replace(key, key=f"{key.key} gift")
