"""Beginning, confirming and ending enrolments at tills. A refusal is an outcome with a reason; nothing of a message is raised.

What the form says is sealed until the card is handed over: only then the person is put on record and the card is issued, in one
unit of work, so that nothing is left of a pilgrim who walked away.
"""

import hmac
import secrets
from datetime import datetime
from hashlib import sha256
from typing import Any

from msgspec import json
from sqlalchemy import update
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.queries import card_profile, find_by_uid, lock_card
from cardbank.issuing.errors import IssuingLimitReached
from cardbank.issuing.rules import Issuer
from cardbank.issuing.services import check_issuer, hand_out
from cardbank.keystore.ports import KeyStore
from cardbank.kinds.errors import CardKindClosed
from cardbank.reasons import Reason
from cardbank.references import CROCKFORD
from identity.enrolment import check_is_new, check_pilgrim, enrol_pilgrim
from identity.errors import DocumentTaken, PersonKnown
from kernel import audit
from kernel.audit import Actor
from kernel.errors import DomainError
from kernel.sealing import open_sealed, seal
from kernel.settings import load_settings
from merchants.enrolment.models import TillEnrolment
from merchants.enrolment.queries import (
    begun_by_message,
    begun_today,
    is_pending,
    lock_enrolment,
    lock_overdue,
    lock_terminal,
)
from merchants.enrolment.rules import (
    ENROLMENT_LIFE,
    Confirmation,
    Enrolment,
    EnrolOutcome,
    State,
    may_confirm,
    refusal_of_enrolment,
)
from merchants.rules import TerminalProfile

PURPOSE = "till enrolment"
CODE_LETTERS = 6
MOST_AT_ONCE = 200
NOT_HANDED_OUT: dict[type[DomainError], Reason] = {
    IssuingLimitReached: Reason.FREQUENCY_LIMIT,
    CardKindClosed: Reason.NOT_PERMITTED_TO_CARD,
}


def begin_enrolment(session: Session, asked: Enrolment) -> EnrolOutcome:
    """Keep a form and a card for each other until the till confirms. The same message again is answered the same."""
    terminal_id = asked.terminal.terminal_id
    lock_terminal(session, terminal_id)
    known = begun_by_message(session, terminal_id, asked.key)
    if known is not None:
        return _again(session, known, asked)
    card = find_by_uid(session, asked.uid)
    refusal = refusal_of_enrolment(asked, card, begun_today(session, terminal_id, asked.received_at))
    if refusal is not None or card is None:
        return EnrolOutcome(refusal or Reason.NO_SUCH_CARD)
    lock_card(session, card.card_id)
    try:
        check_issuer(session, _issuer(asked.terminal), card.product)
    except tuple(NOT_HANDED_OUT) as refused:
        return EnrolOutcome(NOT_HANDED_OUT[type(refused)])
    faults, facts = check_pilgrim(asked.identity)
    if faults:
        return EnrolOutcome(Reason.ENROLMENT_IDENTITY_WRONG, fault=next(iter(faults)))
    digest = _digest(facts)
    _end_what_gives_way(session, terminal_id, card.card_id, digest, asked.received_at)
    known_by = _known_by(session, facts, card.card_id, digest, asked.received_at)
    if known_by:
        return EnrolOutcome(Reason.ENROLMENT_PERSON_KNOWN, fault=known_by)
    begun = TillEnrolment(
        code="".join(secrets.choice(CROCKFORD) for _ in range(CODE_LETTERS)), terminal_id=terminal_id, card_id=card.card_id,
        key_date=asked.key.day, key=asked.key.key, content_hash=asked.content_hash,
        identity_sealed=seal(PURPOSE, json.encode(asked.identity).decode(), f"card {card.card_id}"), document_digest=digest,
        state=State.PENDING, begun_at=asked.received_at, expires_at=asked.received_at + ENROLMENT_LIFE,
    )  # fmt: skip
    session.add(begun)
    session.flush()
    facts_of_audit = {"card_id": card.card_id, "consent": asked.consent}
    audit.record(session, _actor(asked.terminal), "begin", "till enrolment", begun.id, after=facts_of_audit)
    return EnrolOutcome(Reason.APPROVED, card.masked, begun.code)


def confirm_enrolment(session: Session, keystore: KeyStore, asked: Confirmation) -> EnrolOutcome:
    """The card was handed over: its holder goes on record and it pays from now on. Asked again, it is answered the same."""
    enrolment = lock_enrolment(session, asked.terminal.terminal_id, asked.uid, asked.code)
    if enrolment is None:
        return EnrolOutcome(Reason.ORIGINAL_NOT_FOUND)
    card = card_profile(session, enrolment.card_id)
    if enrolment.state == State.CONFIRMED and card is not None:
        return EnrolOutcome(Reason.APPROVED, card.masked, enrolment.code)
    if not may_confirm(enrolment.state, enrolment.expires_at, asked.received_at) or enrolment.identity_sealed is None:
        return EnrolOutcome(Reason.ENROLMENT_EXPIRED)
    typed: dict[str, str] = json.decode(open_sealed(PURPOSE, enrolment.identity_sealed, f"card {enrolment.card_id}"))
    actor = _actor(asked.terminal)
    held: Card = lock_card(session, enrolment.card_id)
    try:
        with session.begin_nested():
            person = enrol_pilgrim(session, actor, typed, asked.terminal.language, is_another=False)
            hand_out(session, keystore, actor, _issuer(asked.terminal), person.id, asked.terminal.language, held.product, held)
    except tuple(NOT_HANDED_OUT) as refused:
        _end(enrolment, asked.received_at)
        return EnrolOutcome(NOT_HANDED_OUT[type(refused)])
    except (DocumentTaken, PersonKnown) as known:
        _end(enrolment, asked.received_at)
        return EnrolOutcome(Reason.ENROLMENT_PERSON_KNOWN, fault="mobile" if isinstance(known, PersonKnown) else "number")
    enrolment.state, enrolment.person_id, enrolment.decided_at = State.CONFIRMED, person.id, asked.received_at
    enrolment.identity_sealed = enrolment.document_digest = None
    session.flush()
    audit.record(session, actor, "confirm", "till enrolment", enrolment.id, after={"card_id": held.id, "person_id": person.id})
    return EnrolOutcome(Reason.APPROVED, held.masked, enrolment.code)


def expire_overdue(session: Session, now: datetime) -> int:
    """End what was not confirmed in time, so that card and document are free again: how many."""
    overdue = lock_overdue(session, now, MOST_AT_ONCE)
    for enrolment in overdue:
        _end(enrolment, now)
    return len(overdue)


def _issuer(terminal: TerminalProfile) -> Issuer:
    return Issuer(branch_id=terminal.branch_id)


def _again(session: Session, known: TillEnrolment, asked: Enrolment) -> EnrolOutcome:
    if known.content_hash != asked.content_hash:
        return EnrolOutcome(Reason.DUPLICATE_WITH_OTHER_CONTENT)
    card = card_profile(session, known.card_id)
    return EnrolOutcome(Reason.APPROVED, card.masked if card else "", known.code)


def _known_by(session: Session, facts: dict[str, object], card_id: int, digest: bytes, now: datetime) -> str:
    """By what this person is on record, or another till is at work; empty where the person is new."""
    try:
        check_is_new(session, facts, is_another=False)
    except DocumentTaken:
        return "number"
    except PersonKnown:
        return "mobile"
    return "pending" if is_pending(session, card_id, digest, now) else ""


def _end(enrolment: TillEnrolment, now: datetime) -> None:
    enrolment.state, enrolment.decided_at = State.EXPIRED, now
    enrolment.identity_sealed = enrolment.document_digest = None


def _end_what_gives_way(session: Session, terminal_id: int, card_id: int, digest: bytes, now: datetime) -> None:
    """Nobody waits for the sweep, and a till that has lost its answer begins anew with the same card and document."""
    same = (TillEnrolment.card_id == card_id) | (TillEnrolment.document_digest == digest)
    both = (TillEnrolment.card_id == card_id) & (TillEnrolment.document_digest == digest)
    gives_way = (TillEnrolment.expires_at <= now) | (both & (TillEnrolment.terminal_id == terminal_id))
    ended: dict[str, Any] = {"state": State.EXPIRED, "decided_at": now, "identity_sealed": None, "document_digest": None}
    session.execute(update(TillEnrolment).where(same, TillEnrolment.state == State.PENDING, gives_way).values(ended))


def _digest(facts: dict[str, object]) -> bytes:
    said = next(f"{name}:{facts[name]}" for name in ("national_id", "foreign_code", "passport") if name in facts)
    return hmac.digest(load_settings().secret_key.encode(), f"{PURPOSE}:{said}".encode(), sha256)


def _actor(terminal: TerminalProfile) -> Actor:
    return Actor.system(f"terminal {terminal.code}")
