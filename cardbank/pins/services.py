"""Setting and opening a PIN at a desk, and signing in by it."""

import hmac
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from cardbank.cards.finding import card_text
from cardbank.cards.models import Card, Member
from cardbank.cards.queries import lock_card
from cardbank.cards.rules import CardStatus, is_card_number
from cardbank.errors import CardTransitionNotAllowed
from cardbank.keystore.ports import KeyStore
from cardbank.pins.errors import CardSignInRefused, PinNotSet
from cardbank.pins.models import CardPin
from cardbank.pins.rules import check_pin, is_locked, typed_pin
from identity.models import SignInFailure
from identity.permissions import Identity
from identity.proofs import needs_password, open_own_sign_in
from identity.queries import identity_of_sign_in
from identity.second_step import prove_second_step
from identity.services import SIGN_IN_DOOR, check_tries, hash_password, secret_fits, tries_digest
from kernel import audit, clock
from kernel.audit import Actor
from kernel.settings import load_settings


def set_pin(session: Session, actor: Actor, card_id: int, typed: str, again: str) -> None:
    """The holder's new PIN, which ends the old one and its lock. Raises WrongPin, CardNotFound, CardTransitionNotAllowed."""
    pin = typed_pin(typed)
    check_pin(pin, typed_pin(again))
    card = lock_card(session, card_id)
    if card.status != CardStatus.ACTIVE:
        raise CardTransitionNotAllowed(status=card.status, wanted=CardStatus.ACTIVE)
    held = session.get(CardPin, card_id) or CardPin(card_id=card_id)
    held.pin_hash, held.tries, held.set_at = hash_password(_keyed(card_id, pin)), 0, clock.now()
    session.add(held)
    session.flush()
    audit.record(session, actor, "set PIN", "card", card_id)


def open_pin(session: Session, actor: Actor, card_id: int) -> None:
    """Let a locked PIN be tried again: the holder stands at the desk and remembers it. Raises CardNotFound, PinNotSet."""
    lock_card(session, card_id)
    held = session.get(CardPin, card_id)
    if held is None:
        raise PinNotSet(card_id=card_id)
    tries, held.tries = held.tries, 0
    session.flush()
    audit.record(session, actor, "open PIN", "card", card_id, before={"tries": tries}, after={"tries": 0})


def state_of_pin(session: Session, card_id: int) -> tuple[datetime, bool] | None:
    """Since when a card has a PIN, and whether it is locked; None without one."""
    held = session.get(CardPin, card_id)
    return None if held is None else (held.set_at, is_locked(held.tries))


def prove_by_pin(session: Session, keystore: KeyStore, typed_number: str, typed: str, one_time_code: str = "") -> Identity:
    """Who this card and PIN belong to. Wrong tries are counted under the number, whether a card has it or not.

    Raises CardSignInRefused, TooManySignInTries after five wrong tries in five minutes, and SecondStepDue and OneTimeCodeRefused
    where an authenticator is in use.
    """
    number, now = card_text(typed_number), clock.now()
    digest = tries_digest(f"card {number}")
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest[:8], signed=True)})
    check_tries(session, digest, now)
    card, held, person_id = _card_of_number(session, keystore, number)
    keyed = _keyed(card.id if card else 0, typed_pin(typed))
    is_right = secret_fits(held.pin_hash if held and not is_locked(held.tries) else None, keyed)
    if not is_right or card is None or held is None or person_id is None or card.status != CardStatus.ACTIVE:
        if held is not None and not is_right:
            held.tries += 1
        session.add(SignInFailure(name_digest=digest, at=now))
        audit.record(session, SIGN_IN_DOOR, "card_sign_in_refused", "card", card.id if card else "unknown")
        raise CardSignInRefused
    identity = identity_of_sign_in(session, open_own_sign_in(session, person_id))
    if identity is None or needs_password(session, identity):
        raise CardSignInRefused
    prove_second_step(session, identity, one_time_code)
    held.tries = 0
    return identity


def _card_of_number(session: Session, keystore: KeyStore, number: str) -> tuple[Card | None, CardPin | None, int | None]:
    """The card, its PIN (locked, so that tries are counted one after the other) and its holder; nothing for what is no number."""
    index = keystore.card_number_index(number if is_card_number(number) else "0" * 19)
    row = session.execute(
        select(Card, CardPin, Member.person_id)
        .outerjoin(CardPin, CardPin.card_id == Card.id)
        .outerjoin(Member, Member.id == Card.member_id)
        .where(Card.number_index == index)
    ).one_or_none()
    if row is None:
        return None, None, None
    held = session.get(CardPin, row.Card.id, with_for_update=True, populate_existing=True) if row.CardPin is not None else None
    return row.Card, held, row.person_id


def _keyed(card_id: int, pin: str) -> str:
    """Six digits could be tried out of a copied hash: it is made over a digest that needs the server's key, bound to the card."""
    return hmac.digest(load_settings().secret_key.encode(), f"card pin {card_id} {pin}".encode(), "sha256").hex()
