"""How the API knows its visitors: access tokens in the Authorization header."""

from flask import Request
from sqlalchemy.orm import Session

from identity.errors import TokenRefused
from identity.permissions import Identity
from identity.queries import identity_of_sign_in
from identity.tokens import AccessTokens, open_access_tokens, token_key_path
from kernel import clock
from kernel.settings import load_settings


def access_tokens() -> AccessTokens:
    """The tokens of this process's key file. Raises StartRefused."""
    settings = load_settings()
    return open_access_tokens(token_key_path(settings), may_create=settings.is_laboratory)


def identity_of_bearer(session: Session, http: Request) -> Identity | None:
    """The identity of `Authorization: Bearer …` (RFC 6750); None without the header. Raises TokenRefused."""
    scheme, _, token = http.headers.get("Authorization", "").partition(" ")
    if not token or scheme.lower() != "bearer":
        return None
    found = identity_of_sign_in(session, access_tokens().read(token.strip(), clock.now()))
    if found is None:
        raise TokenRefused(reason="closed")
    return found
