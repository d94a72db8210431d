"""What stands in the database, as the views that the rules read.

Each reading is a generator that yields `(sql, arguments)`, is sent the rows, and returns the result: a transaction drives
it with `run`, the teller with `run_async`. Nothing here writes.
"""

from collections import defaultdict
from collections.abc import Generator, Iterable, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any, TypeVar

import psycopg
from msgspec.msgpack import Decoder
from msgspec.structs import replace
from psycopg.pq import Format

from cardbank.ledger.arrays import Packed, days, pack, register
from cardbank.ledger.types import NETWORK_WALLET_ID, AccountKind, Answer, EntryKind, Key, PostingRequest
from cardbank.ledger.views import (
    LIMITS,
    AccountView,
    Count,
    MemberLimits,
    OriginalLeg,
    OriginalView,
    ScopeView,
    SharedView,
    StoredRequest,
    WalletView,
    wallet_view,
)
from cardbank.reasons import Reason
from kernel.calendar import jalali_month

Row = Sequence[Any]
T = TypeVar("T")
Steps = Generator[tuple[str, tuple[Any, ...]], Sequence[Row], T]

LAZY_KINDS = frozenset(
    {
        AccountKind.PAYABLE, AccountKind.ISSUED, AccountKind.LAPSED, AccountKind.FUNDER_DUE, AccountKind.BANK,
        AccountKind.CASH_TAKEN, AccountKind.COMMISSION, AccountKind.TAX, AccountKind.SUSPENSE, AccountKind.ROUNDING,
        AccountKind.IN_TRANSIT, AccountKind.UNIT_EXCHANGE,
    }
)  # fmt: skip
CACHED_WALLETS = 250_000
RETURNS = frozenset({EntryKind.REVERSAL, EntryKind.REFUND, EntryKind.VOID})

_KINDS = {int(kind): kind for kind in AccountKind}
_answer_of = Decoder(Answer).decode

STORED = """
    SELECT r.key_date, r.source, r.source_id, r.source_key, r.content_hash, r.content_time, r.answer, r.reason,
           r.business_date, r.entry_id, r.decided_at, r.kind, r.wallet_id, r.card_id
    FROM unnest($1::date[], $2::smallint[], $3::bigint[], $4::text[]) AS k (key_date, source, source_id, source_key)
    JOIN ledger.request r USING (key_date, source, source_id, source_key)"""
ACCOUNTS = """
    SELECT wallet_id, id, kind, unit, balance, floor, version, member_id, programme_id, funder_id, scope_id,
           usable_from, usable_until, closed_at IS NOT NULL, tidsend(ctid)
    FROM ledger.account WHERE """
OPEN_ACCOUNTS = ACCOUNTS + "wallet_id = ANY($1::bigint[]) AND closed_at IS NULL"
CLOSED_ACCOUNTS = ACCOUNTS + "id = ANY($1::bigint[]) AND closed_at IS NOT NULL"
ENTRIES = """
    SELECT e.business_date, e.id, e.kind, e.wallet_id, e.card_id, e.shop_id, e.terminal_id, e.terminal_batch, e.unit,
           e.amount, a.reversed_by, a.returned, a.returned_by_leg, a.version, e.original_date, e.original_id, e.member_id
    FROM unnest($1::date[], $2::bigint[]) AS wanted (business_date, id)
    JOIN ledger.entry e USING (business_date, id)
    LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id"""
LEGS = """
    SELECT p.business_date, p.entry_id, p.account_id, a.wallet_id, a.kind, p.unit, p.amount, p.line, p.rule_id
    FROM unnest($1::date[], $2::bigint[]) AS wanted (business_date, entry_id)
    JOIN ledger.posting p USING (business_date, entry_id)
    JOIN ledger.account a ON a.id = p.account_id
    ORDER BY p.business_date, p.entry_id, p.leg"""
SCOPES = "SELECT id, shops, categories FROM ledger.scope WHERE id = ANY($1::bigint[])"
# What members have spent since a day, less what came back; the kinds are views.COUNTED.
SPENT = """
    SELECT e.wallet_id, e.member_id, e.business_date, sum(e.amount - coalesce(a.returned, 0))::bigint
    FROM ledger.entry e
    LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id
    WHERE e.wallet_id = ANY($1::bigint[]) AND e.business_date >= $2::date AND e.kind IN (1, 6, 15) AND e.member_id IS NOT NULL
    GROUP BY e.wallet_id, e.member_id, e.business_date"""
OPEN_DAYS = "SELECT max(day) FROM ledger.business_day WHERE closed_at IS NULL"

Ref = tuple[date, int]


def run(connection: psycopg.Connection[Any], steps: Steps[T]) -> T:
    """Drive steps within the connection's transaction."""
    rows: Sequence[Row] | None = None
    with psycopg.RawCursor(connection) as cursor:
        register(cursor)
        while True:
            try:
                sql, arguments = next(steps) if rows is None else steps.send(rows)
            except StopIteration as done:
                result: T = done.value
                return result
            rows = cursor.execute(sql.encode(), arguments).fetchall()


async def run_async(connection: psycopg.AsyncConnection[Any], steps: Steps[T]) -> T:
    """The same for an event loop; what is asked again and again is prepared."""
    rows: Sequence[Row] | None = None
    async with psycopg.AsyncRawCursor(connection) as cursor:
        register(cursor)
        cursor.format = Format.BINARY
        while True:
            try:
                sql, arguments = next(steps) if rows is None else steps.send(rows)
            except StopIteration as done:
                result: T = done.value
                return result
            await cursor.execute(sql.encode(), arguments, prepare=True)
            rows = await cursor.fetchall()


def stored_requests(keys: Iterable[Key]) -> Steps[dict[Key, StoredRequest]]:
    """The rows that stand under these keys. A tombstone is a row with an empty answer."""
    rows = yield STORED, _columns(keys)
    return {
        _key(row): StoredRequest(row[4], row[5], _answer_of(row[6]) if row[6] else None, row[8], row[9], row[10].astimezone(UTC))
        for row in rows
    }


Lazy = dict[tuple[int, AccountKind, int], int]


def wallets(ids: Iterable[int]) -> Steps[tuple[dict[int, WalletView], Lazy]]:
    """The wallets among `ids` that have open accounts, with their eager ones; and the lazy accounts of all of them."""
    rows = yield OPEN_ACCOUNTS, (_ids(ids),)
    eager: defaultdict[int, list[AccountView]] = defaultdict(list)
    limited: defaultdict[int, defaultdict[int, list[AccountView]]] = defaultdict(lambda: defaultdict(list))
    lazy: Lazy = {}
    for row in rows:
        kind = _KINDS[row[2]]
        accounts = eager[row[0]]
        if kind in LAZY_KINDS:
            lazy[row[0], kind, row[3]] = row[1]
        elif kind in LIMITS:
            limited[row[0]][row[7]].append(_account(row))
        else:
            accounts.append(_account(row))
    found = {wallet_id: wallet_view(wallet_id, accounts) for wallet_id, accounts in eager.items()}
    for wallet_id, limits in limited.items():
        found[wallet_id].limits = MemberLimits(limits, {})
    return found, lazy


def closed_accounts(ids: Iterable[int]) -> Steps[list[AccountView]]:
    """Those of the accounts that are closed."""
    rows = yield CLOSED_ACCOUNTS, (_ids(ids),)
    return [_account(row) for row in rows]


def originals(requests: Iterable[PostingRequest]) -> Steps[dict[Key, OriginalView]]:
    """By the request's own key: what stands under the key, or the (day, entry id), that its `original` names."""
    by_key: defaultdict[Key, list[Key]] = defaultdict(list)
    by_ref: defaultdict[Ref, list[Key]] = defaultdict(list)
    for request in requests:
        if request.original is None:
            continue
        if request.original.key is not None:
            by_key[request.original.key].append(request.key)
        elif request.original.ref is not None:
            by_ref[request.original.ref].append(request.key)
    rows = (yield STORED, _columns(by_key)) if by_key else ()
    facts = {_key(row): row for row in rows}
    refs = {(row[8], row[9]) for row in facts.values()} | by_ref.keys()
    entries = (yield from _entries(refs)) if refs else {}
    found: dict[Key, OriginalView] = {}
    for key, row in facts.items():
        view = entries.get((row[8], row[9]))
        if view is None:
            view = OriginalView(Reason(row[7]), not row[6], row[5], EntryKind(row[11]), row[12], row[13], row[8])
        else:
            view = replace(view, reason=Reason(row[7]), content_time=row[5])
        found |= dict.fromkeys(by_key[key], view)
    for ref, askers in by_ref.items():
        if ref in entries:
            found |= dict.fromkeys(askers, entries[ref])
    return found


def _entries(refs: Iterable[Ref]) -> Steps[dict[Ref, OriginalView]]:
    """The entries with their legs and amend rows; a return with what it gave back to, which undoing it changes."""
    refs = list(refs)
    wanted = pack("date", [days(day) for day, _ in refs]), _ids(entry_id for _, entry_id in refs)
    rows = yield ENTRIES, wanted
    legs: defaultdict[Ref, list[OriginalLeg]] = defaultdict(list)
    for leg in (yield LEGS, wanted):
        legs[leg[0], leg[1]].append(OriginalLeg(leg[2], leg[3], _KINDS[leg[4]], *leg[5:9]))
    before = {(row[14], row[15]) for row in rows if row[2] in RETURNS and row[15] is not None}
    of = (yield from _entries(before)) if before else {}
    return {
        (row[0], row[1]): OriginalView(
            Reason.APPROVED, False, "", EntryKind(row[2]), row[3], row[4], row[0], row[1], row[5], row[6], row[7], row[8], row[9],
            tuple(legs[row[0], row[1]]), row[10], row[11] or 0, tuple(row[12] or ()), row[13] or 0, of.get((row[14], row[15])), row[16],
        )
        for row in rows
    }  # fmt: skip


def wallet_of(request: PostingRequest, original: OriginalView | None) -> int:
    """Whose wallet a request moves: a return's is that of its original, which the card may have left since."""
    if request.kind in RETURNS and original is not None and original.wallet_id is not None and not original.is_tombstone:
        return original.wallet_id
    return request.wallet_id


class Views:
    """What has been read so far: wallets, and the lazy accounts of their counterparts."""

    def __init__(self, day: date) -> None:
        self.shared = SharedView(day, {})
        self.wallets: dict[int, WalletView] = {}
        self.owners: set[int] = set()

    def miss(self, missing: set[int], request: PostingRequest, original: OriginalView | None) -> int:
        """Add to `missing` the wallets that must be read before the request can be decided. Returns the one it moves."""
        owners = self.owners
        for earn in request.earn:
            if earn.programme_id not in owners:
                missing.add(earn.programme_id)
        if request.shop_id is not None and request.shop_id not in owners:
            missing.add(request.shop_id)
        if NETWORK_WALLET_ID not in owners:
            missing.add(NETWORK_WALLET_ID)
        if original is not None:
            missing.update({leg.wallet_id for leg in original.legs} - owners)
        wallet_id = wallet_of(request, original)
        if wallet_id not in self.wallets:
            missing.add(wallet_id)
        return wallet_id

    def read(self, missing: set[int]) -> Steps[None]:
        """Read wallets and the lazy accounts of owners; an unknown id stays unknown."""
        if missing:
            found, lazy = yield from wallets(missing)
            self.wallets |= found
            self.shared.lazy |= lazy
            self.owners |= {owner for owner, _, _ in lazy}
            yield from self._read_scopes(found.values())
            limited = {wallet_id: wallet.limits for wallet_id, wallet in found.items() if wallet.limits is not None}
            if limited:
                yield from self._read_spent(limited)

    def _read_scopes(self, wallets: Iterable[WalletView]) -> Steps[None]:
        """Where scoped purses may be spent. A scope never changes, so it is read once."""
        known = self.shared.scopes
        named = {account.scope_id for wallet in wallets for account in wallet.accounts if account.scope_id is not None}
        for wallet in wallets:
            if wallet.limits is not None:
                named |= {one.scope_id for own in wallet.limits.accounts.values() for one in own if one.scope_id is not None}
        if named - known.keys():
            for scope_id, shops, categories in (yield SCOPES, (_ids(named - known.keys()),)):
                known[scope_id] = ScopeView(_whole(shops), _whole(categories))

    def _read_spent(self, limited: dict[int, MemberLimits]) -> Steps[None]:
        first, _last = jalali_month(self.shared.business_date)
        for wallet_id, member_id, day, amount in (yield SPENT, (_ids(limited), first)):
            limited[wallet_id].count([Count(member_id, day, amount)])

    def make_room(self, missing: set[int], needed: set[int]) -> None:
        """Forget what is to be read anew and, where too much is kept, the oldest wallets that are not `needed`."""
        kept = self.wallets
        for wallet_id in missing & kept.keys():
            del kept[wallet_id]
        if len(kept) + len(missing) > CACHED_WALLETS:
            for wallet_id in list(islice(kept, CACHED_WALLETS // 20)):
                if wallet_id not in needed:
                    del kept[wallet_id]

    def complete(self, request: PostingRequest, original: OriginalView | None) -> Steps[None]:
        """Read what only some kinds need: closed accounts that a return touches, the programmes of lots that expire."""
        wallet = self.wallets.get(wallet_of(request, original))
        if wallet is None:
            return
        if request.kind is EntryKind.EXPIRY:
            programmes = {account.programme_id for account in wallet.accounts if account.programme_id is not None}
            yield from self.read(programmes - self.owners)
        if original is None:
            return
        unknown = {
            leg.account_id
            for leg in original.legs
            if leg.wallet_id == wallet.wallet_id and leg.kind not in LAZY_KINDS and leg.account_id not in wallet.by_id
        }
        if unknown:
            closed = yield from closed_accounts(unknown)
            for account in closed:
                wallet.add(account)
            programmes = {account.programme_id for account in closed if account.programme_id is not None}
            yield from self.read(programmes - self.owners)


def _account(row: Row) -> AccountView:
    return AccountView(
        row[1], _KINDS[row[2]], row[3], row[4], row[5], row[6], row[7], row[8], row[9], row[10], _utc(row[11]),
        _utc(row[12]), row[13], row[14],
    )  # fmt: skip


def _whole(limited: Sequence[int] | None) -> frozenset[int] | None:
    return None if limited is None else frozenset(limited)


def _utc(instant: datetime | None) -> datetime | None:
    """As the rules' own instants are: comparing two that share their zone is several times cheaper."""
    return None if instant is None else instant.astimezone(UTC)


def _key(row: Row) -> Key:
    return Key(row[0], row[1], row[2], row[3])


def _columns(keys: Iterable[Key]) -> tuple[Packed, ...]:
    rows = [(days(key.day), key.source, key.source_id, key.key) for key in keys]
    columns = list(zip(*rows, strict=True)) if rows else [()] * 4
    return tuple(pack(kind, column) for kind, column in zip(("date", "smallint", "bigint", "text"), columns, strict=True))


def _ids(ids: Iterable[int]) -> Packed:
    return pack("bigint", list(ids))
