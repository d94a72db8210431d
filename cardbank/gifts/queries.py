"""Reads of gift cards and their batches."""

from collections.abc import Iterable
from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import GIFT_PRODUCT, CardStatus
from cardbank.gifts.errors import GiftBatchNotFound
from cardbank.gifts.models import GiftBatch


class BatchRow(Struct, frozen=True):
    """A batch and how many of its cards stand in which state."""

    batch: GiftBatch
    states: dict[CardStatus, int]

    @property
    def unsold(self) -> int:
        return self.states.get(CardStatus.ISSUED, 0)


class GiftRow(Struct, frozen=True):
    card_id: int
    masked: str
    status: CardStatus
    expires_on: date
    gift_rial: int


def batches_page(session: Session, *, before: int | None = None, limit: int = 20) -> list[BatchRow]:
    """Newest first. Two queries."""
    wanted = select(GiftBatch).order_by(GiftBatch.id.desc()).limit(limit)
    if before is not None:
        wanted = wanted.where(GiftBatch.id < before)
    batches = list(session.scalars(wanted))
    states = _states(session, [batch.id for batch in batches])
    return [BatchRow(batch, states.get(batch.id, {})) for batch in batches]


def batch_row(session: Session, batch_id: int) -> BatchRow:
    """Raises GiftBatchNotFound."""
    batch = session.get(GiftBatch, batch_id)
    if batch is None:
        raise GiftBatchNotFound(batch=batch_id)
    return BatchRow(batch, _states(session, [batch_id]).get(batch_id, {}))


def lock_batch(session: Session, batch_id: int) -> GiftBatch:
    """Raises GiftBatchNotFound."""
    batch = session.scalar(
        select(GiftBatch).where(GiftBatch.id == batch_id).with_for_update().execution_options(populate_existing=True)
    )
    if batch is None:
        raise GiftBatchNotFound(batch=batch_id)
    return batch


_CARDS = text("""
    SELECT c.id AS card_id, c.masked, c.status, c.expires_on, coalesce(a.balance, 0) AS gift_rial
    FROM card c
    LEFT JOIN ledger.account a ON a.wallet_id = c.wallet_id AND a.kind = 2 AND a.unit = 1 AND a.closed_at IS NULL
    WHERE c.gift_batch_id = :batch_id AND c.id > :after
    ORDER BY c.id LIMIT :most
""")


def cards_of_batch(session: Session, batch_id: int, *, after: int = 0, limit: int = 50) -> list[GiftRow]:
    """In the order they were made, with what each holds. One query."""
    rows = session.execute(_CARDS, {"batch_id": batch_id, "after": after, "most": limit})
    return [GiftRow(row.card_id, row.masked, CardStatus(row.status), row.expires_on, row.gift_rial) for row in rows]


class GiftLoad(Struct, frozen=True):
    """An entry that loaded a gift card, with what the card holds now. `shop_id` is None where another card paid for it."""

    business_date: date
    entry_id: int
    decided_at: datetime
    card_id: int
    masked: str
    amount_rial: int
    shop_id: int | None
    held_rial: int
    is_given_back: bool


_LOAD = text("""
    SELECT e.business_date, e.id AS entry_id, e.decided_at, e.card_id, c.masked, e.amount AS amount_rial, e.shop_id,
           coalesce(a.balance, 0) AS held_rial, amend.reversed_by IS NOT NULL AS is_given_back
    FROM ledger.entry e JOIN card c ON c.id = e.card_id AND c.product = :product
    LEFT JOIN ledger.account a ON a.wallet_id = c.wallet_id AND a.kind = 2 AND a.unit = 1 AND a.closed_at IS NULL
    LEFT JOIN ledger.entry_amend amend ON amend.original_date = e.business_date AND amend.original_id = e.id
    WHERE e.business_date = :day AND e.id = :entry_id AND e.kind = 2
""")


def gift_load(session: Session, day: date, entry_id: int) -> GiftLoad | None:
    """The load that an entry is; None for every other entry. The caller checks whose shop it was in."""
    facts = {"day": day, "entry_id": entry_id, "product": GIFT_PRODUCT}
    row = session.execute(_LOAD, facts).mappings().one_or_none()
    return GiftLoad(**row) if row else None


def _states(session: Session, batch_ids: Iterable[int]) -> dict[int, dict[CardStatus, int]]:
    found: dict[int, dict[CardStatus, int]] = {batch_id: {} for batch_id in batch_ids}
    counted = (
        select(Card.gift_batch_id, Card.status, func.count())
        .where(Card.gift_batch_id.in_(found))
        .group_by(Card.gift_batch_id, Card.status)
    )
    for batch_id, status, count in session.execute(counted):
        if batch_id is not None:
            found[batch_id][CardStatus(status)] = count
    return found
