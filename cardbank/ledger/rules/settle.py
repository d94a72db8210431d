"""Settlement: what a shop is owed moves to its payout, to the commission, to the bank, and back; a funder's budget is paid
in, set aside for members, and gets back what they left; a holder who leaves is paid out.
"""

from datetime import datetime

from cardbank.ledger.rules.draft import DeclinedError, Draft
from cardbank.ledger.types import NETWORK_WALLET_ID, AccountKind, PostingRequest
from cardbank.ledger.views import Amend, NewAccount, OriginalView
from cardbank.reasons import Reason

PAYABLE = AccountKind.PAYABLE
PAYOUT_SENT = AccountKind.PAYOUT_SENT
WITHHELD = AccountKind.WITHHELD
COMMISSION = AccountKind.COMMISSION
SUSPENSE = AccountKind.SUSPENSE
BANK = AccountKind.BANK
MONEY = AccountKind.MONEY
CASH_TAKEN = AccountKind.CASH_TAKEN
BUDGET = AccountKind.BUDGET
ISSUED = AccountKind.ISSUED
LAPSED = AccountKind.LAPSED
MOVES = frozenset(
    {
        (PAYABLE, COMMISSION),
        (COMMISSION, PAYABLE),  # of a return whose sale was settled before
        (PAYABLE, PAYOUT_SENT),
        (PAYOUT_SENT, BANK),  # the bank has paid
        (PAYOUT_SENT, PAYABLE),  # the bank has sent it back
        (PAYABLE, SUSPENSE),  # the shop's terminal does not know of it
        (SUSPENSE, PAYABLE),
        (SUSPENSE, WITHHELD),  # only the shop's terminal knows of it
        (WITHHELD, SUSPENSE),
        (WITHHELD, PAYABLE),
        (BANK, BUDGET),  # a deposit of a funder
        (BUDGET, ISSUED),  # set aside for its members
        (ISSUED, BUDGET),  # who was to get it has not come
        (LAPSED, BUDGET),  # members have left it
        (MONEY, CASH_TAKEN),  # a holder leaves with cash
        (MONEY, PAYOUT_SENT),  # or to a bank account
        (PAYOUT_SENT, MONEY),  # which the bank did not find
    }
)


OWN = frozenset({PAYABLE, ISSUED, LAPSED})  # lazy accounts of the wallet itself
FLOORS = {PAYOUT_SENT: None, WITHHELD: 0}  # of the shop's accounts that are opened when they are first needed


def settle(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Move the amount from the kind of the first tender to that of the second; the wallet is the shop's or the funder's.

    What leaves PAYOUT_SENT names the payout as its original and is the whole of it, once. Raises DeclinedError:
    INVALID_TRANSACTION (no such move, or not of such a wallet), INSUFFICIENT_FUNDS (less is held back, or in the budget), ORIGINAL_NOT_FOUND,
    ORIGINAL_AMOUNT_INCORRECT (or answered before).
    """
    move = tuple(tender.kind for tender in request.tender)
    if move not in MOVES:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    source, target = move
    if source is PAYOUT_SENT:
        _answer(draft, request, original)
    _post(draft, request, source, -request.amount)
    _post(draft, request, target, request.amount)
    draft.amount = request.amount


def _post(draft: Draft, request: PostingRequest, kind: AccountKind | None, amount: int) -> None:
    if kind in FLOORS:
        account = draft.find(kind)
        if kind is WITHHELD and amount < 0 and (account is None or draft.room(account) < -amount):
            raise DeclinedError(Reason.INSUFFICIENT_FUNDS)
        draft.move(NewAccount(kind, draft.unit, FLOORS[kind]) if account is None else account.id, amount)
    elif kind is MONEY:
        money = draft.money()
        if draft.room(money) < -amount:
            raise DeclinedError(Reason.INSUFFICIENT_FUNDS)
        draft.move(money.id, amount)
    elif kind is BUDGET:
        budget = draft.find(BUDGET)
        if budget is None:
            raise DeclinedError(Reason.INVALID_TRANSACTION)
        if draft.room(budget) < -amount:
            raise DeclinedError(Reason.INSUFFICIENT_FUNDS)
        draft.move(budget.id, amount)
    elif kind in OWN:
        draft.move_shared(request.wallet_id, kind, amount)
    elif kind is not None:
        draft.move_shared(NETWORK_WALLET_ID, kind, amount)


def _answer(draft: Draft, request: PostingRequest, payout: OriginalView | None) -> None:
    """Mark the payout as answered: its amend row lets no second answer pass."""
    if payout is None or payout.wallet_id != request.wallet_id:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    sent = tuple(leg.amount if leg.kind is PAYOUT_SENT and leg.amount > 0 else 0 for leg in payout.legs)
    if not any(sent) or payout.unit != request.unit:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    if payout.returned or request.amount != payout.amount:
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    draft.original = (payout.business_date, payout.entry_id)
    draft.amend = Amend(payout.business_date, payout.entry_id, False, request.amount, sent, payout.amend_version)
