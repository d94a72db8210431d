"""The fee of a new card, where the settings name one: cash at the desk, or the card's own money."""

import hashlib
from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.errors import PostingRefused
from cardbank.ledger import services as ledger
from cardbank.ledger.types import RIAL, AccountKind, EntryKind, PostingRequest, Source, Tender
from cardbank.reasons import Reason
from cardbank.replacing.errors import FeeNotCovered
from cardbank.services import request_key
from kernel import clock
from kernel.audit import Actor
from kernel.errors import BadInput

DEADLINE = timedelta(seconds=10)
WAYS = ("cash", "card")


def take_fee(session: Session, actor: Actor, card: Card, amount_rial: int, paid_by: str, key: str) -> None:
    """Cash is put on the card and taken off it in one posting, so that the drawer and the ledger say the same. `key` is a UUIDv7.

    Last before the commit of its unit of work. Raises BadInput (`paid_by`), WrongRequestKey, FeeNotCovered, PostingRefused.
    """
    if paid_by not in WAYS:
        raise BadInput(field="paid_by")
    now = clock.now()
    content = hashlib.sha256(f"card fee {card.id} {amount_rial} {paid_by}".encode()).digest()
    fee = PostingRequest(
        key=request_key(Source.DESK, actor.account_id or 0, key), content_hash=int.from_bytes(content[:8], signed=True),
        kind=EntryKind.FEE, wallet_id=card.wallet_id or 0, member_id=card.member_id, card_id=card.id, shop_id=None, terminal_id=None,
        terminal_batch=None, unit=RIAL, amount=amount_rial, effective_at=now, deadline=now + DEADLINE,
    )  # fmt: skip
    cash = replace(
        fee, kind=EntryKind.TOP_UP, key=replace(fee.key, key=f"{fee.key.key} cash"),
        tender=(Tender(AccountKind.CASH_TAKEN, None, None, False),),
    )  # fmt: skip
    for answer in ledger.post(session, [cash, fee] if paid_by == "cash" else [fee]):
        if answer.reason is Reason.INSUFFICIENT_FUNDS:
            raise FeeNotCovered(amount_rial=amount_rial)
        if not answer.reason.is_approved:
            raise PostingRefused(reason=answer.reason)
