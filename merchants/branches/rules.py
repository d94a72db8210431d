"""How what is asked for a branch moves on. Pure."""

from datetime import timedelta
from enum import StrEnum

from merchants.branches.errors import BranchWishDecided, BranchWishIncomplete

MOST_WHY = 400
MOVE_TOLD = timedelta(days=180)  # so long the page says that the shop is at a new place


class Kind(StrEnum):
    """What is asked for."""

    OPEN = "open"
    MOVE = "move"


class State(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    GIVEN_UP = "given_up"


class Act(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    GIVE_UP = "give_up"


AFTER = {Act.APPROVE: State.APPROVED, Act.REFUSE: State.REFUSED, Act.GIVE_UP: State.GIVEN_UP}


def next_state(state: State, act: Act) -> State:
    """Only what waits is decided. Raises BranchWishDecided."""
    if state is not State.ASKED:
        raise BranchWishDecided
    return AFTER[act]


def checked_reason(typed: str) -> str:
    """Raises BranchWishIncomplete."""
    reason = " ".join(typed.split())
    if not 3 <= len(reason) <= MOST_WHY:
        raise BranchWishIncomplete(field="why", most=MOST_WHY)
    return reason
