"""What waits in suspense and is a cardholder's: it goes back to the purses that paid it.

Whose it is and why is known higher up. A purchase is refunded by that much, out of what its shop gets for it in the same
breath, so that credit and earning go back in the right proportion too; what was cash is put on the card again.
"""

import hashlib
from datetime import date, datetime, timedelta

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from cardbank.errors import PostingRefused
from cardbank.ledger import services as ledger
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
PAYABLE, SUSPENSE = AccountKind.PAYABLE, AccountKind.SUSPENSE


class Root(Struct, frozen=True):
    """The purchase or top-up that an entry is, or is about. `shop_wallet_id` is None for one at a desk."""

    business_date: date
    entry_id: int
    kind: EntryKind
    amount_rial: int
    wallet_id: int
    member_id: int | None
    card_id: int | None
    shop_wallet_id: int | None

    @property
    def is_purchase(self) -> bool:
        return self.kind is not EntryKind.TOP_UP


class GivingBack(Struct, frozen=True):
    """`amount_rial` > 0 that the holder behind `root` gets. `id` and `asked_at` make the keys: booked once."""

    id: int
    root: Root
    amount_rial: int
    asked_at: datetime


# Purchase, top-up and advice are roots; a return is about its original, and that may be a return itself.
_ROOT = text("""
    WITH RECURSIVE chain AS (
        SELECT e.*, 0 AS turns FROM ledger.entry e WHERE e.business_date = :day AND e.id = :entry_id
        UNION ALL
        SELECT o.*, c.turns + 1 FROM chain c JOIN ledger.entry o ON o.business_date = c.original_date AND o.id = c.original_id
        WHERE c.turns < 2
    )
    SELECT business_date, id AS entry_id, kind, amount AS amount_rial, wallet_id, member_id, card_id, shop_id AS shop_wallet_id
    FROM chain WHERE kind IN (1, 2, 6) ORDER BY turns LIMIT 1
""")


def root_of(session: Session, ref: tuple[date, int]) -> Root | None:
    """None for an entry that is not there, or is about neither a purchase nor a top-up."""
    row = session.execute(_ROOT, {"day": ref[0], "entry_id": ref[1]}).mappings().one_or_none()
    return Root(**{**row, "kind": EntryKind(row["kind"])}) if row else None


def give_back(session: Session, given: GivingBack) -> Answer:
    """Pay it out of suspense. Last before the commit of its unit of work. Returns the answer about the holder's wallet.

    Raises PostingRefused (less is left of the purchase, or it was sold in instalments), LedgerBusy.
    """
    answers = ledger.post(session, _refund(given) if given.root.is_purchase else [_top_up(given)])
    refused = next((answer for answer in answers if not answer.reason.is_approved), None)
    if refused is not None:
        raise PostingRefused(reason=refused.reason)
    return answers[-1]


def _refund(given: GivingBack) -> list[PostingRequest]:
    """The shop gets what was withheld from it, and gives it back."""
    root = given.root
    released = _request(
        given, EntryKind.SETTLEMENT, "released", root.shop_wallet_id or 0,
        tender=(Tender(SUSPENSE, None, None, True), Tender(PAYABLE, None, None, True)),
    )  # fmt: skip
    refunded = _request(
        given, EntryKind.REFUND, "refunded", root.wallet_id, member_id=root.member_id, card_id=root.card_id,
        shop_id=root.shop_wallet_id, original=Original(None, (root.business_date, root.entry_id), None),
    )  # fmt: skip
    return [released, refunded]


def _top_up(given: GivingBack) -> PostingRequest:
    root = given.root
    return _request(
        given, EntryKind.TOP_UP, "topped up", root.wallet_id, member_id=root.member_id, card_id=root.card_id,
        tender=(Tender(SUSPENSE, None, None, False),),
    )  # fmt: skip


def _request(
    given: GivingBack, kind: EntryKind, step: str, wallet_id: int, *, member_id: int | None = None, card_id: int | None = None,
    shop_id: int | None = None, tender: tuple[Tender, ...] = (), original: Original | None = None,
) -> PostingRequest:  # fmt: skip
    root, now = given.root, clock.now()
    content = f"{step} {root.business_date} {root.entry_id} {given.amount_rial}"
    return PostingRequest(
        key=Key(given.asked_at.date(), Source.TASK, given.id, f"suspense {step}"),
        content_hash=int.from_bytes(hashlib.sha256(content.encode()).digest()[:8], signed=True),
        kind=kind,
        wallet_id=wallet_id,
        member_id=member_id,
        card_id=card_id,
        shop_id=shop_id,
        terminal_id=None,
        terminal_batch=None,
        unit=RIAL,
        amount=given.amount_rial,
        effective_at=now,
        deadline=now + DEADLINE,
        tender=tender,
        original=original,
    )
