"""What is asked for, who may do what next, and how a permit stands on a day. Pure; days are given."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

import jdatetime

from merchants.permits.errors import PermitDecided, PermitIncomplete

MOST_WORDS, MOST_SPOT, MOST_CONDITIONS, MOST_WHY = 500, 200, 1000, 400
MOST_PAPERS = 5
FARTHEST, LONGEST = timedelta(days=365), timedelta(days=3 * 366)
NOTICE_DAYS = (14, 3)


class Kind(StrEnum):
    STALL = "stall"
    PAVEMENT = "pavement"
    STATION = "station"
    MARKET = "market"
    SIGNAGE = "signage"


class State(StrEnum):
    ASKED = "asked"
    GRANTED = "granted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    GIVEN_UP = "given_up"


class Act(StrEnum):
    GRANT = "grant"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    GIVE_UP = "give_up"


class Standing(StrEnum):
    VALID = "valid"
    LATER = "later"
    OVER = "over"
    NOT_GRANTED = "not_granted"
    WITHDRAWN = "withdrawn"


STEPS = {
    (State.ASKED, Act.GRANT): State.GRANTED,
    (State.ASKED, Act.REFUSE): State.REFUSED,
    (State.ASKED, Act.GIVE_UP): State.GIVEN_UP,
    (State.GRANTED, Act.WITHDRAW): State.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What for, and where exactly; `ends_on` is the last day."""

    kind: str
    words: str
    spot: str
    starts_on: date
    ends_on: date


def check_wanted(said: Wanted, today: date) -> None:
    """Raises PermitIncomplete, which names the field."""
    if said.kind not in set(Kind):
        raise PermitIncomplete(field="kind")
    for field, typed, most in (("words", said.words, MOST_WORDS), ("spot", said.spot, MOST_SPOT)):
        if not 0 < len(typed) <= most:
            raise PermitIncomplete(field=field, most=most)
    if not today <= said.starts_on <= today + FARTHEST:
        raise PermitIncomplete(field="starts_on")
    if not said.starts_on <= said.ends_on <= said.starts_on + LONGEST:
        raise PermitIncomplete(field="ends_on")


def next_state(state: State, act: Act) -> State:
    """Raises PermitDecided."""
    if (state, act) not in STEPS:
        raise PermitDecided
    return STEPS[state, act]


def checked_words(act: Act, typed: str) -> str:
    """The conditions of a grant, which may be none, or the reason of anything else. Raises PermitIncomplete."""
    field, most = ("conditions", MOST_CONDITIONS) if act is Act.GRANT else ("why", MOST_WHY)
    words = "\n".join(" ".join(line.split()) for line in typed.strip().splitlines())
    if len(words) > most or not (words or act is Act.GRANT):
        raise PermitIncomplete(field=field, most=most)
    return words


def standing(state: State, starts_on: date, ends_on: date, today: date) -> Standing:
    if state is State.WITHDRAWN:
        return Standing.WITHDRAWN
    if state is not State.GRANTED:
        return Standing.NOT_GRANTED
    if today < starts_on:
        return Standing.LATER
    return Standing.VALID if today <= ends_on else Standing.OVER


def reminder_due(ends_on: date, noticed_days: int | None, today: date) -> int | None:
    """How many days before the end to remind of, where that was not done yet; None where there is nothing to say."""
    left = (ends_on - today).days
    due = min((days for days in NOTICE_DAYS if left <= days), default=None)
    return None if due is None or left < 0 or (noticed_days is not None and noticed_days <= due) else due


def number_of(permit_id: int, asked_on: date) -> str:
    """As it is said and printed: the Jalali year in which it was asked for, and its own number."""
    return f"{jdatetime.date.fromgregorian(date=asked_on).year}-{permit_id}"
