"""Reversal, refund and void: when a return is granted, and what of its original it gives back and takes back."""

from collections.abc import Sequence
from datetime import datetime

from cardbank.ledger.rules.draft import DeclinedError, Draft
from cardbank.ledger.rules.keys import is_in_window
from cardbank.ledger.rules.limits import count_return
from cardbank.ledger.rules.restore import restore, take_back
from cardbank.ledger.rules.shares import further_amends, shares_of
from cardbank.ledger.types import AccountKind, EntryKind, Line, Original, PostingRequest
from cardbank.ledger.views import Amend, Case, CaseKind, OriginalView, Tombstone
from cardbank.reasons import Reason

RETURNABLE = frozenset({EntryKind.PURCHASE, EntryKind.ADVICE})
VOIDABLE = RETURNABLE | {EntryKind.REFUND}
UNDOABLE = frozenset({EntryKind.REFUND, EntryKind.VOID})
REVERSIBLE = RETURNABLE | UNDOABLE | {EntryKind.TOP_UP, EntryKind.EARN, EntryKind.TRANSFER}
WHOLE_ONLY = frozenset({EntryKind.EARN, EntryKind.VOID, EntryKind.TRANSFER})
SPENT = {
    CaseKind.MONEY_SPENT: Reason.INSUFFICIENT_FUNDS,
    CaseKind.CREDIT_SPENT: Reason.INSUFFICIENT_CREDIT,
}


def reverse(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Undo what the terminal could not finish, wholly or down to `stands`; a reversal is never short of funds.

    Without an original it writes a tombstone; ALREADY_REVERSED and NOTHING_TO_REVERSE move nothing. Raises DeclinedError:
    ORIGINAL_NOT_FOUND (by reference, or the original is another card's or of another kind), ORIGINAL_AMOUNT_INCORRECT,
    INVALID_CURRENCY, FUNCTION_NOT_SUPPORTED (the original is itself a reversal, or a transfer that arrived).
    """
    if original is None:
        _bury(draft, request, now)
        return
    stated = request.original
    if stated is None:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    stated_time = stated.content_time
    if stated_time and original.content_time and stated_time != original.content_time:
        draft.reason = Reason.NOTHING_TO_REVERSE
        return
    if original.is_tombstone or original.reversed_by is not None:
        draft.reason = Reason.ALREADY_REVERSED
        return
    if not original.reason.is_approved or not original.legs:
        draft.reason = Reason.NOTHING_TO_REVERSE
        return
    _check_same(draft, request, original, REVERSIBLE)
    if original.kind is EntryKind.TRANSFER and not _is_departure(original):
        raise DeclinedError(Reason.FUNCTION_NOT_SUPPORTED)
    if original.returned:
        _leave_to_a_person(draft, request)
        return
    back = original.amount - _what_stands(request, stated, original)
    if not back:
        draft.reason = Reason.NOTHING_TO_REVERSE
    elif not _give_back(draft, original, back, (), reverses=True):
        _leave_to_a_person(draft, request)


def _is_departure(transfer: OriginalView) -> bool:
    return any(leg.kind == AccountKind.IN_TRANSIT and leg.amount > 0 for leg in transfer.legs)


def _what_stands(request: PostingRequest, stated: Original, original: OriginalView) -> int:
    """The amount that finally stands of the original. Raises DeclinedError (ORIGINAL_AMOUNT_INCORRECT)."""
    # The terminal never learnt what was approved of a part-approved purchase whose answer was lost.
    is_partly = original.reason is Reason.APPROVED_PARTIALLY
    stands = stated.stands or 0
    if request.amount < original.amount or (request.amount > original.amount and not is_partly):
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    if not 0 <= stands <= original.amount or (stands and original.kind in WHOLE_ONLY):
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    return stands


def _leave_to_a_person(draft: Draft, request: PostingRequest) -> None:
    """Something was returned between the original and its reversal: whoever looks at the case knows what is right."""
    draft.reason = Reason.NOTHING_TO_REVERSE
    draft.case = Case(CaseKind.REFUNDED_BEFORE_REVERSAL, request.amount)


def _bury(draft: Draft, request: PostingRequest, now: datetime) -> None:
    stated = request.original
    if stated is None or stated.key is None:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    if is_in_window(stated.key.day, now):
        draft.reason = Reason.TOMBSTONE_WRITTEN
        draft.tombstone = Tombstone(stated.key, stated.content_time or "")
    else:
        draft.reason = Reason.NOTHING_TO_REVERSE
        draft.case = Case(CaseKind.KEY_OUT_OF_WINDOW, request.amount)


def refund(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Return a part of a purchase, by amount or by article, as often as something is left of it.

    Raises DeclinedError: ORIGINAL_NOT_FOUND, ORIGINAL_AMOUNT_INCORRECT (not what the purchase came to, or articles that do
    not add up), MORE_THAN_IS_LEFT, NOT_OF_THIS_SHOP, INVALID_CURRENCY, FUNCTION_NOT_SUPPORTED (not a purchase).
    """
    original = _returnable(draft, request, original, RETURNABLE)
    stated = request.original
    articles = stated.lines if stated else ()
    if stated is not None and stated.amount not in (None, original.amount):
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    if request.amount > original.amount - original.returned:
        raise DeclinedError(Reason.MORE_THAN_IS_LEFT)
    if articles and (sum(line.amount for line in articles) != request.amount or min(line.amount for line in articles) < 0):
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    _give_back(draft, original, request.amount, articles, reverses=False)


def void(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Undo a whole purchase or refund at its own terminal, within its open batch; a gift that was loaded, anywhere in its shop.

    What is spent stays: a void is a wish and may be declined. Raises DeclinedError as `refund` does, and
    NOT_PERMITTED_TO_TERMINAL, BATCH_CLOSED, INSUFFICIENT_FUNDS, INSUFFICIENT_CREDIT.
    """
    original = _returnable(
        draft, request, original, VOIDABLE | {EntryKind.TOP_UP} if _is_sold_gift(request, original) else VOIDABLE
    )
    if original.kind is not EntryKind.TOP_UP:
        _check_own_till(draft, request, original)
    if request.amount != original.amount:
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    if original.returned:
        raise DeclinedError(Reason.MORE_THAN_IS_LEFT)
    _give_back(draft, original, request.amount, (), reverses=True)
    if original.kind not in RETURNABLE and draft.case is not None and draft.case.kind in SPENT:
        raise DeclinedError(SPENT[draft.case.kind])


def _check_own_till(draft: Draft, request: PostingRequest, original: OriginalView) -> None:
    if request.terminal_id != original.terminal_id:
        raise DeclinedError(Reason.NOT_PERMITTED_TO_TERMINAL)
    if not _is_in_open_batch(draft, request, original):
        raise DeclinedError(Reason.BATCH_CLOSED)


def _is_sold_gift(request: PostingRequest, original: OriginalView | None) -> bool:
    """Of what raised a wallet only a gift is given back, by the shop that took the cash for it."""
    legs = original.legs if original is not None and request.shop_id is not None else ()
    return any(leg.kind == AccountKind.GIFT for leg in legs)


def _is_in_open_batch(draft: Draft, request: PostingRequest, original: OriginalView) -> bool:
    """A till without batches has its business day."""
    if request.terminal_batch is None and original.business_date != draft.shared.business_date:
        return False
    return request.terminal_batch == original.terminal_batch


def _returnable(draft: Draft, request: PostingRequest, original: OriginalView | None, kinds: frozenset[EntryKind]) -> OriginalView:
    if request.original is None or original is None or not original.legs or not original.reason.is_approved:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    _check_same(draft, request, original, kinds)
    if request.shop_id is not None and request.shop_id != original.shop_id:
        raise DeclinedError(Reason.NOT_OF_THIS_SHOP)
    if original.reversed_by is not None:
        raise DeclinedError(Reason.MORE_THAN_IS_LEFT)
    return original


def _check_same(draft: Draft, request: PostingRequest, original: OriginalView, kinds: frozenset[EntryKind]) -> None:
    if original.wallet_id != draft.wallet.wallet_id or not _is_its_card(request, original):
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    stated = request.original and request.original.kind
    if stated is not None and stated not in (original.kind, _spoken_of(original.kind)):
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    if original.kind not in kinds:
        raise DeclinedError(Reason.FUNCTION_NOT_SUPPORTED)
    if request.unit != original.unit:
        raise DeclinedError(Reason.INVALID_CURRENCY)


def _is_its_card(request: PostingRequest, original: OriginalView) -> bool:
    """A reversal names the card of its message; goods may be brought back with any card of the wallet that paid."""
    if request.card_id is None or original.card_id is None or request.card_id == original.card_id:
        return True
    return request.kind is not EntryKind.REVERSAL and request.wallet_id == original.wallet_id


def _spoken_of(kind: EntryKind) -> EntryKind:
    return EntryKind.PURCHASE if kind is EntryKind.ADVICE else kind


def _give_back(draft: Draft, original: OriginalView, amount: int, articles: Sequence[Line], *, reverses: bool) -> bool:
    """Restore first, then take back, so that an account which did both never passes below its floor between the two.

    False, with nothing moved, when the original is a return that can stand no more beside what was returned since.
    """
    shares = shares_of(original, amount, articles)
    further = further_amends(original, shares)
    if further is None:
        return False
    moves = [(leg, share) for leg, share in zip(original.legs, shares, strict=True) if share]
    for leg, share in moves:
        if leg.amount < 0:
            restore(draft, original, leg, share)
    for leg, share in moves:
        if leg.amount > 0:
            take_back(draft, leg, share)
    returned = original.returned_by_leg or (0,) * len(shares)
    draft.amount = amount
    draft.original = (original.business_date, original.entry_id)
    draft.amend = Amend(
        original.business_date,
        original.entry_id,
        reverses,
        original.returned + amount,
        tuple(before + share for before, share in zip(returned, shares, strict=True)),
        original.amend_version,
    )
    draft.further_amends = further
    if draft.wallet.limits is not None:
        count_return(draft, original)
    return True
