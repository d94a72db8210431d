"""Money given away: from the holder's own money to whom the network has registered for it. Nothing is earned by it."""

from datetime import datetime

from cardbank.ledger.rules.draft import MONEY, DeclinedError, Draft
from cardbank.ledger.rules.limits import check_member
from cardbank.ledger.types import AccountKind, PostingRequest
from cardbank.ledger.views import Leg, OriginalView
from cardbank.reasons import Reason


def give_away(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Owe the receiver what leaves the purse of money; gifts, benefits and credit are not the holder's to give.

    Raises DeclinedError: INVALID_SHOP, INSUFFICIENT_FUNDS, INVALID_CURRENCY, MEMBER_LIMIT, MEMBER_SHOP_KIND.
    """
    money = draft.money()
    payable = request.shop_id and draft.shared.lazy.get((request.shop_id, AccountKind.PAYABLE, request.unit))
    if not payable:
        raise DeclinedError(Reason.INVALID_SHOP)
    if draft.room(money) < request.amount:
        raise DeclinedError(Reason.INSUFFICIENT_FUNDS)
    draft.amount = request.amount
    if draft.wallet.limits is not None:
        check_member(draft, request, draft.wallet.limits)
    draft.move(money.id, -request.amount)
    draft.legs.append(Leg(payable, request.amount))
    draft.paid[MONEY] = request.amount
