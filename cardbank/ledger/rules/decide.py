"""The entrance to the rules: from a request to a decision."""

from collections.abc import Callable
from datetime import datetime

from cardbank.ledger.rules.draft import DeclinedError, Draft
from cardbank.ledger.rules.fee import fee
from cardbank.ledger.rules.give import MOST_AMOUNT, earn, expire, top_up, transfer
from cardbank.ledger.rules.giving import give_away
from cardbank.ledger.rules.line import pay_back
from cardbank.ledger.rules.pay import purchase
from cardbank.ledger.rules.returns import refund, reverse, void
from cardbank.ledger.rules.settle import settle
from cardbank.ledger.types import EntryKind, PostingRequest
from cardbank.ledger.views import Decision, OriginalView, SharedView, WalletView, wallet_view
from cardbank.reasons import Reason

Rule = Callable[[Draft, PostingRequest, OriginalView | None, datetime], None]
RULES: dict[EntryKind, Rule] = {
    EntryKind.PURCHASE: purchase,
    EntryKind.ADVICE: purchase,
    EntryKind.TOP_UP: top_up,
    EntryKind.REVERSAL: reverse,
    EntryKind.REFUND: refund,
    EntryKind.VOID: void,
    EntryKind.EARN: earn,
    EntryKind.EXPIRY: expire,
    EntryKind.TRANSFER: transfer,
    EntryKind.SETTLEMENT: settle,
    EntryKind.INSTALMENT: pay_back,
    EntryKind.GIVING: give_away,
    EntryKind.FEE: fee,
}
MAY_LACK_A_WALLET = frozenset({EntryKind.REVERSAL})
MAY_LACK_AN_AMOUNT = frozenset({EntryKind.EARN, EntryKind.EXPIRY})
WITHIN_PURCHASE_LIMIT = frozenset({EntryKind.PURCHASE, EntryKind.TOP_UP, EntryKind.TRANSFER})


def decide(
    wallet: WalletView | None,
    shared: SharedView,
    original: OriginalView | None,
    request: PostingRequest,
    now: datetime,
    entry_id: int = 0,
) -> Decision:
    """Decide one request that is not yet answered; see `keys` for repeats and strange keys.

    `wallet` None = no such wallet. `original` None = nothing stands under the original's key. `now` is UTC, the same
    instant that the entry is written with, and never steps back; `entry_id` goes into the answer. Never raises for what
    a request holds: every refusal is a Decision whose reason is a declined one and which has no legs.
    """
    draft = Draft(wallet or wallet_view(request.wallet_id, ()), shared, request)
    try:
        if wallet is None and request.kind not in MAY_LACK_A_WALLET:
            raise DeclinedError(Reason.NO_SUCH_CARD)
        _check_amount(request)
        rule = RULES.get(request.kind)
        if rule is None:
            raise DeclinedError(Reason.FUNCTION_NOT_SUPPORTED)
        rule(draft, request, original, now)
    except DeclinedError as declined:
        draft = Draft(draft.wallet, shared, request)
        draft.reason = declined.reason
    return draft.decision(now, entry_id)


def _check_amount(request: PostingRequest) -> None:
    least = 0 if request.kind in MAY_LACK_AN_AMOUNT else 1
    if not least <= request.amount <= MOST_AMOUNT:
        raise DeclinedError(Reason.INVALID_AMOUNT)
    limit = request.limit_amount
    if limit is not None and request.amount > limit and request.kind in WITHIN_PURCHASE_LIMIT and not request.forced:
        raise DeclinedError(Reason.AMOUNT_LIMIT)
