"""Purchase and offline advice: which purses pay which line, and what the purchase earns."""

from collections.abc import Sequence
from datetime import datetime

from cardbank.ledger.rules.draft import MONEY, OWED, DeclinedError, Draft
from cardbank.ledger.rules.give import give
from cardbank.ledger.rules.limits import check_member
from cardbank.ledger.types import AccountKind, Earn, EntryKind, PostingRequest, Tender
from cardbank.ledger.views import (
    SPEND_RANK,
    AccountView,
    Case,
    CaseKind,
    Leg,
    OriginalView,
    ScopeView,
    is_usable,
)
from cardbank.reasons import Reason

OWN_ORDER = (Tender(None, None, None, False),)
PAYABLE = AccountKind.PAYABLE
PURSES = frozenset({MONEY, AccountKind.GIFT, AccountKind.BENEFIT, AccountKind.CREDIT_LOT, AccountKind.LINE})
CREDIT = frozenset({AccountKind.CREDIT_LOT, AccountKind.BENEFIT})
NOWHERE = ScopeView(frozenset(), frozenset())


def purchase(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Pay the basket in the order of the tenders, then give what it earns.

    An advice, or a purchase that is `forced`, is never short: the rest stands on OWED. Raises DeclinedError: INVALID_SHOP,
    INVALID_AMOUNT, INVALID_CURRENCY, INSUFFICIENT_FUNDS, INSUFFICIENT_CREDIT, CREDIT_EXCEEDS_AMOUNT,
    FUNCTION_NOT_SUPPORTED, MEMBER_LIMIT, MEMBER_SHOP_KIND.
    """
    if request.uses:
        raise DeclinedError(Reason.FUNCTION_NOT_SUPPORTED)
    draft.money()
    payable = request.shop_id and draft.shared.lazy.get((request.shop_id, PAYABLE, request.unit))
    if not payable:
        raise DeclinedError(Reason.INVALID_SHOP)
    left = _lines(request)
    for tender in request.tender or OWN_ORDER:
        _pay(draft, request, tender, left)
    short = sum(left)
    if short:
        short = _stays_unpaid(draft, request, left, short)
    draft.amount = request.amount - short
    if draft.wallet.limits is not None:
        check_member(draft, request, draft.wallet.limits)
    draft.legs.append(Leg(payable, draft.amount))
    if request.earn:
        payments = draft.legs[:-1]
        for earn in request.earn:
            base = _base(draft, payments, earn)
            if base:
                give(draft, earn, base)


def _stays_unpaid(draft: Draft, request: PostingRequest, left: Sequence[int], short: int) -> int:
    """What the purses lack: owed by force, left unpaid by a part approval, or the reason to decline."""
    if request.forced or request.kind is EntryKind.ADVICE:
        _overdraw(draft, left, short)
        return 0
    if short == request.amount or not request.partial:
        raise DeclinedError(_purse_that_is_short(request.tender))
    draft.reason = Reason.APPROVED_PARTIALLY
    return short


def _lines(request: PostingRequest) -> list[int]:
    if not request.lines:
        return [request.amount]
    left = [line.amount for line in request.lines]
    if min(left) <= 0 or sum(left) != request.amount:
        raise DeclinedError(Reason.INVALID_AMOUNT)
    return left


def _pay(draft: Draft, request: PostingRequest, tender: Tender, left: list[int]) -> None:
    """Take from the purses that the tender names, narrowest scope first, for each line that their scope allows."""
    unpaid = sum(left)
    budget = unpaid if tender.most is None else tender.most
    if tender.exactly and budget > unpaid:
        raise DeclinedError(Reason.CREDIT_EXCEEDS_AMOUNT)
    budget = min(budget, unpaid)
    for account in draft.wallet.accounts:
        if budget <= 0:
            break
        if not _is_meant(account, request, tender):
            continue
        room = min(draft.room(account), budget)
        if room <= 0:
            continue
        scope = None if account.scope_id is None else draft.shared.scopes.get(account.scope_id, NOWHERE)
        for line, due in enumerate(left):
            if due and (scope is None or _allows(scope, request, line)):
                amount = min(due, room)
                draft.move(account.id, -amount, line)
                draft.paid[account.kind] = draft.paid.get(account.kind, 0) + amount
                left[line] -= amount
                budget -= amount
                room -= amount
                if not room:
                    break
    if tender.exactly and budget:
        raise DeclinedError(_purse_that_is_short((tender,)))


def _is_meant(account: AccountView, request: PostingRequest, tender: Tender) -> bool:
    """Whether the tender names this purse, and the member may use it now."""
    kind = account.kind
    if kind is AccountKind.LINE and request.on_line is None:
        return False
    if tender.kind is None and tender.account_id is None:
        is_named = kind in SPEND_RANK
    else:
        is_named = kind in PURSES and tender.kind in (None, kind) and tender.account_id in (None, account.id)
    return (
        is_named
        and account.unit == request.unit
        and not account.closed
        and (account.member_id is None or account.member_id == request.member_id)
        and is_usable(account, request.effective_at)
    )


def _allows(scope: ScopeView, request: PostingRequest, line: int) -> bool:
    category = request.lines[line].category if request.lines else 0
    return (scope.shops is None or request.shop_id in scope.shops) and (scope.categories is None or category in scope.categories)


def _overdraw(draft: Draft, left: Sequence[int], short: int) -> None:
    for line, due in enumerate(left):
        if due:
            draft.owe(OWED, due, line)
    draft.paid[OWED] = short
    draft.case = Case(CaseKind.OVERDRAWN, short)


def _purse_that_is_short(tenders: Sequence[Tender]) -> Reason:
    if tenders and all(tender.kind in CREDIT for tender in tenders):
        return Reason.INSUFFICIENT_CREDIT
    if tenders and all(tender.kind is AccountKind.LINE for tender in tenders):
        return Reason.INSUFFICIENT_LINE
    return Reason.INSUFFICIENT_FUNDS


def _base(draft: Draft, payments: Sequence[Leg], earn: Earn) -> int:
    """What the kinds of `paid_by` paid on the lines that earn."""
    if not earn.lines:
        return sum(amount for kind, amount in draft.paid.items() if kind in earn.paid_by)
    by_id = draft.wallet.by_id
    return sum(
        -leg.amount
        for leg in payments
        if leg.line in earn.lines and leg.account in by_id and by_id[leg.account].kind in earn.paid_by
    )
