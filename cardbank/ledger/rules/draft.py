"""A decision while it is made: the legs so far, what they moved, and the answer that follows from them."""

from datetime import date, datetime

from cardbank.ledger.types import AccountKind, Answer, PostingRequest
from cardbank.ledger.views import (
    FAR,
    AccountView,
    Amend,
    Case,
    Count,
    Decision,
    Leg,
    NewAccount,
    SharedView,
    Tombstone,
    WalletView,
    is_usable,
)
from cardbank.reasons import Reason

MONEY = AccountKind.MONEY
GIFT = AccountKind.GIFT
BENEFIT = AccountKind.BENEFIT
CREDIT_LOT = AccountKind.CREDIT_LOT
OWED = AccountKind.OWED
LINE = AccountKind.LINE
CREDIT_OWED = AccountKind.CREDIT_OWED


class DeclinedError(Exception):
    """The request cannot be granted; caught by `decide` and never seen outside."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.name)
        self.reason = reason


class Draft:
    """Legs on one wallet and on shared accounts. `moved` sums them per account, so that a later leg sees an earlier one."""

    __slots__ = (
        "amend", "amount", "case", "counts", "earned", "earned_until", "further_amends", "legs", "member_id", "moved", "on_line", "original", "paid",
        "reason", "rule_ids", "shared", "taken_back", "tombstone", "touch", "unit", "wallet",
    )  # fmt: skip

    def __init__(self, wallet: WalletView, shared: SharedView, request: PostingRequest) -> None:
        self.wallet = wallet
        self.shared = shared
        self.unit = request.unit
        self.member_id = request.member_id
        self.reason = Reason.APPROVED
        self.amount = 0
        self.legs: list[Leg] = []
        self.moved: dict[int | NewAccount, int] = {}
        self.paid: dict[AccountKind, int] = {}
        self.earned = 0
        self.earned_until: datetime | None = None
        self.rule_ids: tuple[int, ...] = ()
        self.taken_back = 0
        self.amend: Amend | None = None
        self.further_amends: tuple[Amend, ...] = ()
        self.case: Case | None = None
        self.tombstone: Tombstone | None = None
        self.original: tuple[date, int] | None = None
        self.touch: int | None = None
        self.on_line = request.on_line
        self.counts: tuple[Count, ...] = ()

    def move(self, account: int | NewAccount, amount: int, line: int = 0, rule_id: int | None = None) -> None:
        """Add a leg on an account of the wallet, or on one that this decision opens in it."""
        self.legs.append(Leg(account, amount, line, rule_id))
        moved = self.moved
        moved[account] = moved.get(account, 0) + amount

    def move_shared(self, owner: int, kind: AccountKind, amount: int, rule_id: int | None = None) -> None:
        """Add a leg on a lazy account. Raises DeclinedError (INVALID_TRANSACTION) when the owner has no such account."""
        account = self.shared.lazy.get((owner, kind, self.unit))
        if account is None:
            raise DeclinedError(Reason.INVALID_TRANSACTION)
        self.legs.append(Leg(account, amount, 0, rule_id))

    def room(self, account: AccountView) -> int:
        """What can still be taken from an account that has a floor."""
        return account.balance + self.moved.get(account.id, 0) - (account.floor or 0)

    def find(self, kind: AccountKind, funder_id: int | None = None) -> AccountView | None:
        """The wallet's open account of a kind of which it has one per unit, or per unit and funder."""
        for account in self.wallet.accounts:
            if account.kind == kind and account.unit == self.unit and account.funder_id == funder_id and not account.closed:
                return account
        return None

    def money(self) -> AccountView:
        """The wallet's money in the unit of the request. Raises DeclinedError (INVALID_CURRENCY)."""
        account = self.find(MONEY)
        if account is None:
            raise DeclinedError(Reason.INVALID_CURRENCY)
        return account

    def settle(self, kind: AccountKind, funder_id: int | None, most: int, rule_id: int | None = None) -> int:
        """Pay what stands on OWED or CREDIT_OWED, at most `most`; returns what was paid."""
        account = self.find(kind, funder_id)
        if account is None:
            return 0
        paid = min(-account.balance - self.moved.get(account.id, 0), most)
        if paid <= 0:
            return 0
        self.move(account.id, paid, 0, rule_id)
        return paid

    def owe(
        self,
        kind: AccountKind,
        amount: int,
        line: int = 0,
        funder_id: int | None = None,
        rule_id: int | None = None,
    ) -> None:
        """Put a shortfall on OWED, or on CREDIT_OWED of one funder, opening it when the wallet has none."""
        account = self.find(kind, funder_id)
        target = NewAccount(kind, self.unit, None, None, funder_id) if account is None else account.id
        self.move(target, -amount, line, rule_id)

    def decision(self, now: datetime, entry_id: int) -> Decision:
        """The draft as it stands. A decision that only opens accounts touches the money, so that two cannot both pass."""
        if self.touch is None and self.legs and not any(account.__class__ is int for account in self.moved):
            self.touch = next((account.id for account in self.wallet.accounts if account.kind == MONEY), None)
        return Decision(
            self.reason, self.answer(now, entry_id), tuple(self.legs), self.amend, self.case, self.tombstone,
            self.original, self.touch, self.further_amends, self.counts,
        )  # fmt: skip

    def answer(self, now: datetime, entry_id: int) -> Answer:
        """The facts of the outcome, with balances as they stand once the legs are posted; credit and benefits as usable at `now`."""
        totals: dict[AccountKind, int] = {}
        credit = expires = benefit = 0
        soonest: datetime | None = None
        for purse, balance in self._standing():
            kind = purse.kind
            if kind == BENEFIT:
                benefit += balance if self._may_use(purse, now) else 0
            elif kind != CREDIT_LOT:
                totals[kind] = totals.get(kind, 0) + balance
            elif balance > 0 and is_usable(purse, now):
                credit += balance
                until = purse.usable_until or FAR
                if soonest is None or until < soonest:
                    soonest, expires = until, balance
                elif until == soonest:
                    expires += balance
        return Answer(
            self.reason, self.shared.business_date, entry_id, now, self.amount, self.paid, self.earned,
            self.earned_until, self.taken_back, totals.get(MONEY, 0), credit, totals.get(GIFT, 0),
            -totals.get(OWED, 0), expires, soonest, self.rule_ids, False, -totals.get(CREDIT_OWED, 0), 0, benefit,
        )  # fmt: skip

    def _may_use(self, purse: AccountView | NewAccount, now: datetime) -> bool:
        is_own = isinstance(purse, AccountView) and purse.member_id in (None, self.member_id)
        return is_own and is_usable(purse, now)

    def _standing(self) -> list[tuple[AccountView | NewAccount, int]]:
        """The purses of the request's unit and what they hold after the draft."""
        moved, unit = self.moved, self.unit
        purses: list[tuple[AccountView | NewAccount, int]] = [
            (account, account.balance + moved.get(account.id, 0)) for account in self.wallet.accounts if account.unit == unit
        ]
        purses += [(opened, balance) for opened, balance in moved.items() if isinstance(opened, NewAccount)]
        return purses
