"""A person's e-mail address: on record once its owner has typed the code that was sent there, and not before.

The address that waits for its code stands sealed, is nobody's business but the person's own, and is forgotten with the code. A family
may share an address, as it may share a number.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from identity import rules
from identity.errors import EmailClosed, EmailCodeRefused, EmailNotConfirmed, TooManyEmailCodes
from identity.models import EmailCode, Person
from identity.notices import EMAIL_CHANGED, EMAIL_CODE, EMAIL_REMOVED
from identity.permissions import Identity
from identity.services import tries_digest
from kernel import audit, clock
from kernel.errors import BadInput
from kernel.messages.rules import Channel, Notice, shown
from kernel.messages.services import allow_offers, is_open, refuse_offers, refuses_offers, send
from kernel.sealing import open_sealed, seal
from kernel.settings import load_settings
from kernel.text import latin_digits

DIGITS = 6
TRIES = 5
CODES = ((3, timedelta(minutes=10)), (10, timedelta(days=1)))  # each number of codes in its time, for an address and for a person
KEPT = timedelta(days=1)  # as long as codes are counted
WAITING = "e-mail address that waits for its code"


@dataclass(frozen=True, slots=True)
class OwnEmail:
    """As its owner sees it, the addresses masked. `is_open`: e-mail leaves this platform at all."""

    shown: str | None
    waits_for: str | None
    letters_by: str
    refuses_offers: bool
    is_open: bool


def own_email(session: Session, person_id: int) -> OwnEmail:
    person, waiting = session.get_one(Person, person_id), _waiting(session, person_id)
    waits_for = shown(_address(waiting)) if waiting is not None else None
    refuses = refuses_offers(session, person.email) if person.email else False
    return OwnEmail(shown(person.email) if person.email else None, waits_for, person.letters_by, refuses, is_open(Channel.EMAIL))


def ask_email_code(session: Session, identity: Identity, typed: str) -> None:
    """Send a code to an address, which is the person's when they type it. An address that waited before waits no longer.

    Raises WrongEmail, EmailClosed, TooManyEmailCodes (facts `minutes`) after three codes in ten minutes or ten in a day.
    """
    address, now = rules.email_address(typed), clock.now()
    if not is_open(Channel.EMAIL):
        raise EmailClosed
    person, digest = _lock(session, identity.person_id), tries_digest(f"email {address}")
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest[:8], signed=True)})
    _check_codes(session, person.id, digest)
    _forget_waiting(session, person.id)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    session.add(
        EmailCode(
            person_id=person.id, email_digest=digest, email_sealed=seal(WAITING, address, str(person.id)), created_at=now,
            code_digest=_code_digest(person.id, address, code), usable_until=now + EMAIL_CODE.lives,
        )
    )  # fmt: skip
    session.flush()
    send(session, EMAIL_CODE, address, person.language, {"code": code})
    audit.record(session, identity.actor, "ask_email_code", "person", person.id, after={"email": shown(address)})


def confirm_email(session: Session, identity: Identity, typed_code: str) -> None:
    """The address that got this code is the person's from now on; the one before is told. Raises EmailCodeRefused."""
    person = _lock(session, identity.person_id)
    waiting = _waiting(session, person.id)
    if waiting is None:
        raise EmailCodeRefused(field="code")
    address, typed = _address(waiting), "".join(latin_digits(typed_code).split())
    if not hmac.compare_digest(waiting.code_digest, _code_digest(person.id, address, typed)):
        waiting.tries += 1
        audit.record(session, identity.actor, "email_code_refused", "person", person.id)
        raise EmailCodeRefused(field="code")
    before, person.email, person.letters_by = person.email, address, person.letters_by if person.email else Channel.EMAIL.value
    _forget_waiting(session, person.id)
    if before is not None and before != address:
        _tell(session, EMAIL_CHANGED, before, person.language)
    was = {"email": shown(before)} if before else None
    audit.record(session, identity.actor, "confirm_email", "person", person.id, before=was, after={"email": shown(address)})


def remove_email(session: Session, identity: Identity) -> None:
    """No address of the person's from now on, also none that waits for its code; letters come by SMS."""
    person = _lock(session, identity.person_id)
    before, person.email, person.letters_by = person.email, None, Channel.SMS.value
    _forget_waiting(session, person.id)
    if before is not None:
        _tell(session, EMAIL_REMOVED, before, person.language)
        audit.record(session, identity.actor, "remove_email", "person", person.id, before={"email": shown(before)})


def choose_letters_by(session: Session, identity: Identity, channel: str) -> None:
    """How letters come where their sender leaves it to the person. Raises BadInput, EmailNotConfirmed."""
    if channel not in set(Channel):
        raise BadInput(field="letters_by")
    person = _lock(session, identity.person_id)
    if channel == Channel.EMAIL and person.email is None:
        raise EmailNotConfirmed
    before, person.letters_by = person.letters_by, channel
    session.flush()
    audit.record(
        session,
        identity.actor,
        "choose_letters_by",
        "person",
        person.id,
        before={"letters_by": before},
        after={"letters_by": channel},
    )


def choose_offers(session: Session, identity: Identity, *, wanted: bool) -> None:
    """Whether offers may come to the own address; codes and news of the card always do. Raises EmailNotConfirmed."""
    person = _lock(session, identity.person_id)
    if person.email is None:
        raise EmailNotConfirmed
    (allow_offers if wanted else refuse_offers)(session, identity.actor, person.email)


def forget_email_codes(session: Session) -> None:
    """Addresses that nobody confirmed, as soon as their codes are not counted any more."""
    session.execute(delete(EmailCode).where(EmailCode.created_at < clock.now() - KEPT))


def _lock(session: Session, person_id: int) -> Person:
    """What is done to one person's addresses is done one after the other, so that every try is counted."""
    held = select(Person).where(Person.id == person_id).with_for_update().execution_options(populate_existing=True)
    return session.scalars(held).one()


def _waiting(session: Session, person_id: int) -> EmailCode | None:
    """The one code that may still be typed."""
    usable = (EmailCode.email_sealed.is_not(None)) & (EmailCode.usable_until > clock.now()) & (EmailCode.tries < TRIES)
    return session.scalar(select(EmailCode).where(EmailCode.person_id == person_id, usable).order_by(EmailCode.id.desc()).limit(1))


def _address(waiting: EmailCode) -> str:
    return open_sealed(WAITING, waiting.email_sealed or b"", str(waiting.person_id))


def _forget_waiting(session: Session, person_id: int) -> None:
    """The rows stay to be counted, without their addresses."""
    for one in session.scalars(select(EmailCode).where(EmailCode.person_id == person_id, EmailCode.email_sealed.is_not(None))):
        one.email_sealed = None
    session.flush()


def _check_codes(session: Session, person_id: int, digest: bytes) -> None:
    now = clock.now()
    for whose in (EmailCode.person_id == person_id, EmailCode.email_digest == digest):
        for most, window in CODES:
            asked = select(func.count(), func.min(EmailCode.created_at)).where(whose, EmailCode.created_at > now - window)
            count, oldest = session.execute(asked).one()
            if count >= most:
                raise TooManyEmailCodes(field="email", minutes=-(-int((oldest + window - now).total_seconds()) // 60))


def _code_digest(person_id: int, address: str, code: str) -> bytes:
    """Six digits could be tried out: the digest is keyed, and bound to the person and the address."""
    return hmac.digest(load_settings().secret_key.encode(), f"email code {person_id} {address} {code}".encode(), "sha256")


def _tell(session: Session, notice: Notice, address: str, language: str) -> None:
    send(session, notice, address, language, {"link": load_settings().portal})
