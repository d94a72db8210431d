"""Setting and opening a PIN at a desk, and signing in by it."""

import hmac
from datetime import datetime

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from cardbank.cards.finding import card_text
from cardbank.cards.models import Card, Member
from cardbank.cards.queries import lock_card
from cardbank.cards.rules import CardStatus, is_card_number
from cardbank.errors import CardTransitionNotAllowed
from cardbank.keystore.ports import KeyStore
from cardbank.pins.errors import CardSignInRefused, PinNotSet
from cardbank.pins.models import CardPin, CardPinClient
from cardbank.pins.rules import (
    TRIES,
    check_pin,
    is_shut_for_client,
    is_shut_for_strangers,
    typed_pin,
)
from identity.models import SignInFailure
from identity.permissions import Identity
from identity.proofs import needs_password, open_own_sign_in
from identity.queries import identity_of_sign_in
from identity.rules import client_of
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
    held.pin_hash, held.set_at = hash_password(_keyed(card_id, pin)), clock.now()
    session.add(held)
    _forget_tries(session, held)
    audit.record(session, actor, "set PIN", "card", card_id)


def open_pin(session: Session, actor: Actor, card_id: int) -> None:
    """Let a PIN that was shut be tried again: the holder stands at the desk and remembers it. Raises CardNotFound, PinNotSet."""
    lock_card(session, card_id)
    held = session.get(CardPin, card_id)
    if held is None:
        raise PinNotSet(card_id=card_id)
    tries = held.tries
    _forget_tries(session, held)
    audit.record(session, actor, "open PIN", "card", card_id, before={"tries": tries}, after={"tries": 0})


def open_pins_of(session: Session, holder: Identity) -> None:
    """Who has just proven by another way to be the holder may try the PINs of the own cards again from anywhere."""
    tried = (CardPin.tries >= TRIES) | select(CardPinClient.card_id).where(
        CardPinClient.card_id == CardPin.card_id, CardPinClient.tries >= TRIES
    ).exists()
    theirs = select(CardPin).join(Card, Card.id == CardPin.card_id).join(Member, Member.id == Card.member_id)
    wanted = theirs.where(Member.person_id == holder.person_id, tried).order_by(CardPin.card_id).with_for_update(of=CardPin)
    for held in session.scalars(wanted.execution_options(populate_existing=True)):
        tries = held.tries
        _forget_tries(session, held)
        audit.record(session, holder.actor, "open PIN", "card", held.card_id, before={"tries": tries}, after={"tries": 0})


def state_of_pin(session: Session, card_id: int) -> tuple[datetime, bool] | None:
    """Since when a card has a PIN, and whether it is shut for anybody just now; None without one."""
    held, now = session.get(CardPin, card_id), clock.now()
    if held is None:
        return None
    clients = session.execute(select(CardPinClient.tries, CardPinClient.tried_at).where(CardPinClient.card_id == card_id))
    is_shut = is_shut_for_strangers(held.tries, held.wrong_at, now) or any(is_shut_for_client(*one, now) for one in clients)
    return held.set_at, is_shut


def prove_by_pin(
    session: Session, keystore: KeyStore, typed_number: str, typed: str, one_time_code: str = "", *, address: str
) -> Identity:
    """Who this card and PIN belong to. Tries are counted by where they come from (`address`), and strangers' together; under the
    number too, whether a card has it or not.

    Raises CardSignInRefused, TooManySignInTries after five wrong tries of a client in five minutes, and SecondStepDue and
    OneTimeCodeRefused where an authenticator is in use.
    """
    number, client, now = card_text(typed_number), client_of(address), clock.now()
    lock_number(session, number)
    digest = tries_digest(f"card {number} from {client}")
    check_tries(session, digest, now)
    card, held, person_id = _card_of_number(session, keystore, number)
    tried = _client(session, held, client)
    keyed = _keyed(card.id if card else 0, typed_pin(typed))
    is_shut = held is None or tried is None or _is_shut(held, tried, now)
    is_right = secret_fits(held.pin_hash if held is not None and not is_shut else None, keyed)
    if not is_right or card is None or held is None or tried is None or person_id is None or card.status != CardStatus.ACTIVE:
        if held is not None and tried is not None and not is_shut and not is_right:
            _count(session, held, tried, now)
        session.add(SignInFailure(name_digest=digest, at=now))
        audit.record(session, SIGN_IN_DOOR, "card_sign_in_refused", "card", card.id if card else "unknown")
        raise CardSignInRefused
    identity = identity_of_sign_in(session, open_own_sign_in(session, person_id))
    if identity is None or needs_password(session, identity):
        raise CardSignInRefused
    prove_second_step(session, identity, one_time_code)
    if not tried.is_known:
        held.tries, held.wrong_at = 0, None
    tried.tries, tried.is_known, tried.tried_at = 0, True, now
    session.add(tried)
    return identity


def lock_number(session: Session, number: str) -> None:
    """Tries of one number come one after the other, so that many at once are counted as many."""
    session.execute(
        text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(tries_digest(f"card {number}")[:8], signed=True)}
    )


def _client(session: Session, held: CardPin | None, client: str) -> CardPinClient | None:
    """What this client has tried on the card so far; a row that is not kept yet for one that never did."""
    if held is None:
        return None
    digest = tries_digest(f"pin of {held.card_id} from {client}")
    found = session.get(CardPinClient, (held.card_id, digest), populate_existing=True)
    return found or CardPinClient(card_id=held.card_id, client=digest, tries=0, is_known=False, tried_at=clock.now())


def _is_shut(held: CardPin, tried: CardPinClient, now: datetime) -> bool:
    if is_shut_for_client(tried.tries, tried.tried_at, now):
        return True
    return not tried.is_known and is_shut_for_strangers(held.tries, held.wrong_at, now)


def _count(session: Session, held: CardPin, tried: CardPinClient, now: datetime) -> None:
    """A wrong try. What is tried while it is shut counts nowhere: nobody keeps it shut by trying on."""
    tried.tries, tried.tried_at = (0 if tried.tries >= TRIES else tried.tries) + 1, now
    session.add(tried)
    if not tried.is_known:
        held.tries, held.wrong_at = held.tries + 1, now


def _forget_tries(session: Session, held: CardPin) -> None:
    """Clients stay known; those of strangers are forgotten with their tries."""
    held.tries, held.wrong_at = 0, None
    session.flush()
    mine = CardPinClient.card_id == held.card_id
    session.execute(delete(CardPinClient).where(mine, CardPinClient.is_known.is_(False)))
    session.execute(update(CardPinClient).where(mine).values(tries=0))


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
