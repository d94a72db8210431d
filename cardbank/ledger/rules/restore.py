"""What a return moves: purses get back what they paid, and what they got is taken again or owed."""

from cardbank.ledger.rules.draft import CREDIT_LOT, CREDIT_OWED, LINE, OWED, DeclinedError, Draft
from cardbank.ledger.rules.give import LAPSING
from cardbank.ledger.types import NETWORK_WALLET_ID, AccountKind
from cardbank.ledger.views import AccountView, Case, CaseKind, Leg, OriginalLeg, OriginalView
from cardbank.reasons import Reason

DEBTS = frozenset({OWED, CREDIT_OWED})


def restore(draft: Draft, original: OriginalView, leg: OriginalLeg, amount: int) -> None:
    """Give back to the account that paid; what it paid by owing goes to the purse behind the debt once that is settled."""
    account = draft.wallet.by_id.get(leg.account_id)
    if account is None:
        draft.legs.append(Leg(leg.account_id, amount, leg.line, leg.rule_id))
        return
    if account.kind is LINE:
        _to_the_line(draft, account, leg, amount)
        return
    if leg.rule_id is None:
        draft.paid[leg.kind] = draft.paid.get(leg.kind, 0) + amount
    else:
        draft.earned += amount  # what a return had taken back of an earning
    if account.kind in DEBTS and not account.closed:
        owed = min(amount, max(0, -account.balance - draft.moved.get(account.id, 0)))
        if owed:
            draft.move(account.id, owed, leg.line, leg.rule_id)
        if owed < amount:
            _to_the_purse_behind(draft, original, leg, amount - owed)
    elif not account.closed:
        draft.move(account.id, amount, leg.line, leg.rule_id)
    elif account.kind in LAPSING:
        draft.move_shared(account.programme_id or 0, AccountKind.LAPSED, amount, leg.rule_id)
    else:
        draft.move_shared(NETWORK_WALLET_ID, AccountKind.SUSPENSE, amount, leg.rule_id)
        draft.case = Case(CaseKind.ACCOUNT_CLOSED, amount)


def _to_the_line(draft: Draft, account: AccountView, leg: OriginalLeg, amount: int) -> None:
    """What is still to be paid of the purchase is owed no more; what of it was paid by instalments goes back to the money."""
    most = _schedule(draft)
    back = 0 if account.closed else max(0, min(amount, most, -account.balance - draft.moved.get(account.id, 0)))
    for purse, part in ((account, back), (draft.money(), amount - back)):
        if part:
            draft.move(purse.id, part, leg.line, leg.rule_id)
            draft.paid[purse.kind] = draft.paid.get(purse.kind, 0) + part
    draft.on_line = most - back


def _schedule(draft: Draft) -> int:
    """How much a return may give back to a line. Raises DeclinedError (INVALID_TRANSACTION) where nobody keeps its schedule."""
    if draft.on_line is None:
        raise DeclinedError(Reason.INVALID_TRANSACTION)
    return draft.on_line


def _to_the_purse_behind(draft: Draft, original: OriginalView, leg: OriginalLeg, amount: int) -> None:
    """Money for a settled debt; for a settled debt of credit the lot that the earning went to, or its programme's LAPSED."""
    if leg.kind == OWED:
        draft.move(draft.money().id, amount, leg.line, leg.rule_id)
        return
    earned = (*original.legs, *(original.of.legs if original.of else ()))
    for other in earned:
        lot = draft.wallet.by_id.get(other.account_id)
        if other.rule_id == leg.rule_id and lot is not None and lot.kind == CREDIT_LOT and not lot.closed:
            draft.move(lot.id, amount, leg.line, leg.rule_id)
            return
    issued = (other for other in earned if other.kind == AccountKind.ISSUED and other.rule_id == leg.rule_id)
    draft.move_shared(next(issued).wallet_id, AccountKind.LAPSED, amount, leg.rule_id)
    draft.case = Case(CaseKind.ACCOUNT_CLOSED, amount)


def take_back(draft: Draft, leg: OriginalLeg, amount: int) -> None:
    """Take from the account that got it, as far as it is there; the rest is owed."""
    account = draft.wallet.by_id.get(leg.account_id)
    if account is None:
        draft.legs.append(Leg(leg.account_id, -amount, leg.line, leg.rule_id))
        return
    if account.kind is LINE:
        _schedule(draft)
    if leg.rule_id is None:
        draft.paid[leg.kind] = draft.paid.get(leg.kind, 0) + amount
    else:
        draft.taken_back += amount
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
