"""One request inside its unit of work."""

from dataclasses import dataclass
from typing import Generic, Protocol

from flask import Request
from sqlalchemy.orm import Session
from typing_extensions import TypeVar

from kernel.errors import DomainError
from kernel.languages import DEFAULT_LANGUAGE, LANGUAGES

LANGUAGE_COOKIE = "language"


class SignInRequired(DomainError):
    """The page or resource needs a sign-in and the visitor has none that is valid."""

    code = "sign_in_required"
    status = 401


class SecondStepMissing(DomainError):
    """The visitor's role may not work before an authenticator is in use."""

    code = "second_step_missing"
    status = 403


class Identified(Protocol):
    """What the doors need of a signed-in person; `identity.permissions.Identity` is one."""

    @property
    def language(self) -> str: ...

    @property
    def lacks_second_step(self) -> bool: ...

    def can(self, permission: str, organisation_id: int | None = None) -> bool: ...


Who_co = TypeVar("Who_co", bound=Identified | None, default=Identified | None, covariant=True)


@dataclass(frozen=True, slots=True)
class Visit(Generic[Who_co]):
    """`identity` is None for a visitor who has not signed in, which only public routes meet; `identity.visits` names both."""

    session: Session
    identity: Who_co
    language: str


def language_of(request: Request, identity: Identified | None = None) -> str:
    """The language asked for in the address, kept in the cookie, of the account, of the browser; Persian else.

    An app, which comes with a token, says with each request which language its holder reads just now: that goes before the account's.
    """
    said, own = request.accept_languages.best_match(LANGUAGES), identity.language if identity else None
    last = (said, own) if "Authorization" in request.headers else (own, said)
    for asked in (request.args.get("lang"), request.cookies.get(LANGUAGE_COOKIE), *last):
        if asked in LANGUAGES:
            return asked
    return DEFAULT_LANGUAGE
