"""A fee: the network earns it for a service of its own, out of the wallet's money alone."""

from datetime import datetime

from cardbank.ledger.rules.draft import MONEY, DeclinedError, Draft
from cardbank.ledger.types import NETWORK_WALLET_ID, AccountKind, PostingRequest
from cardbank.ledger.views import OriginalView
from cardbank.reasons import Reason


def fee(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Neither credit nor a gift pays it, as they are meant for shops. Raises DeclinedError: INSUFFICIENT_FUNDS, INVALID_CURRENCY."""
    money = draft.money()
    if draft.room(money) < request.amount:
        raise DeclinedError(Reason.INSUFFICIENT_FUNDS)
    draft.move(money.id, -request.amount)
    draft.move_shared(NETWORK_WALLET_ID, AccountKind.COMMISSION, request.amount)
    draft.paid[MONEY] = request.amount
    draft.amount = request.amount
