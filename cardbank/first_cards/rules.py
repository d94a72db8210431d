"""What a wish may come to, and who may have one. Pure."""

from collections.abc import Iterable
from enum import StrEnum

from cardbank.cards.rules import CardStatus
from cardbank.first_cards.errors import CardHeldAlready
from kernel.errors import BadInput

LONGEST_DESK, LONGEST_WHY = 80, 200
# An expired card, too, has a holder and perhaps money: another one takes its place.
HELD = frozenset({CardStatus.ISSUED, CardStatus.ACTIVE, CardStatus.BLOCKED, CardStatus.EXPIRED})


class WishState(StrEnum):
    ASKED = "asked"
    READY = "ready"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN_STATES = (WishState.ASKED, WishState.READY)


def check_has_none(statuses: Iterable[CardStatus]) -> None:
    """Raises CardHeldAlready."""
    if any(status in HELD for status in statuses):
        raise CardHeldAlready


def typed_desk(typed: str) -> str:
    """Raises BadInput."""
    return _sentence(typed, "desk", LONGEST_DESK)


def typed_why(typed: str) -> str:
    """Raises BadInput."""
    return _sentence(typed, "refusal", LONGEST_WHY)


def _sentence(typed: str, field: str, most: int) -> str:
    text = " ".join(typed.split())
    if not 0 < len(text) <= most:
        raise BadInput(field=field)
    return text
