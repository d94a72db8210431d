"""Reversal, refund and void: what a return gives back, leg by leg, and what it takes back."""

from collections.abc import Sequence
from datetime import datetime

from cardbank.ledger.rules.draft import CREDIT_LOT, CREDIT_OWED, OWED, DeclinedError, Draft
from cardbank.ledger.rules.keys import is_in_window
from cardbank.ledger.types import NETWORK_WALLET_ID, AccountKind, EntryKind, Line, PostingRequest
from cardbank.ledger.views import (
    AccountView,
    Amend,
    Case,
    CaseKind,
    Leg,
    OriginalLeg,
    OriginalView,
    Tombstone,
)
from cardbank.reasons import Reason

RETURNABLE = frozenset({EntryKind.PURCHASE, EntryKind.ADVICE})
REVERSIBLE = RETURNABLE | {EntryKind.TOP_UP, EntryKind.EARN}


def reverse(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Undo what the terminal could not finish, wholly or down to `stands`; a reversal is never short of funds.

    Without an original it writes a tombstone; ALREADY_REVERSED and NOTHING_TO_REVERSE move nothing. Raises DeclinedError:
    ORIGINAL_NOT_FOUND (by reference, or the original is another card's), ORIGINAL_AMOUNT_INCORRECT, INVALID_CURRENCY,
    FUNCTION_NOT_SUPPORTED (the original is itself a return or a transfer).
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
    if original.returned:
        draft.reason = Reason.NOTHING_TO_REVERSE
        draft.case = Case(CaseKind.REFUNDED_BEFORE_REVERSAL, request.amount)
        return
    # The terminal never learnt what was approved of a part-approved purchase whose answer was lost.
    is_partly = original.reason is Reason.APPROVED_PARTIALLY
    stands = stated.stands or 0
    if request.amount < original.amount or (request.amount > original.amount and not is_partly):
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    if not 0 <= stands <= original.amount or (stands and original.kind is EntryKind.EARN):
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    if stands == original.amount:
        draft.reason = Reason.NOTHING_TO_REVERSE
        return
    _give_back(draft, original, original.amount - stands, (), reverses=True)


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

    Raises DeclinedError: ORIGINAL_NOT_FOUND, ORIGINAL_AMOUNT_INCORRECT (more than is left, or articles that do not add up),
    NOT_PERMITTED_TO_TERMINAL (another shop), INVALID_CURRENCY, FUNCTION_NOT_SUPPORTED (not a purchase).
    """
    original = _returnable(draft, request, original)
    articles = request.original.lines if request.original else ()
    if request.amount > original.amount - original.returned:
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    if articles and (
        sum(line.amount for line in articles) != request.amount or min(line.amount for line in articles) < 0
    ):
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    _give_back(draft, original, request.amount, articles, reverses=False)


def void(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Undo a whole purchase at its own terminal, within its open batch.

    Raises DeclinedError as `refund` does, and NOT_PERMITTED_TO_TERMINAL, NOT_PERMITTED_TO_CARD (the batch is closed).
    """
    original = _returnable(draft, request, original)
    if request.terminal_id != original.terminal_id:
        raise DeclinedError(Reason.NOT_PERMITTED_TO_TERMINAL)
    if request.terminal_batch != original.terminal_batch:
        raise DeclinedError(Reason.NOT_PERMITTED_TO_CARD)
    if original.returned or request.amount != original.amount:
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    _give_back(draft, original, request.amount, (), reverses=True)


def _returnable(draft: Draft, request: PostingRequest, original: OriginalView | None) -> OriginalView:
    if request.original is None or original is None or not original.legs or not original.reason.is_approved:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    _check_same(draft, request, original, RETURNABLE)
    if request.shop_id is not None and request.shop_id != original.shop_id:
        raise DeclinedError(Reason.NOT_PERMITTED_TO_TERMINAL)
    if original.reversed_by is not None:
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    return original


def _check_same(
    draft: Draft, request: PostingRequest, original: OriginalView, kinds: frozenset[EntryKind]
) -> None:
    if original.wallet_id != draft.wallet.wallet_id:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    if request.card_id is not None and original.card_id is not None and request.card_id != original.card_id:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    if original.kind not in kinds:
        raise DeclinedError(Reason.FUNCTION_NOT_SUPPORTED)
    if request.unit != original.unit:
        raise DeclinedError(Reason.INVALID_CURRENCY)


def split(amount: int, rooms: Sequence[int]) -> list[int]:
    """Divide `amount` in proportion to `rooms`: each share rounded down, then single units in order where there is room.

    0 ≤ amount ≤ sum(rooms); no share exceeds its room, and the shares add up to the amount.
    """
    total = sum(rooms)
    if not amount:
        return [0] * len(rooms)
    shares = [amount * room // total for room in rooms]
    short = amount - sum(shares)
    for position, room in enumerate(rooms):
        if short and shares[position] < room:
            shares[position] += 1
            short -= 1
    return shares


def shares_of(original: OriginalView, amount: int, articles: Sequence[Line] = ()) -> list[int]:
    """How much of each leg of the original goes back when `amount` of it is returned; units, never negative.

    Payments go back in full, each earning in proportion (rounded down; the last return takes all that is left). Raises
    DeclinedError (ORIGINAL_AMOUNT_INCORRECT) when an article has less left than is returned of it.
    """
    legs = original.legs
    returned = original.returned_by_leg or (0,) * len(legs)
    rooms = [abs(leg.amount) - back for leg, back in zip(legs, returned, strict=True)]
    left = original.amount - original.returned
    shares = [0] * len(legs)
    for rule_id in dict.fromkeys(leg.rule_id for leg in legs):
        takers = [n for n, leg in enumerate(legs) if leg.rule_id == rule_id and leg.amount < 0]
        givers = [n for n, leg in enumerate(legs) if leg.rule_id == rule_id and leg.amount > 0]
        due = amount if rule_id is None else sum(rooms[n] for n in takers) * amount // left
        _share(shares, rooms, givers, due)
        if articles and rule_id is None:
            for line, article in enumerate(articles):
                _share(shares, rooms, [n for n in takers if legs[n].line == line], article.amount)
        else:
            _share(shares, rooms, takers, due)
    return shares


def _share(shares: list[int], rooms: Sequence[int], positions: Sequence[int], amount: int) -> None:
    part = [rooms[n] for n in positions]
    if amount > sum(part):
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    for n, share in zip(positions, split(amount, part), strict=True):
        shares[n] = share


def _give_back(
    draft: Draft, original: OriginalView, amount: int, articles: Sequence[Line], *, reverses: bool
) -> None:
    """Restore first, then take back, so that an account which did both never passes below its floor between the two."""
    shares = shares_of(original, amount, articles)
    moves = [(leg, share) for leg, share in zip(original.legs, shares, strict=True) if share]
    for leg, share in moves:
        if leg.amount < 0:
            _restore(draft, leg, share)
    for leg, share in moves:
        if leg.amount > 0:
            _take_back(draft, leg, share)
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


def _restore(draft: Draft, leg: OriginalLeg, amount: int) -> None:
    account = draft.wallet.by_id.get(leg.account_id)
    if account is None:
        draft.legs.append(Leg(leg.account_id, amount, leg.line, leg.rule_id))
        return
    draft.paid[leg.kind] = draft.paid.get(leg.kind, 0) + amount
    if not account.closed:
        draft.move(account.id, amount, leg.line, leg.rule_id)
    elif account.kind == CREDIT_LOT:
        draft.move_shared(account.programme_id or 0, AccountKind.LAPSED, amount, leg.rule_id)
    else:
        draft.move_shared(NETWORK_WALLET_ID, AccountKind.SUSPENSE, amount, leg.rule_id)
        draft.case = Case(CaseKind.ACCOUNT_CLOSED, amount)


def _take_back(draft: Draft, leg: OriginalLeg, amount: int) -> None:
    account = draft.wallet.by_id.get(leg.account_id)
    if leg.rule_id is not None:
        draft.taken_back += amount
    if account is None:
        draft.legs.append(Leg(leg.account_id, -amount, leg.line, leg.rule_id))
        return
    taken = amount if account.floor is None else max(0, min(amount, draft.room(account)))
    if taken:
        draft.move(account.id, -taken, leg.line, leg.rule_id)
    if taken < amount:
        _take_later(draft, account, leg, amount - taken)
    if account.id not in draft.moved:
        draft.touch = account.id


def _take_later(draft: Draft, account: AccountView, leg: OriginalLeg, short: int) -> None:
    if account.kind == CREDIT_LOT:
        draft.owe(CREDIT_OWED, short, leg.line, account.funder_id, leg.rule_id)
        draft.case = Case(CaseKind.CREDIT_SPENT, short)
    else:
        draft.owe(OWED, short, leg.line, None, leg.rule_id)
        draft.case = Case(CaseKind.MONEY_SPENT, short)
