"""Check 17: a sample of entries decided once more must come to the same legs.

The request is rebuilt from the entry, the purses as they stood just before it from its own postings and the last ones before.
What the rows do not tell (which order of purses was asked for, by what percentage credit was earned) is taken from the legs, so
that what is proven is: this payment was allowed, from these purses, at that time, and came to exactly these postings.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

import psycopg
from msgspec import Struct
from msgspec.structs import replace

from cardbank.ledger.rules.decide import decide
from cardbank.ledger.rules.give import LAPSING
from cardbank.ledger.store import LAZY_KINDS
from cardbank.ledger.types import (
    AccountKind,
    Earn,
    EntryKind,
    Key,
    Line,
    Original,
    PostingRequest,
    Source,
    Tender,
    Terms,
)
from cardbank.ledger.views import (
    FAR,
    AccountView,
    OriginalLeg,
    OriginalView,
    ScopeView,
    SharedView,
    wallet_view,
)
from cardbank.reasons import Reason

Connection = psycopg.Connection[Any]
SAMPLE = 100  # of the newest, and about as many from all over
DEBTS = frozenset({AccountKind.OWED, AccountKind.CREDIT_OWED})
LINE_AND_DEBT = frozenset({AccountKind.LINE, AccountKind.OWED})  # the line had less room then than it may have now
WHOLE_RETURNS = frozenset({EntryKind.REVERSAL, EntryKind.VOID})
RETURNS = WHOLE_RETURNS | {EntryKind.REFUND}
PAID_BY = frozenset(AccountKind)

COLUMNS = """business_date, id, kind, wallet_id, member_id, shop_id, terminal_id, terminal_batch, unit, amount,
             original_date, original_id, effective_at, decided_at"""
NEWEST = f"SELECT {COLUMNS} FROM ledger.entry ORDER BY business_date DESC, id DESC LIMIT {SAMPLE}"
SPREAD = f"SELECT {COLUMNS} FROM ledger.entry TABLESAMPLE BERNOULLI (%s)"
ENTRY = f"SELECT {COLUMNS} FROM ledger.entry WHERE business_date = %s AND id = %s"
LEGS = """
    SELECT p.account_id, p.amount, p.balance_after, p.line, p.rule_id, a.wallet_id, a.kind, a.unit, a.floor, a.member_id,
           a.programme_id, a.funder_id, a.scope_id, a.usable_from, a.usable_until
    FROM ledger.posting p JOIN ledger.account a ON a.id = p.account_id
    WHERE p.business_date = %s AND p.entry_id = %s ORDER BY p.leg"""
ACCOUNTS = """
    SELECT id, kind, unit, floor, member_id, programme_id, funder_id, scope_id, usable_from, usable_until
    FROM ledger.account WHERE wallet_id = %s AND (kind = ANY(%s) OR id = ANY(%s))"""
LAST_BEFORE = """
    SELECT p.balance_after FROM ledger.entry e
    JOIN ledger.posting p ON p.business_date = e.business_date AND p.entry_id = e.id AND p.account_id = %s
    WHERE e.wallet_id = %s AND (e.decided_at, e.id) < (%s, %s)
    ORDER BY e.decided_at DESC, e.id DESC, p.leg DESC LIMIT 1"""
AMEND_VERSION = "SELECT version FROM ledger.entry_amend WHERE original_date = %s AND original_id = %s"


class Entry(Struct, frozen=True):
    business_date: date
    id: int
    kind: int
    wallet_id: int
    member_id: int | None
    shop_id: int | None
    terminal_id: int | None
    terminal_batch: int | None
    unit: int
    amount: int
    original_date: date | None
    original_id: int | None
    effective_at: datetime
    decided_at: datetime


class PostedLeg(Struct, frozen=True):
    account_id: int
    amount: int
    balance_after: int | None
    line: int
    rule_id: int | None
    wallet_id: int
    kind: int
    unit: int
    floor: int | None
    member_id: int | None
    programme_id: int | None
    funder_id: int | None
    scope_id: int | None
    usable_from: datetime | None
    usable_until: datetime | None


def replay_faults(connection: Connection) -> Iterator[str]:
    """One line per sampled entry whose decision, made again, is not what was posted."""
    (total,) = connection.execute("SELECT coalesce(sum(entries), 0) FROM ledger.post_batch").fetchone() or (0,)
    rows = connection.execute(NEWEST).fetchall()
    if total > SAMPLE:
        rows += connection.execute(SPREAD, (min(100.0, 100.0 * SAMPLE / float(total)),)).fetchall()
    for row in set(rows):
        entry = Entry(*row)
        if _replays(connection, entry) is False:
            yield f"entry {entry.business_date}/{entry.id} is not what the rules decide"


def _replays(connection: Connection, entry: Entry) -> bool | None:
    """None = the rows do not tell enough to decide again."""
    legs = _legs_of(connection, entry.business_date, entry.id)
    original = _original(connection, entry)
    if entry.original_id is not None and original is None:
        return None
    request = _request(entry, legs, original)
    if request is None or {leg.kind for leg in legs} >= LINE_AND_DEBT:
        return None
    known: list[PostedLeg | OriginalLeg] = [*legs, *(original.legs if original else ())]
    shared = SharedView(
        entry.business_date,
        {(leg.wallet_id, AccountKind(leg.kind), leg.unit): leg.account_id for leg in known},
    )
    shared.scopes = {leg.scope_id: ScopeView() for leg in legs if leg.scope_id is not None}
    wallet = wallet_view(entry.wallet_id, _purses_before(connection, entry, legs, original))
    decision = decide(wallet, shared, original, request, entry.decided_at, entry.id)
    posted = Counter[Any]()
    for leg in legs:
        posted[leg.account_id, leg.line, leg.rule_id] += leg.amount
    for again in decision.legs:
        posted[again.account, again.line, again.rule_id] -= again.amount
    return decision.answer.amount == entry.amount and not any(posted.values())


def _legs_of(connection: Connection, day: date, entry_id: int) -> list[PostedLeg]:
    return [PostedLeg(*row) for row in connection.execute(LEGS, (day, entry_id))]


def _purses_before(
    connection: Connection, entry: Entry, legs: Sequence[PostedLeg], original: OriginalView | None
) -> Iterator[AccountView]:
    """The purses that the entry moved, or could have: what the holder owed, and what the original had moved."""
    before: dict[int, int] = {}
    for leg in legs:
        if leg.balance_after is not None:
            before.setdefault(leg.account_id, leg.balance_after - leg.amount)
    eager = (leg.account_id for leg in (original.legs if original else ()) if leg.kind not in LAZY_KINDS)
    wanted = [*before, *eager]
    kinds = [int(kind) for kind in DEBTS | {AccountKind.MONEY}]
    for account_id, kind, unit, floor, *terms in connection.execute(ACCOUNTS, (entry.wallet_id, kinds, wanted)).fetchall():
        balance = before.get(account_id)
        if balance is None:
            last = connection.execute(LAST_BEFORE, (account_id, entry.wallet_id, entry.decided_at, entry.id)).fetchone()
            balance = last[0] if last else 0
        yield AccountView(account_id, AccountKind(kind), unit, balance, floor, 0, *terms)


def _original(connection: Connection, entry: Entry) -> OriginalView | None:
    """The original as it stood before the entry; None when it was returned from more than once, or is gone."""
    if entry.original_id is None or entry.original_date is None:
        return None
    ref = (entry.original_date, entry.original_id)
    if connection.execute(AMEND_VERSION, ref).fetchone() != (1,):
        return None
    return _as_it_was(connection, ref, was_returned=False)


def _as_it_was(connection: Connection, ref: tuple[date, int], *, was_returned: bool) -> OriginalView | None:
    """An entry with nothing returned of it, or all; of a return also what it returned, in the state that lets it be undone.

    How much of that was returned in all is not known any more, and moves no leg.
    """
    row = connection.execute(ENTRY, ref).fetchone()
    if row is None:
        return None
    of = Entry(*row)
    legs = tuple(
        OriginalLeg(leg.account_id, leg.wallet_id, AccountKind(leg.kind), leg.unit, leg.amount, leg.line, leg.rule_id)
        for leg in _legs_of(connection, *ref)
    )
    view = OriginalView(
        Reason.APPROVED, False, "", EntryKind(of.kind), of.wallet_id, None, of.business_date, of.id, of.shop_id,
        of.terminal_id, of.terminal_batch, of.unit, of.amount, legs,
    )  # fmt: skip
    if was_returned:
        view = replace(view, returned=of.amount, returned_by_leg=tuple(abs(leg.amount) for leg in legs))
    if of.kind in RETURNS and of.original_date is not None and of.original_id is not None:
        before = _as_it_was(connection, (of.original_date, of.original_id), was_returned=not was_returned)
        view = replace(view, of=before)
    return view


def _request(entry: Entry, legs: Sequence[PostedLeg], original: OriginalView | None) -> PostingRequest | None:
    kind = EntryKind(entry.kind)
    request = PostingRequest(
        Key(entry.business_date, Source.TASK, 0, ""), 0, kind, entry.wallet_id, entry.member_id, None, entry.shop_id,
        entry.terminal_id, entry.terminal_batch, entry.unit, entry.amount, entry.effective_at, entry.decided_at,
    )  # fmt: skip
    facts: dict[str, Any] | None = {}
    if kind in OF_LEGS:
        facts = OF_LEGS[kind](legs)
    elif kind is EntryKind.TRANSFER:
        facts = {"to_wallet_id": 0} if original is None else {"original": _stated(original)}
    elif kind is EntryKind.SETTLEMENT:
        facts = _settlement_facts(legs, original)
    elif kind in WHOLE_RETURNS and original is not None:
        stands = original.amount - entry.amount
        facts = {"amount": original.amount, "original": _stated(original, stands or None)}
    elif kind is EntryKind.REFUND and original is not None:
        facts = {"original": _stated(original)} if _is_of_one_line(original) else None
    else:
        facts = None
    return None if facts is None else replace(request, on_line=_on_line(legs, original), **facts)


def _on_line(legs: Sequence[PostedLeg], original: OriginalView | None) -> int | None:
    """What a schedule had room for: as much as went to the line, none where no line is concerned."""
    known: list[PostedLeg | OriginalLeg] = [*legs, *(original.legs if original else ())]
    if all(leg.kind != AccountKind.LINE for leg in known):
        return None
    return sum(leg.amount for leg in legs if leg.kind == AccountKind.LINE and leg.amount > 0)


def _is_of_one_line(original: OriginalView) -> bool:
    return all(leg.line == 0 for leg in original.legs)


def _earn_facts(legs: Sequence[PostedLeg]) -> dict[str, Any]:
    benefits = [leg for leg in legs if leg.kind == AccountKind.BENEFIT]
    return {
        "amount": 0,
        "earn": _earns(legs),
        "tender": tuple(Tender(None, leg.account_id, None, False) for leg in benefits),
    }


def _expiry_facts(legs: Sequence[PostedLeg]) -> dict[str, Any]:
    return {"amount": 0, "tender": tuple(Tender(None, leg.account_id, None, False) for leg in legs if leg.amount < 0)}


def _instalment_facts(legs: Sequence[PostedLeg]) -> dict[str, Any]:
    line = next(leg.account_id for leg in legs if leg.kind == AccountKind.LINE)
    return {"tender": (Tender(None, line, None, False),)}


def _settlement_facts(legs: Sequence[PostedLeg], original: OriginalView | None) -> dict[str, Any]:
    moved = sorted(legs, key=lambda leg: leg.amount)
    facts: dict[str, Any] = {"tender": tuple(Tender(AccountKind(leg.kind), None, None, True) for leg in moved)}
    return facts if original is None else facts | {"original": _stated(original)}


def _stated(original: OriginalView, stands: int | None = None) -> Original:
    return Original(None, (original.business_date, original.entry_id), stands)


TENDERED = frozenset({AccountKind.BANK, AccountKind.SUSPENSE})  # where a top-up's legs alone say what it was paid out of


def _top_up_facts(legs: Sequence[PostedLeg]) -> dict[str, Any] | None:
    """None for what arrives out of IN_TRANSIT: which departure that was stands in its key alone."""
    source = next(AccountKind(leg.kind) for leg in legs if leg.amount < 0)
    if source is AccountKind.IN_TRANSIT:
        return None
    is_gift = any(leg.kind == AccountKind.GIFT for leg in legs)
    return {
        "tender": (Tender(source, None, None, False),) if source in TENDERED else (),
        "into": AccountKind.GIFT if is_gift else None,
    }


def _purchase_facts(legs: Sequence[PostedLeg]) -> dict[str, Any] | None:
    """Tenders and lines as the payments show them; None when they do not: a line left wholly unpaid, a rule twice."""
    payments = [leg for leg in legs if leg.rule_id is None and leg.amount < 0]
    lines: Counter[int] = Counter()
    purses: Counter[int] = Counter()
    for leg in payments:
        lines[leg.line] -= leg.amount
        if leg.kind not in DEBTS:
            purses[leg.account_id] -= leg.amount
    rules = [leg.rule_id for leg in legs if leg.kind == AccountKind.ISSUED]
    if sorted(lines) != list(range(len(lines))) or len(set(rules)) < len(rules):
        return None
    return {
        "tender": tuple(Tender(None, account, most, False) for account, most in purses.items()),
        "lines": tuple(Line(0, lines[n]) for n in range(len(lines))),
        "earn": _earns(legs),
        "forced": any(leg.kind in DEBTS for leg in payments),
    }


def _earns(legs: Sequence[PostedLeg]) -> tuple[Earn, ...]:
    earnings: defaultdict[int, list[PostedLeg]] = defaultdict(list)
    for leg in legs:
        if leg.rule_id is not None:
            earnings[leg.rule_id].append(leg)
    return tuple(_earn(rule_id, given) for rule_id, given in earnings.items())


def _earn(rule_id: int, legs: Sequence[PostedLeg]) -> Earn:
    issued = next(leg for leg in legs if leg.kind == AccountKind.ISSUED)
    purse = max((leg for leg in legs if leg is not issued), key=lambda leg: leg.kind in LAPSING)
    terms = Terms(
        AccountKind.BENEFIT if purse.kind == AccountKind.BENEFIT else AccountKind.CREDIT_LOT, issued.wallet_id, purse.funder_id or 0, purse.scope_id, purse.usable_from or FAR,
        purse.usable_until or FAR,
    )  # fmt: skip
    return Earn(issued.wallet_id, rule_id, 0, -issued.amount, frozenset(), PAID_BY, -issued.amount, terms)


# What the legs alone tell; a giving is all said by its entry.
OF_LEGS: dict[EntryKind, Callable[[Sequence[PostedLeg]], dict[str, Any] | None]] = {
    EntryKind.PURCHASE: _purchase_facts,
    EntryKind.ADVICE: _purchase_facts,
    EntryKind.EARN: _earn_facts,
    EntryKind.TOP_UP: _top_up_facts,
    EntryKind.EXPIRY: _expiry_facts,
    EntryKind.INSTALMENT: _instalment_facts,
    EntryKind.GIVING: lambda _: {},
    EntryKind.FEE: lambda _: {},
}
