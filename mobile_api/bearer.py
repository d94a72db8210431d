"""How the API knows its visitors: access tokens in the Authorization header."""

from flask import Request
from sqlalchemy.orm import Session

from identity.errors import TokenRefused
from identity.permissions import Identity
from identity.queries import identity_of_sign_in
from identity.tokens import AccessTokens, open_access_tokens, token_key_path
from kernel import clock
from kernel.settings import load_settings
from merchants.tags.errors import ReaderRefused
from merchants.tags.queries import ReaderIdentity, reader_of_key


def access_tokens() -> AccessTokens:
    """The tokens of this process's key file. Raises StartRefused."""
    settings = load_settings()
    return open_access_tokens(token_key_path(settings), may_create=settings.is_laboratory)


def identity_of_bearer(session: Session, http: Request) -> Identity | ReaderIdentity | None:
    """The identity of `Authorization: Bearer …` (RFC 6750), or the tag reader of `Authorization: Reader …`; None without the header.

    Raises TokenRefused, ReaderRefused.
    """
    scheme, _, token = http.headers.get("Authorization", "").partition(" ")
    if token and scheme.lower() == "reader":
        reader = reader_of_key(session, token.strip())
        if reader is None:
            raise ReaderRefused
        return reader
    if not token or scheme.lower() != "bearer":
        return None
    found = identity_of_sign_in(session, access_tokens().read(token.strip(), clock.now()))
    if found is None:
        raise TokenRefused(reason="closed")
    return found
