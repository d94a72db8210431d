"""A credit line: what was bought on it is paid back out of the wallet's money."""

from datetime import datetime

from cardbank.ledger.rules.draft import LINE, MONEY, DeclinedError, Draft
from cardbank.ledger.types import PostingRequest
from cardbank.ledger.views import OriginalView
from cardbank.reasons import Reason


def pay_back(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Move money to the line that the tender names, never more than is open of it.

    Raises DeclinedError: INVALID_TRANSACTION (no such line, or nobody keeps its schedule), INVALID_AMOUNT,
    INSUFFICIENT_FUNDS, INVALID_CURRENCY.
    """
    line_id = request.tender[0].account_id if len(request.tender) == 1 else None
    line = draft.wallet.by_id.get(line_id or 0)
    if line is None or line.kind is not LINE or line.unit != draft.unit or request.on_line is None:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    if request.amount > -line.balance:
        raise DeclinedError(Reason.INVALID_AMOUNT)
    money = draft.money()
    if draft.room(money) < request.amount:
        raise DeclinedError(Reason.INSUFFICIENT_FUNDS)
    draft.move(money.id, -request.amount)
    draft.move(line.id, request.amount)
    draft.paid[MONEY] = request.amount
    draft.amount = request.amount
