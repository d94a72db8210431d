"""A telephone with an authenticator app: what a person does with the secret that a page showed once."""

from datetime import datetime

import pyotp
from sqlalchemy.orm import Session

from identity import second_step
from identity.permissions import Identity
from kernel import clock


def code_at(secret: str, at: datetime) -> str:
    return pyotp.TOTP(secret).at(at)


def with_authenticator(session: Session, identity: Identity, token: str) -> tuple[str, list[str]]:
    """Put an authenticator into use: (secret, recovery codes). Its code of this moment is used up."""
    secret = second_step.begin_authenticator(session, identity)
    codes = second_step.confirm_authenticator(session, identity, code_at(secret, clock.now()), token)
    return secret, codes
