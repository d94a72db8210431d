"""Signing in by a code that is sent to the person's mobile number, for pilgrims without a password.

Whoever asks is told nothing of who is on record: a number that nobody has is answered alike, and nothing is sent to it. A family
may share a number: who it is to be is asked after the code was right. Staff who move money or decide sign in by password.
"""

import hmac
import secrets
from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from identity import rules
from identity.errors import PersonToChoose, PhoneCodeRefused, TooManySignInTries
from identity.models import PhoneCode, SignIn
from identity.notices import SIGN_IN_CODE
from identity.permissions import Identity
from identity.proofs import needs_password, open_own_sign_in
from identity.queries import (
    identity_of_sign_in,
    names_of_people,
    people_with_mobile,
    token_hash,
)
from identity.second_step import prove_second_step
from identity.services import SIGN_IN_DOOR, tries_digest
from kernel import audit, clock
from kernel.messages.services import send
from kernel.settings import load_settings
from kernel.text import latin_digits

DIGITS = 6
LIFE = timedelta(minutes=5)
TRIES = 5
SIGN_IN = "sign in"
CODES = ((3, timedelta(minutes=10)), (10, timedelta(days=1)))  # each number of codes in its time


def ask_code(session: Session, typed: str, language: str) -> str:
    """Send a code to a number and return the token that the code is given with.

    Raises WrongMobileNumber, TooManySignInTries as `new_code` does.
    """
    mobile = rules.mobile_number(typed)
    token, code = new_code(session, mobile, SIGN_IN)
    if people_with_mobile(session, mobile, most=1):
        send(session, SIGN_IN_CODE, mobile, language, {"code": code})
    return token


def new_code(session: Session, mobile: str, purpose: str, asked_by: int | None = None) -> tuple[str, str]:
    """A token and the code that goes with it, good for one purpose alone. `asked_by` is the sign-in of who wants the number.

    Raises TooManySignInTries (facts `wait_seconds`) after three codes in ten minutes or ten in a day for one number, or by one sign-in.
    """
    digest, now = tries_digest(f"phone {mobile}"), clock.now()
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": int.from_bytes(digest[:8], signed=True)})
    _check_codes(session, PhoneCode.mobile_digest == digest)
    if asked_by is not None:
        session.execute(select(SignIn.id).where(SignIn.id == asked_by).with_for_update())
        _check_codes(session, PhoneCode.asked_by == asked_by)
    token, code = secrets.token_urlsafe(32), f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    session.add(
        PhoneCode(
            token_hash=token_hash(token), mobile_digest=digest, code_digest=_code_digest(purpose, token, code), created_at=now,
            usable_until=now + LIFE, asked_by=asked_by,
        )
    )  # fmt: skip
    session.flush()
    return token, code


def prove_by_code(
    session: Session, token: str, typed_code: str, typed_mobile: str, person_id: int | None = None, one_time_code: str = ""
) -> Identity:
    """Who got this code. The person's first code opens a sign-in without a password.

    Raises PhoneCodeRefused, WrongMobileNumber, PersonToChoose (facts `people`) where a family shares the number and `person_id`
    names none of it, SecondStepDue and OneTimeCodeRefused where an authenticator is in use. A code is used up by success alone.
    """
    mobile = rules.mobile_number(typed_mobile)
    held = held_code(session, token, typed_code, mobile, SIGN_IN)
    sign_in_id = open_own_sign_in(session, _choose(session, people_with_mobile(session, mobile), person_id))
    identity = identity_of_sign_in(session, sign_in_id)
    if identity is None or needs_password(session, identity):
        raise PhoneCodeRefused
    prove_second_step(session, identity, one_time_code)
    held.used_at = clock.now()
    return identity


def held_code(session: Session, token: str, typed_code: str, mobile: str, purpose: str) -> PhoneCode:
    """The code that was sent for a purpose, locked; who takes it notes that it is used. Raises PhoneCodeRefused, and counts the try."""
    held = session.scalar(select(PhoneCode).where(PhoneCode.token_hash == token_hash(token)).with_for_update())
    if held is None or held.used_at is not None or held.usable_until <= clock.now() or held.tries >= TRIES:
        raise PhoneCodeRefused
    typed = "".join(latin_digits(typed_code).split())
    is_right = hmac.compare_digest(held.code_digest, _code_digest(purpose, token, typed))
    if not is_right or not hmac.compare_digest(held.mobile_digest, tries_digest(f"phone {mobile}")):
        held.tries += 1
        audit.record(session, SIGN_IN_DOOR, "phone_code_refused", "phone_code", held.id)
        raise PhoneCodeRefused
    return held


def _check_codes(session: Session, whose: ColumnElement[bool]) -> None:
    now = clock.now()
    for most, window in CODES:
        asked = select(func.count(), func.min(PhoneCode.created_at)).where(whose, PhoneCode.created_at > now - window)
        count, oldest = session.execute(asked).one()
        if count >= most:
            raise TooManySignInTries(wait_seconds=int((oldest + window - now).total_seconds()) + 1)


def _code_digest(purpose: str, token: str, code: str) -> bytes:
    """Six digits could be tried out: the digest is keyed, and bound to the token that only the asker has and to what it is for."""
    return hmac.digest(load_settings().secret_key.encode(), f"phone code {purpose} {token} {code}".encode(), "sha256")


def _choose(session: Session, people: Sequence[int], person_id: int | None) -> int:
    if person_id is not None and person_id in people:
        return person_id
    if len(people) == 1 and person_id is None:
        return people[0]
    if not people:
        raise PhoneCodeRefused
    raise PersonToChoose(
        people=[{"person": one, "names": names} for one, names in sorted(names_of_people(session, people).items())]
    )
