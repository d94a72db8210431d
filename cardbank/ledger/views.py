"""What `rules.decide` reads and what it returns: the state of one wallet, the shared accounts, the original, the decision.

The store loads the views and writes the decisions; the rules know neither SQL nor sockets.

- Sign: a balance > 0 is owed to the wallet's owner, and + in a leg raises that claim. Amounts are whole units.
- Eager accounts belong to `WalletView` and carry balance and version; each leg on one raises its version by one, in leg order.
  Accounts of `SharedView` are lazy: their legs have no balance_after and no version.
- A `WalletView` holds every open account of the wallet and, for a reversal, refund or void, also the closed ones that the
  original's legs touch. For those kinds it is the wallet of the *original*, which a replaced card may have left since.
"""

from bisect import insort
from collections.abc import Iterable
from datetime import UTC, date, datetime
from enum import IntEnum

from msgspec import Struct

from cardbank.ledger.types import AccountKind, Answer, EntryKind, Key
from cardbank.reasons import Reason
from kernel.calendar import jalali_month

FAR = datetime(9999, 1, 1, tzinfo=UTC)

# The wallet's own order to pay in; a kind that is not named here is spent only when the tender asks for it.
SPEND_RANK = {AccountKind.BENEFIT: 1, AccountKind.GIFT: 2, AccountKind.MONEY: 3}


class AccountView(Struct, gc=False):
    """One eager account as it stands after all that was decided before; mutable, so that a batch sees its own effects.

    `place` is where its row stands in the table (ctid as tidsend writes it), None while that is not known.
    """

    id: int
    kind: AccountKind
    unit: int
    balance: int
    floor: int | None
    version: int
    member_id: int | None = None
    programme_id: int | None = None
    funder_id: int | None = None
    scope_id: int | None = None
    usable_from: datetime | None = None
    usable_until: datetime | None = None
    closed: bool = False
    place: bytes | None = None


def is_usable(purse: "AccountView | NewAccount", at: datetime) -> bool:
    """Whether its time has come and has not passed; purses without terms always are usable."""
    starts, ends = purse.usable_from, purse.usable_until
    return (starts is None or starts <= at) and (ends is None or at < ends)


def spend_order(account: AccountView) -> tuple[int, bool, datetime, int]:
    """Own order of kinds, scoped purses before unscoped, what expires first, then the oldest."""
    return (
        SPEND_RANK.get(account.kind, 9),
        account.scope_id is None,
        account.usable_until or FAR,
        account.id,
    )


# What a member spends of a shared wallet, and what limits it.
COUNTED = frozenset({EntryKind.PURCHASE, EntryKind.ADVICE, EntryKind.GIVING})
LIMITS = frozenset({AccountKind.DAY_LIMIT, AccountKind.MONTH_LIMIT})


class Count(Struct, frozen=True, gc=False):
    """What a decision adds to what a member has spent on a business day; a return takes away."""

    member_id: int
    day: date
    amount: int


class MemberLimits(Struct):
    """The limits of a shared wallet's members, and what they have spent since the beginning of this Jalali month.

    `spent` goes by member, kind of limit and first day of the period: it is derived from entries and dropped with its wallet.
    """

    accounts: dict[int, list[AccountView]]
    spent: dict[tuple[int, AccountKind, date], int]

    def spent_by(self, member_id: int, kind: AccountKind, day: date) -> int:
        return self.spent.get((member_id, kind, first_day(kind, day)), 0)

    def count(self, counts: Iterable[Count]) -> None:
        for one in counts:
            for kind in LIMITS:
                period = one.member_id, kind, first_day(kind, one.day)
                self.spent[period] = self.spent.get(period, 0) + one.amount


def first_day(kind: AccountKind, day: date) -> date:
    """The first day of the period that a limit of this kind counts by."""
    return jalali_month(day)[0] if kind is AccountKind.MONTH_LIMIT else day


class WalletView(Struct):
    """The accounts of one wallet, kept in spend order; build it with `wallet_view`. `limits` is None where no member has one."""

    wallet_id: int
    accounts: list[AccountView]
    by_id: dict[int, AccountView]
    limits: MemberLimits | None = None

    def add(self, account: AccountView) -> None:
        """Take in a newly opened account."""
        insort(self.accounts, account, key=spend_order)
        self.by_id[account.id] = account


def wallet_view(wallet_id: int, accounts: Iterable[AccountView]) -> WalletView:
    ordered = sorted(accounts, key=spend_order)
    return WalletView(wallet_id, ordered, {account.id: account for account in ordered})


class ScopeView(Struct, frozen=True):
    """Where a purse may be spent; None = anywhere."""

    shops: frozenset[int] | None = None
    categories: frozenset[int] | None = None


class SharedView(Struct):
    """What does not belong to the wallet: the business day, lazy accounts by owner, and the scopes of purses.

    `lazy` maps (wallet id of shop, programme or network; kind; unit) to the account id. A scope that is not loaded allows
    nothing. `cash_taken` is what shops took for cards in this business day: only the teller knows it, since only it posts what
    is limited by it; a shop that is not in it may take nothing.
    """

    business_date: date
    lazy: dict[tuple[int, AccountKind, int], int]
    scopes: dict[int, ScopeView] = {}
    cash_taken: dict[int, int] = {}


class OriginalLeg(Struct, frozen=True, gc=False):
    """A posting of the original, in leg order; `wallet_id` and `kind` are those of its account."""

    account_id: int
    wallet_id: int
    kind: AccountKind
    unit: int
    amount: int
    line: int
    rule_id: int | None


class OriginalView(Struct, frozen=True):
    """The request row under the original's key, its entry when it has one, and its amend row.

    `content_time` is the original's own DE7 (or what the reversal stated, on a tombstone). `amend_version` 0 means that no
    amend row exists. A tombstone and a declined original have no legs, amount 0 and entry_id 0.
    """

    reason: Reason
    is_tombstone: bool
    content_time: str
    kind: EntryKind
    wallet_id: int | None
    card_id: int | None
    business_date: date
    entry_id: int = 0
    shop_id: int | None = None
    terminal_id: int | None = None
    terminal_batch: int | None = None
    unit: int = 0
    amount: int = 0
    legs: tuple[OriginalLeg, ...] = ()
    reversed_by: int | None = None
    returned: int = 0
    returned_by_leg: tuple[int, ...] = ()
    amend_version: int = 0
    of: "OriginalView | None" = None  # of a return: what it gave back to, as that stands now
    member_id: int | None = None

    @property
    def refs(self) -> tuple[tuple[date, int], ...]:
        """The entries whose amend rows undoing this one may change."""
        further = () if self.of is None else self.of.refs
        return ((self.business_date, self.entry_id), *further)


class StoredRequest(Struct, frozen=True):
    """The row that already stands under a request's key. A tombstone has no answer of its own."""

    content_hash: int
    content_time: str
    answer: Answer | None
    business_date: date
    entry_id: int
    decided_at: datetime


class NewAccount(Struct, frozen=True, gc=False):
    """An account that the entry opens in the wallet; equal values within one decision are one account."""

    kind: AccountKind
    unit: int
    floor: int | None
    programme_id: int | None = None
    funder_id: int | None = None
    scope_id: int | None = None
    usable_from: datetime | None = None
    usable_until: datetime | None = None


class Leg(Struct, frozen=True, gc=False):
    """A posting to make: on an account of the wallet view or of the shared view by id, or on one that is opened by it.

    `line` is the position in the request's basket; `rule_id` marks the legs of an earning.
    """

    account: int | NewAccount
    amount: int
    line: int = 0
    rule_id: int | None = None


class Amend(Struct, frozen=True):
    """The new content of the original's amend row; `version` is the one that was read (0 = insert).

    The store writes version + 1, and for `reverses` the new entry's id into reversed_by.
    """

    original_date: date
    original_id: int
    reverses: bool
    returned: int
    returned_by_leg: tuple[int, ...]
    version: int


class CaseKind(IntEnum):
    """Why a person should look at it."""

    OVERDRAWN = 1  # taken by force, the rest stands on OWED
    MONEY_SPENT = 2  # a reversed top-up was spent already
    CREDIT_SPENT = 3  # credit to take back was spent already
    KEY_OUT_OF_WINDOW = 4
    REFUNDED_BEFORE_REVERSAL = 5
    ACCOUNT_CLOSED = 6


class Case(Struct, frozen=True, gc=False):
    kind: CaseKind
    amount: int


class Tombstone(Struct, frozen=True):
    """A request row to write under the original's key, in the transaction that writes the reversal's own row."""

    key: Key
    content_time: str


class Decision(Struct, frozen=True):
    """What to write. No legs = no entry. `answer.amount` is the entry's amount; `original` is stored with the entry.

    `further_amends` are set where a return is undone: the row of what it had given back to, and so on. `touch` is an account of the wallet whose version is checked and raised although no leg moves it.
    """

    reason: Reason
    answer: Answer
    legs: tuple[Leg, ...] = ()
    amend: Amend | None = None
    exception: Case | None = None
    tombstone: Tombstone | None = None
    original: tuple[date, int] | None = None
    touch: int | None = None
    further_amends: tuple[Amend, ...] = ()
    counts: tuple[Count, ...] = ()  # only of wallets whose members have limits


def apply(wallet: WalletView, decision: Decision, new_ids: Iterable[int]) -> None:
    """Move the wallet's balances and versions as the store does once the decision is posted.

    `new_ids` gives an id to each account that the decision opens.
    """
    opened: dict[NewAccount, int] = {}
    ids = iter(new_ids)
    for leg in decision.legs:
        account_id = leg.account
        if not isinstance(account_id, int):
            if account_id not in opened:
                opened[account_id] = next(ids)
                wallet.add(_opened(account_id, opened[account_id]))
            account_id = opened[account_id]
        account = wallet.by_id.get(account_id)
        if account is not None:
            account.balance += leg.amount
            account.version += 1
    if decision.touch is not None:
        wallet.by_id[decision.touch].version += 1
    if wallet.limits is not None:
        wallet.limits.count(decision.counts)


def _opened(terms: NewAccount, account_id: int) -> AccountView:
    return AccountView(
        account_id, terms.kind, terms.unit, 0, terms.floor, 0, None, terms.programme_id, terms.funder_id,
        terms.scope_id, terms.usable_from, terms.usable_until,
    )  # fmt: skip
