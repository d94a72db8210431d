"""Releases of the app that the API still answers, and why an older one must be updated.

The app says by `Pilgrim-App` which release it is; who sends none is another program, or an app from before that header, and is answered.
"""

from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import DomainError

HEADER = "Pilgrim-App"


class Why(StrEnum):
    """What would go wrong with the release before: each has its sentence."""

    SAFETY = "safety"
    PASSES = "passes"
    ANSWERS = "answers"


@dataclass(frozen=True, slots=True)
class Release:
    """`why` says that every older release must be updated; None: they may go on."""

    number: int
    why: Why | None = None


# The newest last; a release that forces others is written here with its reason when the server learns to need it.
RELEASES = (Release(1), Release(2))


class AppTooOld(DomainError):
    """Facts: `fault` (safety, passes, answers), `newest`."""

    code = "app_too_old"
    status = 426


def check_release(said: str | None) -> None:
    """Raises AppTooOld, with the newest reason, for a release that a later one forces to go."""
    if said is None or not (said.isascii() and said.isdecimal() and len(said) < 6):
        return
    reasons = [one.why for one in RELEASES if one.why is not None and one.number > int(said)]
    if reasons:
        raise AppTooOld(fault=reasons[-1].value, newest=RELEASES[-1].number)
