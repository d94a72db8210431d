"""What the bank books when shops are settled. What a shop is owed is known higher up; here it is moved."""

import hashlib
from collections.abc import Sequence
from datetime import date, timedelta

import psycopg
from msgspec import Struct
from sqlalchemy.orm import Session

from cardbank.errors import PostingRefused
from cardbank.ledger import services as ledger
from cardbank.ledger.errors import LedgerBusy
from cardbank.ledger.types import (
    RIAL,
    AccountKind,
    Answer,
    EntryKind,
    Key,
    Original,
    PostingRequest,
    Source,
    Tender,
)
from kernel import clock

DEADLINE = timedelta(minutes=5)


class Move(Struct, frozen=True):
    """`amount_rial` > 0 of a shop's money from one kind of account to another; see `ledger.rules.settle` for which.

    `origin_id`, of a statement or of a terminal's exception, and `step` make the request key, so that a step is booked once; `payout` is the entry
    that the bank has answered.
    """

    shop_wallet_id: int
    source: AccountKind
    target: AccountKind
    amount_rial: int
    origin_id: int
    step: str
    payout: tuple[date, int] | None = None


def book(session: Session, moves: Sequence[Move]) -> list[Answer]:
    """Post the moves: all of them or nothing.

    What a shop is owed comes from its entries, not from a balance, so nothing need be rolled up first; a roll-up in here would
    hold the network's accounts until the commit and could wait in a circle with the one that runs by itself. Last before the
    commit of its unit of work. Raises PostingRefused, LedgerBusy.
    """
    if not moves:
        return []
    try:
        answers = ledger.post(session, [_request(move) for move in moves])
    except psycopg.errors.DeadlockDetected:
        raise LedgerBusy from None
    refused = next((answer for answer in answers if not answer.reason.is_approved), None)
    if refused is not None:
        raise PostingRefused(reason=refused.reason)
    return answers


def _request(move: Move) -> PostingRequest:
    now = clock.now()
    content = f"{move.shop_wallet_id} {move.source} {move.target} {move.amount_rial} {move.payout}"
    return PostingRequest(
        key=Key(now.date(), Source.TASK, move.origin_id, f"settlement {move.step}"),
        content_hash=int.from_bytes(hashlib.sha256(content.encode()).digest()[:8], signed=True),
        kind=EntryKind.SETTLEMENT,
        wallet_id=move.shop_wallet_id,
        member_id=None,
        card_id=None,
        shop_id=None,
        terminal_id=None,
        terminal_batch=None,
        unit=RIAL,
        amount=move.amount_rial,
        effective_at=now,
        deadline=now + DEADLINE,
        tender=(Tender(move.source, None, None, True), Tender(move.target, None, None, True)),
        original=Original(None, move.payout, None) if move.payout else None,
    )
