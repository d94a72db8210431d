"""The life of a card. Each change locks the card, is audited, touches its wallet and evicts its snapshots."""

import secrets
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank import events
from cardbank.cards.application import TOKEN_BYTES, UID_BYTES
from cardbank.cards.models import Card, CardEvent, Member
from cardbank.cards.queries import lock_card, money_left
from cardbank.cards.rules import (
    TRANSITIONS,
    BlockReason,
    CardStatus,
    masked_number,
    new_card_number,
)
from cardbank.errors import CardHoldsMoney, CardNotFound, CardTransitionNotAllowed, ChipInUse
from cardbank.keystore.ports import KeyStore
from cardbank.keystore.software import CURRENT_CARD_KEYS
from cardbank.kinds.errors import CardKindClosed, CardKindNeedsHolder
from cardbank.kinds.queries import kind_in_force
from cardbank.kinds.rules import last_day_of
from cardbank.ledger import services as ledger
from cardbank.ledger.types import WalletKind
from kernel import audit, clock, outbox, snapshots
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput

NUMBER_TRIES = 5


def stock_card(session: Session, keystore: KeyStore, actor: Actor, uid: bytes | None, product: str = "standard") -> Card:
    """A personalised card that nobody holds yet; `uid` None = it has no chip. Raises ChipInUse, BadInput, CardKindNotFound."""
    if uid is not None:
        _check_chip(session, uid)
    number, token, today = _free_number(session, keystore), secrets.token_bytes(TOKEN_BYTES), local_day(clock.now())
    card = Card(
        token=token,
        uid=uid,
        key_version=CURRENT_CARD_KEYS,
        number_index=keystore.card_number_index(number),
        number_sealed=keystore.seal_card_number(number, token),
        masked=masked_number(number),
        product=product,
        status=CardStatus.STOCK,
        language="fa",
        expires_on=last_day_of(today, kind_in_force(session, product, today).valid_months),
    )
    session.add(card)
    session.flush()
    _write_history(session, actor, card, None, None)
    return card


def issue_card(
    session: Session,
    keystore: KeyStore,
    actor: Actor,
    *,
    person_id: int | None,
    language: str = "fa",
    uid: bytes | None = None,
    card: Card | None = None,
    product: str = "standard",
    member_id: int | None = None,
) -> Card:
    """Give a card, from stock or new, to a person (None = anonymous): on a wallet of their own, or as that `member_id`. How long it
    is valid and what a purchase may cost, its kind says as it is in force today.

    Raises ChipInUse, CardTransitionNotAllowed, CardNotFound for an unknown member, CardKindNotFound, CardKindClosed and
    CardKindNeedsHolder, the last two for a new wallet alone.
    """
    card = card or stock_card(session, keystore, actor, uid, product)
    _say_terms(session, card, has_holder=person_id is not None, is_new=member_id is None)
    member = _new_member(session, person_id) if member_id is None else session.get(Member, member_id)
    if member is None:
        raise CardNotFound(member_id=member_id)
    card.wallet_id, card.member_id, card.language = member.wallet_id, member.id, language
    _become(session, actor, card, CardStatus.ISSUED)
    outbox.publish(session, events.CardIssued(card.id, member.wallet_id, member.id))
    return card


def activate_card(session: Session, actor: Actor, card_id: int) -> Card:
    """From now on the card pays. Raises CardNotFound, CardTransitionNotAllowed."""
    card = _lock_in(session, card_id, {CardStatus.ISSUED}, CardStatus.ACTIVE)
    _become(session, actor, card, CardStatus.ACTIVE)
    outbox.publish(session, events.CardActivated(card.id))
    return card


def block_card(session: Session, actor: Actor, card_id: int, why: BlockReason, note: str | None = None) -> Card:
    """Stop a card at once. Raises CardNotFound, CardTransitionNotAllowed."""
    card = lock_card(session, card_id)
    card.block_reason = why
    _become(session, actor, card, CardStatus.BLOCKED, note or why)
    outbox.publish(session, events.CardBlocked(card.id, why))
    return card


def restate_block(session: Session, actor: Actor, card_id: int, why: BlockReason) -> Card:
    """A blocked card stays so for another reason. Raises CardNotFound, CardTransitionNotAllowed."""
    card = _lock_in(session, card_id, {CardStatus.BLOCKED}, CardStatus.BLOCKED)
    card.block_reason = why
    session.flush()
    _write_history(session, actor, card, card.status, why)
    snapshots.announce(session, "card", card.id)
    outbox.publish(session, events.CardBlocked(card.id, why))
    return card


def unblock_card(session: Session, actor: Actor, card_id: int, note: str | None = None) -> Card:
    """Let a blocked card pay again. Raises CardNotFound, CardTransitionNotAllowed."""
    card = _lock_in(session, card_id, {CardStatus.BLOCKED}, CardStatus.ACTIVE)
    card.block_reason = None
    _become(session, actor, card, CardStatus.ACTIVE, note)
    outbox.publish(session, events.CardUnblocked(card.id))
    return card


def expire_card(session: Session, actor: Actor, card_id: int, note: str | None = None) -> Card:
    """End a card; what it holds stays on the wallet. Raises CardNotFound, CardTransitionNotAllowed."""
    card = lock_card(session, card_id)
    card.block_reason = None
    _become(session, actor, card, CardStatus.EXPIRED, note)
    outbox.publish(session, events.CardExpired(card.id))
    return card


def replace_card(
    session: Session,
    keystore: KeyStore,
    actor: Actor,
    card_id: int,
    *,
    uid: bytes | None = None,
    stock: Card | None = None,
    note: str | None = None,
) -> Card:
    """A new card, or one out of the `stock`, for the same member of the same wallet; the old one never pays again. The new one is
    issued, not active.

    Raises CardNotFound, CardTransitionNotAllowed, ChipInUse.
    """
    old = lock_card(session, card_id)
    _check_transition(old, CardStatus.REPLACED)
    new = issue_card(
        session,
        keystore,
        actor,
        person_id=None,
        language=old.language,
        uid=uid,
        card=stock,
        product=old.product,
        member_id=old.member_id,
    )
    new.purchase_limit_rial = old.purchase_limit_rial
    old.replaced_by_id, old.block_reason = new.id, None
    _become(session, actor, old, CardStatus.REPLACED, note)
    outbox.publish(session, events.CardReplaced(old.id, new.id))
    return new


def close_card(session: Session, actor: Actor, card_id: int, note: str | None = None) -> Card:
    """End a card after its money has been paid out. Raises CardHoldsMoney while its wallet holds any, CardNotFound."""
    card = lock_card(session, card_id)
    card.block_reason = None
    _become(session, actor, card, CardStatus.REFUNDED, note)  # the touch in it holds the wallet still while it is read
    if card.wallet_id is not None and (left := money_left(session, card.wallet_id)):
        raise CardHoldsMoney(amount_rial=left)
    outbox.publish(session, events.CardRefunded(card.id))
    return card


def close_member_card(session: Session, actor: Actor, card_id: int, note: str | None = None) -> Card:
    """End a card of a shared wallet, whose money stays with the others. Raises CardNotFound, CardTransitionNotAllowed."""
    card = lock_card(session, card_id)
    card.block_reason = None
    _become(session, actor, card, CardStatus.REFUNDED, note)
    outbox.publish(session, events.CardRefunded(card.id))
    return card


def _lock_in(session: Session, card_id: int, states: set[CardStatus], wanted: CardStatus) -> Card:
    card = lock_card(session, card_id)
    if card.status not in states:
        raise CardTransitionNotAllowed(status=card.status, wanted=wanted)
    return card


def _check_transition(card: Card, wanted: CardStatus) -> None:
    if wanted not in TRANSITIONS[CardStatus(card.status)]:
        raise CardTransitionNotAllowed(status=card.status, wanted=wanted)


def _become(session: Session, actor: Actor, card: Card, status: CardStatus, why: str | None = None) -> None:
    _check_transition(card, status)
    was, card.status = card.status, status
    session.flush()
    _write_history(session, actor, card, was, why)
    if card.wallet_id is not None:
        ledger.touch(session, card.wallet_id)
    snapshots.announce(session, "card", card.id)


def _write_history(session: Session, actor: Actor, card: Card, was: str | None, why: str | None) -> None:
    session.add(CardEvent(card_id=card.id, at=clock.now(), was=was, became=card.status, actor=actor.name, why=why))
    before: dict[str, Any] | None = {"status": was} if was else None
    audit.record(
        session,
        actor,
        "change card state",
        "card",
        card.id,
        before=before,
        after={"status": card.status},
        why=why,
    )


def _say_terms(session: Session, card: Card, *, has_holder: bool, is_new: bool) -> None:
    today = local_day(clock.now())
    kind = kind_in_force(session, card.product, today)
    if is_new and not kind.is_open:
        raise CardKindClosed(kind=kind.code)
    if is_new and not has_holder and not kind.allows_anonymous:
        raise CardKindNeedsHolder(kind=kind.code)
    card.kind_id, card.purchase_limit_rial, card.holds_money = kind.id, kind.purchase_limit_rial, kind.holds_money
    card.expires_on = last_day_of(today, kind.valid_months)


def _new_member(session: Session, person_id: int | None) -> Member:
    member = Member(wallet_id=ledger.open_wallet(session, WalletKind.HOLDER), person_id=person_id)
    session.add(member)
    session.flush()
    return member


def _check_chip(session: Session, uid: bytes) -> None:
    if len(uid) != UID_BYTES:
        raise BadInput(field="uid")
    if session.scalar(select(Card.id).where(Card.uid == uid)) is not None:
        raise ChipInUse


def _free_number(session: Session, keystore: KeyStore) -> str:
    for _ in range(NUMBER_TRIES):
        number = new_card_number()
        index = keystore.card_number_index(number)
        if session.scalar(select(Card.id).where(Card.number_index == index)) is None:
            return number
    raise RuntimeError("no free card number was found")
