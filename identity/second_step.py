"""Signing in with a one-time code after the password: the authenticator, its recovery codes, and the operator's way out."""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from identity import totp
from identity.errors import (
    AuthenticatorInUse,
    AuthenticatorRequired,
    CodeRefused,
    OneTimeCodeRefused,
    SecondStepDue,
    SecondStepOver,
)
from identity.invitations import code_digest, new_code
from identity.models import Authenticator, HalfSignIn, RecoveryCode, SecurityNotice, SignIn, SignInFailure
from identity.permissions import SECOND_STEP_ROLES, Identity
from identity.queries import has_authenticator, identity_of_sign_in, token_hash
from identity.services import (
    SIGN_IN_DOOR,
    check_tries,
    end_proofs,
    open_session,
    prove,
    revoke_everything,
    tries_digest,
)
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import BadInput, NotPermitted
from kernel.sealing import open_sealed, seal
from kernel.settings import load_settings

RECOVERY_CODES = 10
LONGEST_WHY = 200
PURPOSE = "authenticator"


def begin_authenticator(session: Session, identity: Identity) -> str:
    """The secret of a new authenticator, to be shown once; it counts when its first code is confirmed.

    Raises AuthenticatorInUse.
    """
    held = _lock(session, identity.sign_in_id)
    if held is not None and held.confirmed_at is not None:
        raise AuthenticatorInUse
    secret = totp.new_secret()
    sealed, now = seal(PURPOSE, secret, str(identity.sign_in_id)), clock.now()
    if held is None:
        session.add(Authenticator(sign_in_id=identity.sign_in_id, secret_sealed=sealed, created_at=now))
    else:
        held.secret_sealed, held.created_at = sealed, now
    session.flush()
    audit.record(session, identity.actor, "begin", "authenticator", identity.sign_in_id)
    return secret


def confirm_authenticator(session: Session, identity: Identity, typed: str, session_token: str) -> list[str]:
    """Put the new authenticator into use by its first code; the recovery codes, to be shown once.

    Sessions that were opened without it end, but for this one. Raises OneTimeCodeRefused, TooManySignInTries,
    AuthenticatorInUse.
    """
    if has_authenticator(session, identity.sign_in_id):
        raise AuthenticatorInUse
    held = _take_code(session, identity.sign_in_id, typed, may_recover=False)
    held.confirmed_at = clock.now()
    end_proofs(session, identity.sign_in_id, but=session_token)
    _note(session, identity.actor, identity.sign_in_id, "authenticator_added")
    return _new_codes(session, identity.sign_in_id)


def renew_recovery_codes(session: Session, identity: Identity, typed: str) -> list[str]:
    """A new set of recovery codes; the old ones end. Raises OneTimeCodeRefused, TooManySignInTries."""
    _take_code(session, identity.sign_in_id, typed, may_recover=False)
    _note(session, identity.actor, identity.sign_in_id, "recovery_codes_renewed")
    return _new_codes(session, identity.sign_in_id)


def remove_authenticator(session: Session, identity: Identity, typed: str) -> None:
    """Take the authenticator off, by a last code. Raises AuthenticatorRequired, OneTimeCodeRefused, TooManySignInTries."""
    if load_settings().requires_second_step and identity.roles & SECOND_STEP_ROLES:
        raise AuthenticatorRequired
    _take_code(session, identity.sign_in_id, typed, may_recover=True)
    _forget(session, identity.sign_in_id)
    _note(session, identity.actor, identity.sign_in_id, "authenticator_removed")


def reset_authenticator(session: Session, operator: Identity, sign_in_id: int, why: str) -> None:
    """Take off the authenticator of somebody who lost it, and end all that was opened with it. The holder is told.

    Raises NotPermitted for one's own, BadInput (`why`).
    """
    if sign_in_id == operator.sign_in_id:
        raise NotPermitted
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="why")
    _lock(session, sign_in_id)
    _forget(session, sign_in_id)
    revoke_everything(session, operator.actor, sign_in_id, why)
    _note(session, operator.actor, sign_in_id, "authenticator_reset", why)


def finish_sign_in(session: Session, half_token: str, typed: str, device: str) -> tuple[Identity, str]:
    """Open the web session that the password began: (identity, token).

    Raises SecondStepOver, OneTimeCodeRefused, TooManySignInTries.
    """
    half = session.scalar(select(HalfSignIn).where(HalfSignIn.token_hash == token_hash(half_token)))
    if half is None:
        raise SecondStepOver
    _lock(session, half.sign_in_id)
    session.refresh(half)
    if half.used_at is not None or half.usable_until <= clock.now():
        raise SecondStepOver
    _take_code(session, half.sign_in_id, typed, may_recover=True)
    half.used_at = clock.now()
    identity = identity_of_sign_in(session, half.sign_in_id)
    if identity is None:
        raise SecondStepOver
    return identity, open_session(session, identity, device)


def prove_fully(session: Session, name: str, password: str, typed: str, address: str) -> Identity:
    """Who this name, password and, where an authenticator is in use, one-time code are.

    Raises SignInRefused, TooManySignInTries, SecondStepDue where the code is missing, OneTimeCodeRefused.
    """
    identity = prove(session, name, password, address)
    prove_second_step(session, identity, typed)
    return identity


def prove_second_step(session: Session, identity: Identity, typed: str) -> None:
    """Take the one-time code of who has an authenticator. Raises SecondStepDue where it is missing, OneTimeCodeRefused."""
    if has_authenticator(session, identity.sign_in_id):
        if not typed:
            raise SecondStepDue
        _take_code(session, identity.sign_in_id, typed, may_recover=True)


def _take_code(session: Session, sign_in_id: int, typed: str, *, may_recover: bool) -> Authenticator:
    """Use a code up: the app's of a step that is newer than the last one taken, else a recovery code. Failures are counted."""
    held, digest, now = _lock(session, sign_in_id), tries_digest(f"second step {sign_in_id}"), clock.now()
    if held is None:
        raise OneTimeCodeRefused
    check_tries(session, digest, now)
    code = totp.typed_code(typed)
    secret = open_sealed(PURPOSE, held.secret_sealed, str(sign_in_id))
    step = totp.step_of_code(secret, code, now, held.last_step) if code else None
    if step is not None:
        held.last_step = step
    elif not (may_recover and held.confirmed_at and _use_recovery_code(session, sign_in_id, typed)):
        session.add(SignInFailure(name_digest=digest, at=now))
        audit.record(session, SIGN_IN_DOOR, "one_time_code_refused", "sign_in", sign_in_id)
        session.flush()
        raise OneTimeCodeRefused
    session.execute(delete(SignInFailure).where(SignInFailure.name_digest == digest))
    return held


def _use_recovery_code(session: Session, sign_in_id: int, typed: str) -> bool:
    try:
        digest = code_digest(typed, f"recovery {sign_in_id}")
    except CodeRefused:
        return False
    unused = (RecoveryCode.code_digest == digest) & RecoveryCode.used_at.is_(None)
    code = session.scalar(select(RecoveryCode).where(unused, RecoveryCode.sign_in_id == sign_in_id))
    if code is None:
        return False
    code.used_at = clock.now()
    _note(session, SIGN_IN_DOOR, sign_in_id, "recovery_code_used")
    return True


def _new_codes(session: Session, sign_in_id: int) -> list[str]:
    session.execute(delete(RecoveryCode).where(RecoveryCode.sign_in_id == sign_in_id))
    codes = [new_code() for _ in range(RECOVERY_CODES)]
    purpose = f"recovery {sign_in_id}"
    session.add_all(RecoveryCode(sign_in_id=sign_in_id, code_digest=code_digest(code, purpose)) for code in codes)
    session.flush()
    return codes


def _forget(session: Session, sign_in_id: int) -> None:
    for table in (RecoveryCode, Authenticator):
        session.execute(delete(table).where(table.sign_in_id == sign_in_id))


def _lock(session: Session, sign_in_id: int) -> Authenticator | None:
    """The authenticator, once everything else that concerns this sign-in's proofs has been kept away."""
    session.execute(select(SignIn.id).where(SignIn.id == sign_in_id).with_for_update())
    return session.get(Authenticator, sign_in_id, populate_existing=True)


def _note(session: Session, actor: Actor, sign_in_id: int, kind: str, why: str | None = None) -> None:
    """Write down a change of how an account is protected, and tell its holder."""
    session.add(SecurityNotice(sign_in_id=sign_in_id, kind=kind, at=clock.now()))
    session.flush()
    audit.record(session, actor, kind, "sign_in", sign_in_id, why=why)
