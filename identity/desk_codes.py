"""Signing in by a document, a day of birth and a code that a desk gave: for pilgrims without a telephone or a SIM.

Whoever asks is told nothing of who is on record: a document that nobody has is refused as a wrong code is. Tries are counted under
the document, whether it is known or not.
"""

import hmac
import secrets
from datetime import date, timedelta

from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from identity import rules
from identity.errors import DayOfBirthMissing, DocumentSignInRefused
from identity.models import DeskCode, Person, SignInFailure
from identity.permissions import Identity
from identity.proofs import needs_password, open_own_sign_in
from identity.queries import identity_of_sign_in, person_of_document
from identity.second_step import prove_second_step
from identity.services import SIGN_IN_DOOR, check_tries, tries_digest
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import NotFound
from kernel.settings import load_settings
from kernel.text import latin_digits

DIGITS = 8
LIFE = timedelta(hours=24)


def give_code(session: Session, actor: Actor, person_id: int, born: date | None = None) -> str:
    """A code that signs the person in once within a day; earlier ones end.

    Raises NotFound, and DayOfBirthMissing where none is on record or said.
    """
    person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one_or_none()
    if person is None:
        raise NotFound
    if person.birth_date is None:
        if born is None:
            raise DayOfBirthMissing(field="born")
        person.birth_date = born
    now, code = clock.now(), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    session.execute(update(DeskCode).where(DeskCode.person_id == person_id, DeskCode.ended_at.is_(None)).values(ended_at=now))
    session.add(DeskCode(person_id=person_id, code_digest=_code_digest(person_id, code), made_at=now, usable_until=now + LIFE))
    session.flush()
    audit.record(session, actor, "give sign-in code", "person", person_id)
    return code


def prove_by_document(session: Session, typed: str, country: str, born: date, typed_code: str, one_time_code: str = "") -> Identity:
    """Who this passport, day of birth and code belong to; the code is used up by success alone.

    Raises WrongPassportNumber and WrongPassportCountry for what is no passport, DocumentSignInRefused, TooManySignInTries,
    SecondStepDue and OneTimeCodeRefused where an authenticator is in use.
    """
    now = clock.now()
    passport = rules.travel_document(typed, country, local_day(now))
    digest = tries_digest(f"passport {passport.country} {passport.number}")
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest[:8], signed=True)})
    check_tries(session, digest, now)
    person_id = person_of_document(session, "passport", passport.country, passport.number)
    held = _usable(session, person_id, born, "".join(latin_digits(typed_code).split())) if person_id is not None else None
    identity = identity_of_sign_in(session, open_own_sign_in(session, held.person_id)) if held is not None else None
    if held is None or identity is None or needs_password(session, identity):
        session.add(SignInFailure(name_digest=digest, at=now))
        audit.record(session, SIGN_IN_DOOR, "document_refused", "sign_in", "unknown")
        raise DocumentSignInRefused
    prove_second_step(session, identity, one_time_code)
    held.ended_at = now
    session.execute(delete(SignInFailure).where(SignInFailure.name_digest == digest))
    return identity


def _usable(session: Session, person_id: int, born: date, code: str) -> DeskCode | None:
    """The person's live code, if it is this one and the day is right; locked."""
    live = (DeskCode.person_id == person_id) & DeskCode.ended_at.is_(None) & (DeskCode.usable_until > clock.now())
    held = session.scalar(select(DeskCode).where(live).with_for_update())
    if held is None or not hmac.compare_digest(held.code_digest, _code_digest(person_id, code)):
        return None
    return held if session.scalar(select(Person.birth_date).where(Person.id == person_id)) == born else None


def _code_digest(person_id: int, code: str) -> bytes:
    """Eight digits could be tried out: the digest is keyed, and bound to the person."""
    return hmac.digest(load_settings().secret_key.encode(), f"desk code {person_id} {code}".encode(), "sha256")
