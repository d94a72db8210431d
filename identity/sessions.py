"""A person's open sessions: end one, end the others, change the password; an operator ends them for somebody."""

from datetime import timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from identity import rules
from identity.errors import SamePassword, SessionNotFound
from identity.models import DeskCode, HalfSignIn, PhoneCode, RefreshToken, SecurityNotice, SignIn, WebSession
from identity.permissions import Identity
from identity.queries import PILGRIM_IDLE
from identity.services import end_proofs, hash_password, prove, revoke_everything
from kernel import audit, clock
from kernel.db import rows_changed
from kernel.errors import BadInput, NotFound
from kernel.repeats import forget_answers

KEPT_AFTER_END = timedelta(days=30)
LONGEST_WHY = 200


def end_session(session: Session, identity: Identity, session_id: int) -> None:
    """End one of the person's own sessions. Raises SessionNotFound."""
    own = (WebSession.id == session_id) & (WebSession.sign_in_id == identity.sign_in_id)
    if not rows_changed(session, update(WebSession).where(own, WebSession.revoked_at.is_(None)).values(revoked_at=clock.now())):
        raise SessionNotFound(session_id=session_id)
    audit.record(session, identity.actor, "end", "web_session", session_id)


def end_other_sessions(session: Session, identity: Identity, token: str) -> None:
    """End all sessions of the person, in browsers and apps, but for the one of this token."""
    end_proofs(session, identity.sign_in_id, but=token)
    audit.record(session, identity.actor, "end_others", "sign_in", identity.sign_in_id)


def end_sessions_of(session: Session, operator: Identity, sign_in_id: int, why: str) -> None:
    """End all sessions of somebody. Raises NotFound, BadInput (`why`)."""
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="why")
    if session.get(SignIn, sign_in_id) is None:
        raise NotFound
    revoke_everything(session, operator.actor, sign_in_id, why)
    session.add(SecurityNotice(sign_in_id=sign_in_id, kind="sessions_ended", at=clock.now()))


def change_password(session: Session, identity: Identity, old: str, new: str, token: str) -> None:
    """Take a new password; every other session and the apps' tokens end.

    A sign-in with the old password waits for this one, or is ended by it. Raises SignInRefused, TooManySignInTries,
    PasswordTooShort, SamePassword.
    """
    rules.check_password(new, "new_password")
    account = session.get_one(SignIn, identity.sign_in_id)
    prove(session, account.name, old)
    if rules.typed_password(old) == rules.typed_password(new):
        raise SamePassword(field="new_password")
    account.password_hash = hash_password(new)
    end_proofs(session, identity.sign_in_id, but=token)
    session.add(SecurityNotice(sign_in_id=identity.sign_in_id, kind="password_changed", at=clock.now()))
    audit.record(session, identity.actor, "change_password", "sign_in", identity.sign_in_id)


def forget_ended(session: Session) -> None:
    """Remove proofs that ended or were left lying a month ago, half sign-ins that are over, and answers kept for repeats."""
    forget_answers(session)
    now = clock.now()
    before = now - KEPT_AFTER_END
    session.execute(delete(WebSession).where((WebSession.revoked_at < before) | (WebSession.seen_at < before - PILGRIM_IDLE)))
    gone = select(RefreshToken.family).group_by(RefreshToken.family)
    alive = (RefreshToken.usable_until >= before) & (RefreshToken.revoked_at.is_(None) | (RefreshToken.revoked_at >= before))
    session.execute(delete(RefreshToken).where(RefreshToken.family.in_(gone.having(~func.bool_or(alive)))))
    session.execute(delete(HalfSignIn).where(HalfSignIn.usable_until < now))
    session.execute(delete(PhoneCode).where(PhoneCode.created_at < now - timedelta(days=1)))
    session.execute(delete(DeskCode).where(DeskCode.usable_until < now))
