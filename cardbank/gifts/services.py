"""Making batches of gift cards, handing their numbers to the printer, and the states that loads bring."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import lock_card
from cardbank.cards.rules import GIFT_PRODUCT, BlockReason, CardStatus
from cardbank.cards.services import activate_card, block_card, issue_card, unblock_card
from cardbank.gifts.errors import GiftBatchExported, GiftBatchWithdrawn
from cardbank.gifts.models import GiftBatch
from cardbank.gifts.queries import lock_batch
from cardbank.gifts.rules import check_order
from cardbank.keystore.ports import KeyStore
from kernel import audit, clock
from kernel.audit import Actor

GIVEN_BACK = "gift given back"
SPENT_UNPAID = "a load that was spent was reversed"


def make_batch(session: Session, keystore: KeyStore, actor: Actor, key: str, count: int, note: str) -> GiftBatch:
    """So many gift cards, issued and not active. The same `key` again gives the batch that stands.

    Raises WrongGiftCount, GiftNoteMissing.
    """
    note = check_order(count, note)
    facts = {"key": key, "note": note, "cards": count, "made_at": clock.now()}
    made = session.scalar(insert(GiftBatch).values(facts).on_conflict_do_nothing().returning(GiftBatch.id))
    batch = session.scalars(select(GiftBatch).where(GiftBatch.key == key)).one()
    if made is None:
        return batch
    for _ in range(count):
        card = issue_card(session, keystore, actor, person_id=None, product=GIFT_PRODUCT)
        card.gift_batch_id = batch.id
    session.flush()
    audit.record(session, actor, "make", "gift batch", batch.id, after={"cards": count, "note": note})
    return batch


def export_batch(session: Session, keystore: KeyStore, actor: Actor, batch_id: int) -> list[tuple[str, Card]]:
    """The card numbers for the printer, in order: once. Raises GiftBatchNotFound, GiftBatchExported, GiftBatchWithdrawn."""
    batch = lock_batch(session, batch_id)
    if batch.withdrawn_at is not None:
        raise GiftBatchWithdrawn
    if batch.exported_at is not None:
        raise GiftBatchExported(at=batch.exported_at)
    batch.exported_at = clock.now()
    audit.record(session, actor, "export", "gift batch", batch.id, after={"cards": batch.cards})
    cards = session.scalars(select(Card).where(Card.gift_batch_id == batch_id).order_by(Card.id))
    return [(keystore.open_card_number(card.number_sealed, card.token), card) for card in cards]


def withdraw_batch(session: Session, actor: Actor, batch_id: int, why: str) -> int:
    """Block what is not sold of a batch, whose file or cards were lost: how many. Sold ones pay on. Raises GiftBatchNotFound."""
    batch = lock_batch(session, batch_id)
    if batch.withdrawn_at is None:
        batch.withdrawn_at = clock.now()
        audit.record(session, actor, "withdraw", "gift batch", batch.id, why=why)
    unsold = select(Card.id).where(Card.gift_batch_id == batch_id, Card.status == CardStatus.ISSUED).order_by(Card.id)
    blocked = list(session.scalars(unsold))
    for card_id in blocked:
        block_card(session, actor, card_id, BlockReason.BANK, why)
    return len(blocked)


def activate_gift(session: Session, actor: Actor, card_id: int) -> None:
    """Its first load stands: from now on it pays. Asked again, it changes nothing."""
    if lock_card(session, card_id).status == CardStatus.ISSUED:
        activate_card(session, actor, card_id)


def stop_gift(session: Session, actor: Actor, card_id: int, why: str) -> None:
    """It never pays again, unless `why` comes to nothing. Asked again, it changes nothing."""
    if lock_card(session, card_id).status in (CardStatus.ISSUED, CardStatus.ACTIVE):
        block_card(session, actor, card_id, BlockReason.BANK, why)


def let_gift_pay_again(session: Session, actor: Actor, card_id: int) -> None:
    """The gift was not given back after all. A card that was blocked for another reason stays so."""
    card = lock_card(session, card_id)
    if card.status == CardStatus.BLOCKED and card.block_reason == BlockReason.BANK:
        unblock_card(session, actor, card_id)
