"""Use cases of people, organisations and signing in."""

import hmac
import secrets
import uuid
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, text, true, update
from sqlalchemy.orm import Session

from identity import rules
from identity.errors import (
    DocumentTaken,
    SecondStepDue,
    SignInNameTaken,
    SignInRefused,
    TokenRefused,
    TooManySignInTries,
)
from identity.models import (
    Document,
    HalfSignIn,
    Membership,
    Organisation,
    Person,
    RefreshToken,
    SignIn,
    SignInFailure,
    WebSession,
)
from identity.permissions import Identity, Role
from identity.queries import has_authenticator, identity_of_sign_in, live_session, token_hash
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import BadInput
from kernel.languages import LANGUAGES
from kernel.settings import load_settings
from kernel.text import search_key

TRY_WINDOW = timedelta(minutes=5)
TRIES = 5
TRIES_OF_ALL = 100  # of everybody together under one name
SEEN_STEP = timedelta(minutes=5)
REFRESH_LIFE = timedelta(days=60)
HALF_SIGN_IN_LIFE = timedelta(minutes=5)

NO_PASSWORD = ""  # fits none: argon2 refuses to read it

SIGN_IN_DOOR = Actor.system("sign-in")

_hasher = PasswordHasher()  # argon2id with the RFC 9106 low-memory parameters


def enrol_person(
    session: Session,
    actor: Actor,
    names: dict[str, str],
    language: str,
    *,
    national_id: str | None = None,
    passport: tuple[str, str] | None = None,
    foreign_code: str | None = None,
    mobile: str | None = None,
    is_fictional: bool = False,
) -> Person:
    """Put a person on record. `passport` is (country as ISO 3166-1 alpha-3, number).

    Raises WrongNationalId, WrongPassportNumber, WrongForeignCode, WrongMobileNumber, DocumentTaken, BadInput (names, language).
    """
    _check_names(names, language)
    person = Person(
        names=names,
        language=language,
        mobile=rules.mobile_number(mobile) if mobile else None,
        is_fictional=is_fictional,
    )
    session.add(person)
    session.flush()
    if national_id:
        _add_document(session, person.id, "national_id", "IRN", rules.national_id(national_id))
    if passport:
        country, number = passport
        if len(country) != 3 or not country.isascii() or not country.isupper():
            raise BadInput(field="passport_country")
        _add_document(session, person.id, "passport", country, rules.passport_number(number))
    if foreign_code:
        _add_document(session, person.id, "foreign_code", "IRN", rules.foreign_code(foreign_code))
    audit.record(session, actor, "enrol", "person", person.id)
    return person


def _check_names(names: dict[str, str], language: str) -> None:
    if language not in LANGUAGES:
        raise BadInput(field="language")
    if not names or not all(key in LANGUAGES and value.strip() for key, value in names.items()):
        raise BadInput(field="names")


def _add_document(session: Session, person_id: int, kind: str, country: str, number: str) -> None:
    taken = select(Document.id).where(Document.kind == kind, Document.country == country, Document.number == number)
    if session.scalar(taken):
        raise DocumentTaken(kind=kind)
    session.add(Document(person_id=person_id, kind=kind, country=country, number=number))
    session.flush()


def found_organisation(
    session: Session,
    actor: Actor,
    kind: str,
    names: dict[str, str],
    *,
    legal_name: str | None = None,
    is_fictional: bool = False,
) -> Organisation:
    """Put an organisation on record; `kind` is merchant, union, municipality, city_office, operator, sponsor or endowment."""
    organisation = Organisation(kind=kind, names=names, legal_name=legal_name, is_fictional=is_fictional)
    session.add(organisation)
    session.flush()
    audit.record(session, actor, "found", "organisation", organisation.id, after={"kind": kind, "names": names})
    return organisation


def add_member(
    session: Session,
    actor: Actor,
    person_id: int,
    role: Role,
    organisation_id: int | None = None,
    branch_id: int | None = None,
) -> Membership:
    """Give a person a role in an organisation (a pilgrim's in none). Raises BadInput where one is missing."""
    if (role is Role.PILGRIM) != (organisation_id is None):
        raise BadInput(field="organisation_id")
    membership = Membership(person_id=person_id, organisation_id=organisation_id, role=role.value, branch_id=branch_id)
    session.add(membership)
    session.flush()
    facts = {"role": role.value, "organisation_id": organisation_id, "branch_id": branch_id}
    audit.record(session, actor, "add_member", "person", person_id, after=facts)
    return membership


def open_sign_in(session: Session, actor: Actor, person_id: int, name: str, password: str, language: str) -> SignIn:
    """Give a person a name and password, also who has signed in by phone alone so far.

    Raises PasswordTooShort, SignInNameTaken, BadInput (name).
    """
    rules.check_password(password)
    key = search_key(name)
    if not 3 <= len(key) <= 80:
        raise BadInput(field="name")
    if session.scalar(select(SignIn.id).where(SignIn.name_key == key)):
        raise SignInNameTaken(field="name")
    without = (SignIn.person_id == person_id) & (SignIn.password_hash == NO_PASSWORD)
    opened = session.scalar(select(SignIn).where(without).with_for_update()) or SignIn(person_id=person_id)
    opened.name, opened.name_key, opened.language = name.strip(), key, language
    opened.password_hash = hash_password(password)
    session.add(opened)
    session.flush()
    audit.record(session, actor, "open", "sign_in", opened.id)
    return opened


def sign_in(session: Session, name: str, password: str, device: str = "", address: str = "") -> tuple[Identity, str]:
    """Check name and password and open a web session: (identity, its token, to be shown to nobody but the browser).

    Raises SignInRefused, TooManySignInTries as `prove` does, and SecondStepDue where an authenticator is in use.
    """
    identity = prove(session, name, password, address)
    if has_authenticator(session, identity.sign_in_id):
        raise SecondStepDue(_begin_half(session, identity.sign_in_id))
    return identity, open_session(session, identity, device)


def open_session(session: Session, identity: Identity, device: str) -> str:
    """The token of a new web session of somebody who has proved who they are."""
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        WebSession(token_hash=token_hash(token), sign_in_id=identity.sign_in_id, created_at=now, seen_at=now, device=device)
    )
    audit.record(session, identity.actor, "sign_in", "sign_in", identity.sign_in_id)
    return token


def _begin_half(session: Session, sign_in_id: int) -> str:
    token = secrets.token_urlsafe(32)
    half = HalfSignIn(token_hash=token_hash(token), sign_in_id=sign_in_id, usable_until=clock.now() + HALF_SIGN_IN_LIFE)
    session.add(half)
    session.flush()
    return token


def prove(session: Session, name: str, password: str, address: str = "") -> Identity:
    """Who this name and password are, which is half of a sign-in for who has an authenticator; counts failures.

    Failures are counted by where they come from, so that a stranger who knows a name keeps nobody else out by it, and from
    everywhere together. Raises SignInRefused, TooManySignInTries (facts `wait_seconds`) after 5 of a client or 100 in all within
    5 minutes under one name.
    """
    key, now = search_key(name), clock.now()
    whole, digest = tries_digest(key), tries_digest(f"{key} from {rules.client_of(address)}")
    lock = {"key": int.from_bytes(whole[:8], signed=True)}
    session.execute(text("SELECT pg_advisory_xact_lock(:key)"), lock)
    check_tries(session, digest, now)
    check_tries(session, whole, now, TRIES_OF_ALL)
    account = session.scalar(select(SignIn).where(SignIn.name_key == key, SignIn.closed_at.is_(None)))
    if not secret_fits(account.password_hash if account else None, rules.typed_password(password)) or account is None:
        session.add_all(SignInFailure(name_digest=one, at=now) for one in (digest, whole))
        audit.record(session, SIGN_IN_DOOR, "sign_in_refused", "sign_in", account.id if account else "unknown")
        raise SignInRefused
    session.execute(delete(SignInFailure).where(SignInFailure.name_digest == digest))
    if _hasher.check_needs_rehash(account.password_hash):
        account.password_hash = hash_password(password)
    identity = identity_of_sign_in(session, account.id)
    if identity is None:
        raise SignInRefused
    return identity


def tries_digest(key: str) -> bytes:
    """Under what failures are counted: keyed, as people type passwords into the wrong field."""
    return hmac.digest(load_settings().secret_key.encode(), key.encode(), "sha256")


def check_tries(session: Session, digest: bytes, now: datetime, most: int = TRIES) -> None:
    """Raises TooManySignInTries. The caller holds a lock that keeps other tries of the same kind away."""
    session.execute(delete(SignInFailure).where(SignInFailure.at <= now - TRY_WINDOW))
    failures = select(func.count(), func.min(SignInFailure.at)).where(SignInFailure.name_digest == digest)
    count, oldest = session.execute(failures).one()
    if count >= most:
        raise TooManySignInTries(wait_seconds=int((oldest + TRY_WINDOW - now).total_seconds()) + 1)


def hash_password(password: str) -> str:
    return _hasher.hash(rules.typed_password(password))


def secret_fits(kept_hash: str | None, secret: str) -> bool:
    """Whether a secret is the one that was hashed; without a hash it fits none, and that takes as long as a wrong one."""
    try:
        return _hasher.verify(kept_hash or _no_password(), secret)
    except (VerificationError, InvalidHashError):
        return False


@cache
def _no_password() -> str:
    """A hash that nobody has the secret of."""
    return _hasher.hash(secrets.token_urlsafe(32))


def resume_session(session: Session, token: str) -> Identity | None:
    """The identity of a web session, which stays alive by being used (noted every five minutes)."""
    live = live_session(session, token)
    if live is None:
        return None
    identity, seen_at = live
    if (now := clock.now()) - seen_at > SEEN_STEP:
        used = update(WebSession).where(WebSession.token_hash == token_hash(token))
        session.execute(used.values(seen_at=now))
    return identity


def sign_out(session: Session, token: str) -> None:
    """End the web session of this token; nothing happens where there is none."""
    session.execute(
        update(WebSession)
        .where(WebSession.token_hash == token_hash(token), WebSession.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )


def revoke_everything(session: Session, actor: Actor, sign_in_id: int, why: str) -> None:
    """End every web session and refresh token of a sign-in."""
    end_proofs(session, sign_in_id)
    audit.record(session, actor, "revoke_sessions", "sign_in", sign_in_id, why=why)


def end_proofs(session: Session, sign_in_id: int, *, but: str | None = None) -> None:
    """End what proves a sign-in, but for the web session of one token.

    The sign-in is locked first: a renewal that is under way ends before, so that its new token is seen and ended too.
    """
    session.execute(select(SignIn.id).where(SignIn.id == sign_in_id).with_for_update())
    now = clock.now()
    kept = WebSession.token_hash != token_hash(but) if but else true()
    for table, others in ((WebSession, kept), (RefreshToken, true())):
        live = (table.sign_in_id == sign_in_id) & table.revoked_at.is_(None) & others
        session.execute(update(table).where(live).values(revoked_at=now))
    unfinished = (HalfSignIn.sign_in_id == sign_in_id) & HalfSignIn.used_at.is_(None)
    session.execute(update(HalfSignIn).where(unfinished).values(used_at=now))


def begin_refresh(session: Session, sign_in_id: int) -> str:
    """The first refresh token of a new family."""
    return _new_refresh(session, sign_in_id, str(uuid.uuid4()))


def rotate_refresh(session: Session, token: str) -> tuple[Identity, str]:
    """Use a refresh token up: (identity, its successor).

    Raises TokenRefused; one that was used before ends its whole family, as two parties hold it then.
    """
    owner = session.scalar(select(RefreshToken.sign_in_id).where(RefreshToken.token_hash == token_hash(token)))
    session.execute(select(SignIn.id).where(SignIn.id == owner).with_for_update(read=True, key_share=True))
    row = session.scalar(select(RefreshToken).where(RefreshToken.token_hash == token_hash(token)).with_for_update())
    if row is None or row.revoked_at is not None:
        raise TokenRefused(reason="unknown")
    now = clock.now()
    if row.used_at is not None:
        _revoke_family(session, row.family)
        audit.record(session, SIGN_IN_DOOR, "refresh_token_reused", "sign_in", row.sign_in_id)
        raise TokenRefused(reason="reused")
    identity = identity_of_sign_in(session, row.sign_in_id)
    if row.usable_until <= now or identity is None:
        raise TokenRefused(reason="expired")
    row.used_at = now
    return identity, _new_refresh(session, row.sign_in_id, row.family)


def end_refresh(session: Session, token: str) -> None:
    """End the family of a refresh token; nothing happens where there is none."""
    family = session.scalar(select(RefreshToken.family).where(RefreshToken.token_hash == token_hash(token)))
    if family is not None:
        _revoke_family(session, family)


def _revoke_family(session: Session, family: str) -> None:
    live = (RefreshToken.family == family) & RefreshToken.revoked_at.is_(None)
    session.execute(update(RefreshToken).where(live).values(revoked_at=clock.now()))


def _new_refresh(session: Session, sign_in_id: int, family: str) -> str:
    token, now = secrets.token_urlsafe(32), clock.now()
    session.add(
        RefreshToken(
            token_hash=token_hash(token),
            family=family,
            sign_in_id=sign_in_id,
            created_at=now,
            usable_until=now + REFRESH_LIFE,
        )
    )
    session.flush()
    return token
