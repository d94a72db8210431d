"""Asking for a new card, withdrawing the wish, and handing the new card over. Each locks the old card first, then the blank."""

from sqlalchemy.orm import Session

from cardbank.cards.holding import lock_own
from cardbank.cards.models import Card
from cardbank.cards.queries import lock_card
from cardbank.cards.rules import BlockReason, CardStatus
from cardbank.cards.services import activate_card, block_card, replace_card, restate_block
from cardbank.keystore.ports import KeyStore
from cardbank.replacing.errors import ReplacementNotFound
from cardbank.replacing.fees import take_fee
from cardbank.replacing.models import CardReplacement
from cardbank.replacing.queries import lock_blank, masked_of, open_wish
from cardbank.replacing.rules import STOPS, Why, WishState, check_blank, check_replaceable, typed_why
from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from kernel.settings import load_settings


def ask_replacement(session: Session, holder: Identity, card_id: int, why: str, city_id: int) -> CardReplacement:
    """A lost or stolen card stops at once, and a new one waits at the desks of a city (checked by the caller). Asked again, the
    wish moves to the city that was named last.

    Raises CardNotFound, BadInput (`why`), CardIsReplaced, CardNotReplaceable.
    """
    reason = typed_why(why)
    card = lock_own(session, holder, card_id)
    check_replaceable(card.status, card.block_reason, masked_of(session, card.replaced_by_id))
    _stop(session, holder.actor, card, reason)
    wish = open_wish(session, card_id) or CardReplacement(card_id=card_id, state=WishState.WAITING, asked_at=clock.now())
    wish.why, wish.city_id = reason, city_id
    session.add(wish)
    session.flush()
    audit.record(
        session, holder.actor, "ask", "card replacement", wish.id, after={"card_id": card_id, "city_id": city_id}, why=reason
    )
    return wish


def withdraw_replacement(session: Session, holder: Identity, card_id: int) -> CardReplacement:
    """No new card is wanted any more; a card that was stopped as lost stays stopped. Raises CardNotFound, ReplacementNotFound."""
    lock_own(session, holder, card_id)
    wish = open_wish(session, card_id)
    if wish is None:
        raise ReplacementNotFound(card_id=card_id)
    wish.state, wish.decided_at = WishState.WITHDRAWN, clock.now()
    session.flush()
    audit.record(session, holder.actor, "withdraw", "card replacement", wish.id, before={"state": "waiting"})
    return wish


def replace_at_desk(
    session: Session, keystore: KeyStore, actor: Actor, card_id: int, why: str, blank: str, *, paid_by: str = "cash", key: str = ""
) -> Card:
    """Hand a new, active card over in the place of an old one, which is dead from this commit on. `blank` is the number or the chip of
    the card from the stock; empty = a card without a chip, of which the holder gets the number. Where the settings name a fee, it
    is taken last, in cash or from the card, under a `key` (UUIDv7).

    Raises CardNotFound, BadInput (`why`, `paid_by`), CardIsReplaced, CardNotReplaceable, BlankNotFound, BlankNotInStock,
    BlankOfAnotherKind, WrongRequestKey, FeeNotCovered, PostingRefused.
    """
    reason = typed_why(why)
    old = lock_card(session, card_id)
    check_replaceable(old.status, old.block_reason, masked_of(session, old.replaced_by_id))
    stock = lock_blank(session, keystore, blank, clock.now()) if blank.strip() else None
    if stock is not None:
        check_blank(stock.status, stock.product, old.product)
    _stop(session, actor, old, reason)
    new = replace_card(session, keystore, actor, card_id, stock=stock, note=reason)
    activate_card(session, actor, new.id)
    wish = open_wish(session, card_id)
    if wish is not None:
        wish.state, wish.decided_at, wish.new_card_id = WishState.DONE, clock.now(), new.id
        session.flush()
    fee_rial = load_settings().card_replacement_fee_rial
    if fee_rial:
        take_fee(session, actor, new, fee_rial, paid_by, key)
    return new


def _stop(session: Session, actor: Actor, card: Card, why: Why) -> None:
    """A till says of a lost card that it is lost, also where its holder had only paused it."""
    reason = STOPS.get(why)
    if reason is None or card.status == CardStatus.EXPIRED:
        return
    if card.status == CardStatus.ACTIVE:
        block_card(session, actor, card.id, reason)
    elif card.block_reason == BlockReason.HOLDER:
        restate_block(session, actor, card.id, reason)
