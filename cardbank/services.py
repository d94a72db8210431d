"""What the bank does for a person at a desk."""

import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from cardbank.cards.queries import card_profile
from cardbank.cards.rules import CardProfile, refusal_of_filling
from cardbank.errors import CardNotFound, CardNotUsable, PostingRefused, WrongAmount, WrongRequestKey
from cardbank.ledger import services as ledger
from cardbank.ledger.types import RIAL, AccountKind, Answer, EntryKind, Key, PostingRequest, Source, Tender
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day

MOST_TOP_UP_RIAL = 1_000_000_000
DESK_DEADLINE = timedelta(seconds=10)


def new_request_key() -> str:
    """A UUID of version 7 (RFC 9562, 5.7) for a form or an API call: it carries its own time."""
    milliseconds = int(clock.now().timestamp() * 1000)
    number = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 2 << 62 | secrets.randbits(62)
    return str(UUID(int=number))


def request_key(source: Source, source_id: int, text: str) -> Key:
    """The ledger's key of a UUIDv7: the day is the UUID's own, so that a retry after midnight is the same request.

    Raises WrongRequestKey.
    """
    try:
        uuid = UUID(text)
        day = datetime.fromtimestamp((uuid.int >> 80) / 1000, UTC).date()
    except (ValueError, OverflowError):
        raise WrongRequestKey(field="key") from None
    if uuid.version != 7:
        raise WrongRequestKey(field="key")
    return Key(day, source, source_id, str(uuid))


def request_of_card(kind: EntryKind, card: CardProfile, amount_rial: int, key: Key, content: str, **more: Any) -> PostingRequest:
    """What a person asks of a card's wallet away from any terminal; `content` says what must be the same under the same key."""
    now = clock.now()
    facts: dict[str, Any] = {"shop_id": None, **more}
    return PostingRequest(
        key=key,
        content_hash=int.from_bytes(hashlib.sha256(content.encode()).digest()[:8], signed=True),
        kind=kind,
        wallet_id=card.wallet_id or 0,
        member_id=card.member_id,
        card_id=card.card_id,
        terminal_id=None,
        terminal_batch=None,
        unit=RIAL,
        amount=amount_rial,
        effective_at=now,
        deadline=now + DESK_DEADLINE,
        **facts,
    )


def top_up_at_desk(session: Session, actor: Actor, card_id: int, amount_rial: int, key: str) -> Answer:
    """Take cash for a card. `key` is a UUIDv7: the same key again gives the same answer and takes no money twice.

    Last before the commit of its unit of work. Raises WrongAmount, WrongRequestKey, CardNotFound, CardNotUsable,
    PostingRefused.
    """
    if not 0 < amount_rial <= MOST_TOP_UP_RIAL:
        raise WrongAmount(field="amount_rial")
    now = clock.now()
    card = card_profile(session, card_id)
    if card is None or card.wallet_id is None:
        raise CardNotFound(card_id=card_id)
    refusal = refusal_of_filling(card, local_day(now))
    if refusal is not None:
        raise CardNotUsable(reason=refusal)
    audit.record(session, actor, "top up at desk", "card", card_id, after={"amount_rial": amount_rial, "key": key})
    tender = (Tender(AccountKind.CASH_TAKEN, None, None, False),)
    own_key = request_key(Source.DESK, actor.account_id or 0, key)
    request = request_of_card(EntryKind.TOP_UP, card, amount_rial, own_key, f"desk top-up {card_id} {amount_rial}", tender=tender)
    [answer] = ledger.post(session, [request])
    if not answer.reason.is_approved:
        raise PostingRefused(reason=answer.reason)
    return answer
