"""What the bank books for a funder: its deposits, what it sets aside for members, what members get and what comes back.

Who the funder is, and why a member gets something, is known higher up. Each call posts once, last before the commit of its
unit of work, and raises PostingRefused (too little in the budget) or LedgerBusy, and then nothing is moved.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import psycopg
from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.errors import PostingRefused
from cardbank.ledger import services as ledger
from cardbank.ledger.errors import LedgerBusy
from cardbank.ledger.types import (
    RIAL,
    AccountKind,
    Answer,
    Earn,
    EntryKind,
    Key,
    PostingRequest,
    Source,
    Tender,
    Terms,
    WalletKind,
)
from kernel import clock

DEADLINE = timedelta(minutes=5)
NO_RULE = 0  # marks the legs of a benefit as given; no earn rule has this id

BANK, BUDGET, ISSUED, LAPSED = AccountKind.BANK, AccountKind.BUDGET, AccountKind.ISSUED, AccountKind.LAPSED


class Funds(Struct, frozen=True):
    """A funder's wallet at one instant: what can still be given, what waits for members, what they left and is not back yet."""

    budget_rial: int
    waiting_rial: int
    lapsed_rial: int


class BudgetMove(Struct, frozen=True):
    """`amount_rial` > 0 between two accounts of a funder. `origin_id` and `step` make the key, so that a step is booked once."""

    wallet_id: int
    source: AccountKind
    target: AccountKind
    amount_rial: int
    origin_id: int
    step: str


class Purse(Struct, frozen=True):
    """What one member may spend where `scope_id` allows, and nobody else."""

    wallet_id: int
    member_id: int
    funder_wallet_id: int
    scope_id: int
    usable_from: datetime
    usable_until: datetime


class Filling(Struct, frozen=True):
    """What goes into a purse that was opened for it; `grant_id` makes the key."""

    account_id: int
    purse: Purse
    amount_rial: int
    grant_id: int


def open_funder(session: Session) -> int:
    """A wallet with an empty budget. Returns its id."""
    wallet_id = ledger.open_wallet(session, WalletKind.ORGANISATION)
    ledger.open_account(session, wallet_id, BUDGET)
    return wallet_id


def funds(session: Session, wallet_id: int) -> Funds:
    """What a funder has, as of all that is committed."""
    found = text("SELECT kind, balance FROM ledger.account_now WHERE wallet_id = :wallet AND unit = :unit")
    held = {AccountKind(row.kind): row.balance for row in session.execute(found, {"wallet": wallet_id, "unit": RIAL})}
    return Funds(held.get(BUDGET, 0), held.get(ISSUED, 0), held.get(LAPSED, 0))


def lapsed(session: Session, wallet_ids: Collection[int]) -> dict[int, int]:
    """Wallet → what members have left of its benefits and is not back yet, of those that have some. One query."""
    found = text(
        """SELECT wallet_id, balance FROM ledger.account_now
           WHERE wallet_id = ANY(CAST(:wallets AS bigint[])) AND kind = :lapsed AND unit = :unit AND balance > 0"""
    )
    facts = {"wallets": list(wallet_ids), "lapsed": int(LAPSED), "unit": RIAL}
    return {row.wallet_id: row.balance for row in session.execute(found, facts)}


def open_purse(session: Session, purse: Purse) -> int:
    """The account of a benefit, empty. Returns its id."""
    return ledger.open_account(session, purse.wallet_id, AccountKind.BENEFIT, member_id=purse.member_id, terms=_terms(purse))


def move(session: Session, moves: Sequence[BudgetMove]) -> list[Answer]:
    """Book deposits, what is set aside and what comes back: all of it or nothing."""
    return _post(session, [_move(one) for one in moves])


def fill(session: Session, fillings: Sequence[Filling]) -> list[Answer]:
    """Put what was set aside into members' purses: all of it or nothing."""
    return _post(session, [_filling(one) for one in fillings])


def _post(session: Session, requests: Sequence[PostingRequest]) -> list[Answer]:
    if not requests:
        return []
    try:
        answers = ledger.post(session, requests)
    except psycopg.errors.DeadlockDetected:
        raise LedgerBusy from None
    refused = next((answer for answer in answers if not answer.reason.is_approved), None)
    if refused is not None:
        raise PostingRefused(reason=refused.reason)
    return answers


def _terms(purse: Purse) -> Terms:
    return Terms(
        AccountKind.BENEFIT, purse.funder_wallet_id, purse.funder_wallet_id, purse.scope_id, purse.usable_from,
        purse.usable_until,
    )  # fmt: skip


def _move(one: BudgetMove) -> PostingRequest:
    tender = (Tender(one.source, None, None, True), Tender(one.target, None, None, True))
    content = f"{one.wallet_id} {one.source} {one.target} {one.amount_rial}"
    key = f"budget {one.step}"
    return _request(EntryKind.SETTLEMENT, one.wallet_id, None, one.amount_rial, one.origin_id, key, content, tender, ())


def _filling(one: Filling) -> PostingRequest:
    purse, amount = one.purse, one.amount_rial
    earn = Earn(purse.funder_wallet_id, NO_RULE, 0, amount, frozenset(), frozenset(), amount, _terms(purse))
    tender = (Tender(None, one.account_id, None, False),)
    content = f"{one.account_id} {amount}"
    return _request(EntryKind.EARN, purse.wallet_id, purse.member_id, 0, one.grant_id, "benefit", content, tender, (earn,))


def _request(
    kind: EntryKind,
    wallet_id: int,
    member_id: int | None,
    amount_rial: int,
    origin_id: int,
    key: str,
    content: str,
    tender: tuple[Tender, ...],
    earn: tuple[Earn, ...],
) -> PostingRequest:
    now = clock.now()
    return PostingRequest(
        key=Key(now.date(), Source.TASK, origin_id, key),
        content_hash=int.from_bytes(hashlib.sha256(content.encode()).digest()[:8], signed=True),
        kind=kind,
        wallet_id=wallet_id,
        member_id=member_id,
        card_id=None,
        shop_id=None,
        terminal_id=None,
        terminal_batch=None,
        unit=RIAL,
        amount=amount_rial,
        effective_at=now,
        deadline=now + DEADLINE,
        tender=tender,
        earn=earn,
    )
