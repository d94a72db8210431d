"""A whole ledger in memory around the pure rules: it does for `decide` what store and PostgreSQL do."""

from collections import Counter
from datetime import UTC, datetime
from itertools import count

from msgspec.structs import replace

from cardbank.ledger.rules.decide import decide
from cardbank.ledger.rules.keys import answer_again, refuse_key
from cardbank.ledger.types import NETWORK_WALLET_ID, RIAL, AccountKind, Answer, EntryKind, Key, PostingRequest
from cardbank.ledger.views import (
    AccountView,
    Amend,
    Decision,
    NewAccount,
    OriginalLeg,
    OriginalView,
    ScopeView,
    SharedView,
    StoredRequest,
    WalletView,
    apply,
    wallet_view,
)
from cardbank.reasons import Reason

NETWORK_KINDS = (AccountKind.BANK, AccountKind.CASH_TAKEN, AccountKind.IN_TRANSIT, AccountKind.SUSPENSE)
RETURNS = (EntryKind.REFUND, EntryKind.VOID, EntryKind.REVERSAL)
PROGRAMME_KINDS = (AccountKind.ISSUED, AccountKind.LAPSED)


class Entry:
    def __init__(
        self,
        request: PostingRequest,
        decision: Decision,
        entry_id: int,
        legs: list[tuple[int, int, int, int | None]],
    ):
        self.request, self.decision, self.id, self.legs = request, decision, entry_id, legs
        self.reversed_by: int | None = None
        self.returned = 0
        self.returned_by_leg: tuple[int, ...] = ()
        self.amend_version = 0


class MemoryLedger:
    """`post` answers as the teller does; `check` asserts what must hold after every history."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.shared = SharedView(now.astimezone(UTC).date(), {})
        self.ids = count(1000)
        self.wallets: dict[int, WalletView] = {}
        self.owner: dict[int, tuple[int, AccountKind]] = {}
        self.lazy: Counter[int] = Counter()
        self.stored: dict[Key, StoredRequest] = {}
        self.asked: dict[Key, PostingRequest] = {}
        self.entries: dict[int, Entry] = {}
        self.posted_by: dict[Key, int] = {}
        self.cases: list[Decision] = []
        for kind in NETWORK_KINDS:
            self._open_lazy(NETWORK_WALLET_ID, kind)

    def _open_lazy(self, owner: int, kind: AccountKind) -> None:
        account_id = next(self.ids)
        self.shared.lazy[owner, kind, RIAL] = account_id
        self.owner[account_id] = (owner, kind)

    def open_shop(self) -> int:
        shop = next(self.ids)
        self._open_lazy(shop, AccountKind.PAYABLE)
        return shop

    def open_programme(self) -> int:
        programme = next(self.ids)
        for kind in PROGRAMME_KINDS:
            self._open_lazy(programme, kind)
        return programme

    def open_holder(self) -> int:
        wallet = next(self.ids)
        self.wallets[wallet] = wallet_view(wallet, ())
        self.open_account(wallet, AccountKind.MONEY)
        return wallet

    def open_account(self, wallet: int, kind: AccountKind, **terms: object) -> AccountView:
        account = AccountView(next(self.ids), kind, RIAL, 0, 0, 0, **terms)
        self.wallets[wallet].add(account)
        self.owner[account.id] = (wallet, kind)
        return account

    def allow(self, scope: int, shops: frozenset[int] | None = None, categories: frozenset[int] | None = None) -> None:
        self.shared.scopes[scope] = ScopeView(shops, categories)

    def post(self, request: PostingRequest) -> Answer:
        if request.key in self.stored:
            return answer_again(self.stored[request.key], request)
        entry_id = next(self.ids)
        refused = refuse_key(self.shared, request, self.now, entry_id)
        if refused is not None:
            return refused.answer
        original = self.original_of(request)
        wallet_id = original.wallet_id if original is not None and original.legs and request.to_wallet_id is None else None
        if request.kind is EntryKind.TRANSFER or wallet_id is None:
            wallet_id = request.wallet_id
        wallet = self.wallets.get(wallet_id)
        decision = decide(wallet, self.shared, original, request, self.now, entry_id)
        self._write(request, decision, wallet, entry_id)
        return decision.answer

    def original_of(self, request: PostingRequest) -> OriginalView | None:
        stated = request.original
        if stated is None:
            return None
        key = stated.key
        if key is None:
            entry = self.entries.get(stated.ref[1]) if stated.ref else None
            if entry is None or stated.ref[0] != self.shared.business_date:
                return None
            key = entry.request.key
        row = self.stored.get(key)
        if row is None:
            return None
        if row.answer is None:
            day = row.business_date
            return OriginalView(Reason.TOMBSTONE_WRITTEN, True, row.content_time, EntryKind.REVERSAL, None, None, day)
        return self._view(row, self.asked[key], self.entries.get(self.posted_by.get(key, 0)))

    def _view(self, row: StoredRequest, request: PostingRequest, entry: Entry | None) -> OriginalView:
        legs: tuple[OriginalLeg, ...] = ()
        if entry is not None:
            legs = tuple(OriginalLeg(a, *self.owner[a], RIAL, amount, line, rule) for a, amount, line, rule in entry.legs)
        return OriginalView(
            row.answer.reason, False, row.content_time, request.kind, request.wallet_id, request.card_id,
            row.business_date, entry.id if entry else 0, request.shop_id, request.terminal_id, request.terminal_batch,
            request.unit, row.answer.amount, legs, entry.reversed_by if entry else None,
            entry.returned if entry else 0, entry.returned_by_leg if entry else (), entry.amend_version if entry else 0,
            self._of(request, entry),
        )  # fmt: skip

    def _of(self, request: PostingRequest, entry: Entry | None) -> OriginalView | None:
        if entry is None or entry.decision.original is None or request.kind not in RETURNS:
            return None
        before = self.entries[entry.decision.original[1]].request
        return self._view(self.stored[before.key], before, self.entries[entry.decision.original[1]])

    def _write(self, request: PostingRequest, decision: Decision, wallet: WalletView | None, entry_id: int) -> None:
        day, answer = self.shared.business_date, decision.answer
        row = StoredRequest(request.content_hash, request.content_time, answer, day, entry_id, self.now)
        self.stored[request.key] = row
        self.asked[request.key] = request
        if decision.tombstone is not None:
            assert decision.tombstone.key not in self.stored, "one key, one row"
            self.stored[decision.tombstone.key] = replace(row, content_time=decision.tombstone.content_time, answer=None)
        if decision.exception is not None:
            self.cases.append(decision)
        if decision.legs:
            self._post_entry(request, decision, wallet, entry_id)

    def _post_entry(self, request: PostingRequest, decision: Decision, wallet: WalletView, entry_id: int) -> None:
        opened: dict[NewAccount, int] = {}
        legs = []
        for leg in decision.legs:
            account_id = leg.account
            if isinstance(account_id, NewAccount):
                opened.setdefault(account_id, 0) or opened.update({account_id: next(self.ids)})
                account_id = opened[account_id]
                self.owner[account_id] = (wallet.wallet_id, leg.account.kind)
            elif account_id not in wallet.by_id:
                assert account_id in self.shared.lazy.values(), "a leg on an account that nobody has"
                self.lazy[account_id] += leg.amount
            legs.append((account_id, leg.amount, leg.line, leg.rule_id))
        apply(wallet, decision, opened.values())
        entry = self.entries[entry_id] = Entry(request, decision, entry_id, legs)
        self.posted_by[request.key] = entry.id
        if decision.amend is not None:
            assert decision.original == (decision.amend.original_date, decision.amend.original_id)
            for amend in (decision.amend, *decision.further_amends):
                self._amend(amend, entry.id)

    def _amend(self, amend: Amend, by: int) -> None:
        amended = self.entries[amend.original_id]
        assert amended.amend_version == amend.version
        assert not (amend.reverses and amended.reversed_by), "reversed at most once"
        assert 0 <= amend.returned <= amended.decision.answer.amount
        amended.amend_version += 1
        amended.returned, amended.returned_by_leg = amend.returned, amend.returned_by_leg
        amended.reversed_by = by if amend.reverses else None

    def balance(self, owner: int, kind: AccountKind) -> int:
        """The sum over the owner's accounts of one kind."""
        if owner in self.wallets:
            return sum(account.balance for account in self.wallets[owner].accounts if account.kind == kind)
        return self.lazy[self.shared.lazy[owner, kind, RIAL]]

    def lots(self, owner: int) -> dict[int, tuple[int, datetime, datetime, int]]:
        """The credit lots of a wallet: account id → programme, usable from, usable until, funder."""
        lots = (account for account in self.wallets[owner].accounts if account.kind is AccountKind.CREDIT_LOT)
        return {lot.id: (lot.programme_id, lot.usable_from, lot.usable_until, lot.funder_id) for lot in lots}

    def check(self) -> None:
        sums: Counter[int] = Counter()
        for entry in self.entries.values():
            assert sum(amount for _, amount, _, _ in entry.legs) == 0
            assert all(amount for _, amount, _, _ in entry.legs), "no leg of nothing"
            for account_id, amount, _, _ in entry.legs:
                sums[account_id] += amount
                owner, _ = self.owner[account_id]
                if owner in self.wallets:
                    account = self.wallets[owner].by_id[account_id]
                    assert account.floor is None or sums[account_id] >= account.floor, "a floor was broken on the way"
            for (_, amount, _, _), back in zip(entry.legs, entry.returned_by_leg, strict=False):
                assert 0 <= back <= abs(amount), "more went back than was paid"
        for wallet in self.wallets.values():
            for account in wallet.accounts:
                assert account.balance == sums[account.id]
                assert account.floor is None or account.balance >= account.floor
        assert all(self.lazy[account_id] == sums[account_id] for account_id in self.lazy)
        for key, row in self.stored.items():
            if row.answer is None:
                assert key not in self.posted_by, "an entry under a tombstone"
            else:
                assert answer_again(row, self.asked[key]) == replace(row.answer, replayed=True)
