"""One batch: decisions turned into the columns of one call of `ledger.post_entries`."""

from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from msgspec.msgpack import Encoder
from msgspec.structs import force_setattr

from cardbank.ledger.arrays import Packed, days, microseconds, pack, tids
from cardbank.ledger.types import Answer, Key, PostingRequest
from cardbank.ledger.views import (
    AccountView,
    Amend,
    Decision,
    NewAccount,
    OriginalView,
    Tombstone,
    WalletView,
)
from cardbank.reasons import Reason

BLOCK = 1024  # ids of one nextval of ledger.entry_seq and ledger.account_seq
MOST_REQUESTS = 256

_encode = Encoder().encode

# The arguments of post_entries: first the batch's own, then one group of columns after the other.
_HEAD = ["date", "smallint", "int", "bigint", "int", "timestamptz", "bytea"]
_REQUEST = [
    "date",
    "smallint",
    "bigint",
    "text",
    "bigint",
    "text",
    "smallint",
    "bigint",
    "bigint",
    "smallint",
    "bigint",
    "bytea",
]
_ENTRY = ["bigint", "bigint", "bigint", "int", "int", "bigint", "date", "bigint", "timestamptz"]
_LEG = ["int", "smallint", "bigint", "int", "bigint", "bigint", "bigint", "int", "bigint"]
_ACCOUNT = [
    "bigint",
    "bigint",
    "smallint",
    "int",
    "bigint",
    "bigint",
    "bigint",
    "bigint",
    "timestamptz",
    "timestamptz",
]
_AMEND = ["date", "bigint", "int", "bigint", "bigint", "text"]
_TOUCH = ["bigint", "bigint"]
_CASE = ["bigint", "bigint", "smallint", "bigint"]
_PLACE = ["tid"]
_COLUMNS = (*_REQUEST, *_ENTRY, *_LEG, *_ACCOUNT, *_AMEND, *_TOUCH, *_CASE, *_PLACE)
POST = "SELECT ledger.post_entries({})".format(
    ", ".join(f"${n}::{kind}" for n, kind in enumerate([*_HEAD, *(f"{kind}[]" for kind in _COLUMNS)], 1))
)
# The same for a batch that closes terminals' batches: both stand, or neither.
_NEXT = len(_HEAD) + len(_COLUMNS) + 1
POST_AND_CLOSE = f"{POST}, ledger.close_batches(${_NEXT}::bigint[], ${_NEXT + 1}::int[], $6)"
# Places in a request's columns that an entry has too.
_KEY_DATE, _SOURCE, _KIND, _WALLET, _CARD = 0, 1, 6, 7, 8


class Block:
    """Ids that belong to this process alone, taken upward from `next` or downward from `end`."""

    def __init__(self) -> None:
        self.next = self.end = 0

    def start(self, first: int) -> None:
        self.next, self.end = first, first + BLOCK

    @property
    def left(self) -> int:
        return self.end - self.next

    def take(self) -> int:
        """The next id. Raises OverflowError when the block is used up."""
        if self.next >= self.end:
            raise OverflowError("the block of ids is used up")
        self.next += 1
        return self.next - 1


class Batch:
    """Decisions on the way to the database, with the effects they have on the wallets already applied to the views.

    Entries take ids upward from the start of the block, answers without an entry downward from its end, so that the ids
    of a batch's entries are contiguous.
    """

    def __init__(self, day: date, now: datetime, entry_ids: Block, account_ids: Block) -> None:
        self.day = day
        self.now = now
        self.entry_ids = entry_ids
        self.account_ids = account_ids
        self.first = entry_ids.next
        self.entries: list[tuple[Any, ...]] = []
        self.others: list[tuple[Any, ...]] = []
        self.legs: list[tuple[Any, ...]] = []
        self.accounts: list[tuple[Any, ...]] = []
        self.amends: list[tuple[Any, ...]] = []
        self.touches: list[tuple[int, int]] = []
        self.cases: list[tuple[int, int, int, int]] = []
        self.moved: dict[int, AccountView] = {}  # eager accounts, by id
        self.wallets: set[int] = set()
        self.originals: set[tuple[date, int]] = set()  # amended by this batch
        self.tombstones: set[Key] = set()
        self._placed: list[AccountView] = []  # as the places come back: those first that had one
        self.closes: list[tuple[int, int]] = []  # (terminal, its batch)

    @property
    def is_empty(self) -> bool:
        return not (self.entries or self.others or self.cases)

    def must_be_read_back_for(self, request: PostingRequest, original: OriginalView | None) -> bool:
        """Whether the request can only be decided on what this batch has written."""
        if self.tombstones and (request.key in self.tombstones or (request.original and request.original.key in self.tombstones)):
            return True
        return original is not None and not self.originals.isdisjoint(original.refs)

    def add(self, request: PostingRequest, wallet: WalletView | None, decision: Decision) -> bytes:
        """Take in a decision made with `entry_ids.next` as its entry id. Returns the answer as it is stored."""
        answer = decision.answer
        if decision.legs and wallet is not None:
            self.entry_ids.next += 1
            self._add_legs(request, wallet, decision)
            rows = self.entries
        else:
            self._without_entry(answer)
            rows = self.others
        key, stored = request.key, _encode(answer)
        original_date = original_id = None
        if decision.original is not None:
            original_date, original_id = days(decision.original[0]), decision.original[1]
        rows.append(
            (
                days(key.day), key.source, key.source_id, key.key, request.content_hash, request.content_time,
                request.kind, request.wallet_id if wallet is None else wallet.wallet_id, request.card_id or 0,
                decision.reason, answer.entry_id, stored,
                request.member_id, request.shop_id, request.terminal_id, request.terminal_batch, request.unit,
                answer.amount, original_date, original_id, microseconds(request.effective_at),
            )
        )  # fmt: skip
        if decision.amend is not None:
            self._add_amend(decision.amend, answer.entry_id)
        for amend in decision.further_amends:
            self._add_amend(amend, answer.entry_id)
        if decision.tombstone is not None:
            self._add_tombstone(request, decision.tombstone, answer.entry_id)
        if decision.exception is not None:
            self._add_case(request, decision)
        return stored

    def turn_away(self, request: PostingRequest, decision: Decision) -> bytes:
        """An answer that is not stored, because its key cannot be: only its case is. Returns the answer as `add` does."""
        self._without_entry(decision.answer)
        self._add_case(request, decision)
        return _encode(decision.answer)

    def _without_entry(self, answer: Answer) -> None:
        self.entry_ids.end -= 1
        force_setattr(answer, "entry_id", self.entry_ids.end)

    def _add_case(self, request: PostingRequest, decision: Decision) -> None:
        case = decision.exception
        if case is not None:
            self.cases.append((decision.answer.entry_id, request.wallet_id, case.kind, case.amount))

    def _add_legs(self, request: PostingRequest, wallet: WalletView, decision: Decision) -> None:
        entry = len(self.entries) + 1
        by_id, rows, moved = wallet.by_id, self.legs, self.moved
        self.wallets.add(wallet.wallet_id)
        opened: dict[NewAccount, int] = {}
        for number, leg in enumerate(decision.legs, 1):
            account_id = leg.account
            if isinstance(account_id, NewAccount):
                if account_id not in opened:
                    opened[account_id] = self._open(wallet, account_id)
                account_id = opened[account_id]
            amount, account = leg.amount, by_id.get(account_id)
            if account is None:
                rows.append((entry, number, account_id, request.unit, amount, None, None, leg.line, leg.rule_id))
            else:
                moved[account_id] = account
                account.balance = balance = account.balance + amount
                account.version = version = account.version + 1
                rows.append((entry, number, account_id, account.unit, amount, balance, version, leg.line, leg.rule_id))
        if decision.touch is not None:
            account = by_id[decision.touch]
            account.version += 1
            self.touches.append((account.id, account.version))
            self.moved[account.id] = account
        if wallet.limits is not None:
            wallet.limits.count(decision.counts)

    def _open(self, wallet: WalletView, new: NewAccount) -> int:
        account_id = self.account_ids.take()
        wallet.add(
            AccountView(
                account_id, new.kind, new.unit, 0, new.floor, 0, None, new.programme_id, new.funder_id, new.scope_id,
                new.usable_from, new.usable_until,
            )
        )  # fmt: skip
        self.accounts.append(
            (
                account_id, wallet.wallet_id, new.kind, new.unit, new.floor, new.programme_id, new.funder_id, new.scope_id,
                None if new.usable_from is None else microseconds(new.usable_from),
                None if new.usable_until is None else microseconds(new.usable_until),
            )
        )  # fmt: skip
        return account_id

    def _add_amend(self, amend: Amend, entry_id: int) -> None:
        self.originals.add((amend.original_date, amend.original_id))
        by_leg = "{" + ",".join(map(str, amend.returned_by_leg)) + "}"
        reversed_by = entry_id if amend.reverses else None
        self.amends.append((days(amend.original_date), amend.original_id, amend.version, reversed_by, amend.returned, by_leg))

    def _add_tombstone(self, request: PostingRequest, tombstone: Tombstone, entry_id: int) -> None:
        key = tombstone.key
        self.tombstones.add(key)
        self.others.append(
            (
                days(key.day), key.source, key.source_id, key.key, 0, tombstone.content_time, request.kind, request.wallet_id,
                request.card_id or 0, Reason.TOMBSTONE_WRITTEN, entry_id, b"", *(None,) * 9,
            )
        )  # fmt: skip

    def arguments(self, poster: int, epoch: int) -> list[Any]:
        """The arguments of `POST`."""
        count = len(self.entries)
        requests = _columns(self.entries + self.others, _REQUEST + _ENTRY)
        entry_columns = [column[:count] for column in requests[len(_REQUEST) :]]
        packed = [pack(kind, column) for kind, column in zip(_REQUEST, requests[: len(_REQUEST)], strict=True)]
        entries = [pack(kind, column) for kind, column in zip(_ENTRY, entry_columns, strict=True)]
        legs = _packed(self.legs, _LEG)
        common = [
            pack(_REQUEST[place], requests[place][:count]) if self.others else packed[place]
            for place in (_WALLET, _CARD, _KIND, _KEY_DATE, _SOURCE)
        ]
        return [
            self.day, poster, epoch, self.first, count, self.now, self._hash(common, entries, legs),
            *packed, *entries, *legs,
            *_packed(self.accounts, _ACCOUNT), *_packed(self.amends, _AMEND), *_packed(self.touches, _TOUCH),
            *_packed(self.cases, _CASE), self._places(),
        ]  # fmt: skip

    def _places(self) -> Packed:
        """Where the rows stand that are updated, in id order. From here on they stand nowhere that is known."""
        for row in self.accounts:
            self.moved.pop(row[0], None)  # inserted, not updated
        moved = self.moved
        placed = [moved[account_id] for account_id in sorted(moved)]
        places = [account.place for account in placed]
        if None in places:
            placed.sort(key=lambda account: account.place is None)
        for account in placed:
            account.place = None
        self._placed = placed
        return pack("tid", places)

    def take_places(self, array: bytes, later: Sequence["Batch"]) -> None:
        """Note where the rows stand now, as `POST` has returned it, but for those that `later` batches move again."""
        for account, place in zip(self._placed, tids(array), strict=True):
            account.place = place
        for batch in later:
            for account_id in self.moved.keys() & batch.moved.keys():
                self.moved[account_id].place = None

    def _hash(self, common: list[Packed], entries: list[Packed], legs: list[Packed]) -> bytes:
        """SHA-256 over the canonical form, see `canonical` in schema/posting.sql."""
        wallet, card, kind, key_date, source = common
        member, shop, terminal, terminal_batch, unit, amount, original_date, original_id, effective_at = entries
        decided_at = pack("timestamptz", [microseconds(self.now)] * len(self.entries))
        digest = sha256(days(self.day).to_bytes(4, "big", signed=True) + self.first.to_bytes(8, "big"))
        for column in (
            decided_at, wallet, member, card, shop, terminal, terminal_batch, kind, unit, amount, original_date,
            original_id, effective_at, key_date, source, *legs,
        ):  # fmt: skip
            digest.update(column)
        return digest.digest()


def _packed(rows: Sequence[tuple[Any, ...]], kinds: Sequence[str]) -> list[Packed]:
    return [pack(kind, column) for kind, column in zip(kinds, _columns(rows, kinds), strict=True)]


def _columns(rows: Sequence[tuple[Any, ...]], kinds: Sequence[str]) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True)) if rows else [()] * len(kinds)
