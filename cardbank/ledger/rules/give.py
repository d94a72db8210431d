"""What raises or moves a holder's claim: earning, a benefit, top-up, expiry, transfer."""

from datetime import datetime, timedelta

from cardbank.ledger.rules.draft import BENEFIT, CREDIT_LOT, CREDIT_OWED, GIFT, OWED, DeclinedError, Draft
from cardbank.ledger.types import NETWORK_WALLET_ID, AccountKind, Earn, PostingRequest, Terms
from cardbank.ledger.views import FAR, Amend, NewAccount, OriginalView
from cardbank.reasons import Reason

ISSUED = AccountKind.ISSUED
LAPSED = AccountKind.LAPSED
LAPSING = frozenset({CREDIT_LOT, BENEFIT})
IN_TRANSIT = AccountKind.IN_TRANSIT
# What a top-up may be paid out of.
FUNDS = frozenset({AccountKind.BANK, AccountKind.CASH_TAKEN, AccountKind.SUSPENSE, IN_TRANSIT})
OFFLINE_WINDOW = timedelta(hours=72)  # a late advice may still spend what expired; the sweep waits for it
MOST_AMOUNT = 10**15


def give(draft: Draft, earn: Earn, base: int) -> None:
    """Credit `base` × basis points, rounded down, plus the fixed part, to the lot of equal terms; debt to the funder first.

    Raises DeclinedError (INVALID_TRANSACTION) for terms that are not of a credit lot, or for an unknown programme.
    """
    amount = min(base * earn.basis_points // 10_000 + earn.fixed, earn.most)
    if amount <= 0:
        return
    terms, rule_id = earn.terms, earn.rule_id
    if terms.kind != CREDIT_LOT or amount > MOST_AMOUNT:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    settled = draft.settle(CREDIT_OWED, terms.funder_id, amount, rule_id)
    if amount > settled:
        draft.move(_lot(draft, terms), amount - settled, 0, rule_id)
    draft.move_shared(earn.programme_id, ISSUED, -amount, rule_id)
    draft.earned += amount
    draft.rule_ids += (rule_id,)
    if draft.earned_until is None or terms.usable_until < draft.earned_until:
        draft.earned_until = terms.usable_until


def _lot(draft: Draft, terms: Terms) -> int | NewAccount:
    """The open shared lot of equal terms, or a new one."""
    for account in draft.wallet.accounts:
        if (
            account.usable_until == terms.usable_until
            and account.programme_id == terms.programme_id
            and account.funder_id == terms.funder_id
            and account.kind == terms.kind
            and account.scope_id == terms.scope_id
            and account.usable_from == terms.usable_from
            and account.unit == draft.unit
            and account.member_id is None
            and not account.closed
        ):
            return account.id
    return NewAccount(
        terms.kind, draft.unit, 0, terms.programme_id, terms.funder_id, terms.scope_id, terms.usable_from,
        terms.usable_until,
    )  # fmt: skip


def earn(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Give credit without a purchase, or a benefit; the base of the basis points is the request's amount.

    Raises DeclinedError: INVALID_AMOUNT when nothing would be given, INVALID_CURRENCY, INVALID_TRANSACTION.
    """
    draft.money()
    for one in request.earn:
        if one.terms.kind is BENEFIT:
            _fill(draft, request, one)
        else:
            give(draft, one, request.amount)
    if not draft.earned:
        raise DeclinedError(Reason.INVALID_AMOUNT)
    draft.amount = draft.earned


def _fill(draft: Draft, request: PostingRequest, benefit: Earn) -> None:
    """Put what a funder has set aside for one member into the purse that was opened for it; the tender names the purse."""
    purse_id = request.tender[0].account_id if len(request.tender) == 1 else None
    purse = draft.wallet.by_id.get(purse_id or 0)
    if purse is None or purse.kind != BENEFIT or purse.unit != draft.unit or purse.closed:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    is_over = (purse.usable_until or FAR) <= request.effective_at
    if is_over or purse.programme_id != benefit.programme_id or not 0 < benefit.fixed <= MOST_AMOUNT:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    draft.move(purse.id, benefit.fixed, 0, benefit.rule_id)
    draft.move_shared(benefit.programme_id, ISSUED, -benefit.fixed, benefit.rule_id)
    draft.earned += benefit.fixed
    draft.earned_until = purse.usable_until


def top_up(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Raise the wallet's money or its gift, what is owed first. Paid to the shop when it took the cash, else to the desk, the
    bank, out of what was found to be the holder's (SUSPENSE), or of what another wallet has sent (IN_TRANSIT; `original` is its transfer).

    Raises DeclinedError: INVALID_CURRENCY, INVALID_SHOP, INVALID_TRANSACTION (another tender, or another purse),
    CASH_LIMIT_OF_DAY, AMOUNT_LIMIT (the purse would hold too much), GIFT_ACTIVE_ALREADY, ORIGINAL_NOT_FOUND.
    """
    source = request.tender[0].kind if request.tender else AccountKind.CASH_TAKEN
    if source not in FUNDS or len(request.tender) > 1:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    if source is IN_TRANSIT:
        _check_departure(draft, request, original)
    purse = _purse(draft, request)
    limit = request.cash_limit
    if limit is not None:
        taken = draft.shared.cash_taken.get(request.shop_id or 0, limit)
        if taken + request.amount > limit:
            raise DeclinedError(Reason.CASH_LIMIT_OF_DAY)
    _receive(draft, request.amount, purse)
    if request.shop_id is None or source is not AccountKind.CASH_TAKEN:
        draft.move_shared(NETWORK_WALLET_ID, source, -request.amount)
    elif (request.shop_id, AccountKind.PAYABLE, request.unit) in draft.shared.lazy:
        draft.move_shared(request.shop_id, AccountKind.PAYABLE, -request.amount)
    else:
        raise DeclinedError(Reason.INVALID_SHOP)


def _check_departure(draft: Draft, request: PostingRequest, departure: OriginalView | None) -> None:
    """An arrival is no return of its departure, whose amend row stays as it is: whoever reverses it reverses the arrival first."""
    if departure is None or departure.reversed_by is not None or departure.returned:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    if not any(leg.kind == IN_TRANSIT and leg.amount == request.amount for leg in departure.legs):
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)


def _purse(draft: Draft, request: PostingRequest) -> int | NewAccount:
    """The account that a top-up raises; the first gift of a wallet opens one."""
    money = draft.money()
    if request.into is None:
        return money.id
    if request.into != GIFT:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    gift = draft.find(GIFT)
    held = gift.balance if gift else 0
    if held and request.must_be_empty:
        raise DeclinedError(Reason.GIFT_ACTIVE_ALREADY)
    if request.most_held is not None and held + request.amount > request.most_held:
        raise DeclinedError(Reason.AMOUNT_LIMIT)
    return gift.id if gift else NewAccount(GIFT, draft.unit, 0)


def _receive(draft: Draft, amount: int, purse: int | NewAccount) -> None:
    settled = draft.settle(OWED, None, amount)
    if settled:
        draft.paid[OWED] = settled
    if amount > settled:
        draft.move(purse, amount - settled)
    draft.amount = amount


def expire(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """Move the rest of an expired lot or benefit, named by the tender, to LAPSED, once no advice can spend it.

    Raises DeclinedError: INVALID_TRANSACTION (no such lot, or too early), INVALID_AMOUNT (it is empty).
    """
    lot_id = request.tender[0].account_id if len(request.tender) == 1 else None
    lot = draft.wallet.by_id.get(lot_id or 0)
    if lot is None or lot.kind not in LAPSING or lot.unit != draft.unit or lot.programme_id is None:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    if (lot.usable_until or FAR) > now - OFFLINE_WINDOW:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    if lot.balance <= 0:
        raise DeclinedError(Reason.INVALID_AMOUNT)
    draft.move(lot.id, -lot.balance)
    draft.move_shared(lot.programme_id, LAPSED, lot.balance)
    draft.amount = lot.balance


def transfer(draft: Draft, request: PostingRequest, original: OriginalView | None, now: datetime) -> None:
    """One half of a transfer: with `to_wallet_id` the money leaves into IN_TRANSIT; without, it arrives out of `original`.

    The arrival marks its departure as returned, so that it cannot arrive twice. Raises DeclinedError: INSUFFICIENT_FUNDS,
    INVALID_CURRENCY, INVALID_TRANSACTION, ORIGINAL_NOT_FOUND, ORIGINAL_AMOUNT_INCORRECT.
    """
    if request.to_wallet_id is None:
        _arrive(draft, request, original)
        return
    money = draft.money()
    if request.to_wallet_id == request.wallet_id:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    if draft.room(money) < request.amount:
        raise DeclinedError(Reason.INSUFFICIENT_FUNDS)
    draft.move(money.id, -request.amount)
    draft.move_shared(NETWORK_WALLET_ID, IN_TRANSIT, request.amount)
    draft.amount = request.amount


def _arrive(draft: Draft, request: PostingRequest, departure: OriginalView | None) -> None:
    if departure is None or not departure.legs:
        raise DeclinedError(Reason.ORIGINAL_NOT_FOUND)
    sent = tuple(leg.amount if leg.kind == IN_TRANSIT and leg.amount > 0 else 0 for leg in departure.legs)
    if not any(sent) or departure.unit != request.unit:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    if departure.returned or request.amount != departure.amount:
        raise DeclinedError(Reason.ORIGINAL_AMOUNT_INCORRECT)
    _receive(draft, request.amount, draft.money().id)
    draft.move_shared(NETWORK_WALLET_ID, IN_TRANSIT, -request.amount)
    draft.original = (departure.business_date, departure.entry_id)
    draft.amend = Amend(departure.business_date, departure.entry_id, False, request.amount, sent, departure.amend_version)
