"""The causes and states of a complaint, its clock, and what a ceiling says of a price. Pure; instants are given."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct

from merchants.complaints.errors import (
    ComplaintWordsMissing,
    OrderAmountWrong,
    OrderNotPossible,
    UnknownCause,
)

MOST_WORDS = 1000
MOST_PICTURES = 5
SMALLEST_GROUP = 10
# The bank takes a new request under a key of the last ten days; an order that nobody paid by then is made anew.
ORDER_LIVES = timedelta(days=7)


class Cause(StrEnum):
    OVERCHARGE = "overcharge"
    BAD_GOODS = "bad_goods"
    RUDE = "rude"
    WRONG_DATA = "wrong_data"
    TERMINAL = "terminal"
    OTHER = "other"


class State(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    RESOLVED = "resolved"
    REFUSED = "refused"


class Act(StrEnum):
    """What an office does with a complaint. `heard` writes down what the complainant said by another way, such as the telephone."""

    NOTE = "note"
    ASK = "ask"
    HEARD = "heard"
    RESOLVE = "resolve"
    REFUSE = "refuse"


class Party(StrEnum):
    COMPLAINANT = "complainant"
    SHOP = "shop"
    UNION = "union"
    MUNICIPALITY = "municipality"
    SYSTEM = "system"


class Audience(StrEnum):
    """Who reads a note beside the office."""

    ALL = "all"
    COMPLAINANT = "complainant"
    SHOP = "shop"
    OFFICE = "office"


CLOSED = frozenset({State.RESOLVED, State.REFUSED})
OPEN = frozenset(State) - CLOSED
READ_BY = {
    Party.COMPLAINANT: frozenset({Audience.ALL, Audience.COMPLAINANT}),
    Party.SHOP: frozenset({Audience.ALL, Audience.SHOP}),
    Party.UNION: frozenset(Audience),
    Party.MUNICIPALITY: frozenset(Audience),
}
_AFTER = {
    Act.NOTE: State.IN_PROGRESS,
    Act.ASK: State.WAITING,
    Act.HEARD: State.IN_PROGRESS,
    Act.RESOLVE: State.RESOLVED,
    Act.REFUSE: State.REFUSED,
}


class OrderState(StrEnum):
    """`upheld` and `overturned` are what the municipality found on an appeal; the money has moved in each but the first two."""

    PROPOSED = "proposed"
    WITHDRAWN = "withdrawn"
    PAID = "paid"
    APPEALED = "appealed"
    UPHELD = "upheld"
    OVERTURNED = "overturned"


@dataclass(frozen=True, slots=True)
class Clock:
    """When an answer is due, and since when the complainant is waited for, None while the clock runs."""

    due_at: datetime
    waiting_since: datetime | None = None

    def waits(self, now: datetime) -> "Clock":
        return self if self.waiting_since is not None else replace(self, waiting_since=now)

    def goes_on(self, now: datetime) -> "Clock":
        """What was waited is added; a clock that runs is not moved."""
        if self.waiting_since is None:
            return self
        return Clock(self.due_at + max(now - self.waiting_since, timedelta(0)))

    def is_over(self, now: datetime) -> bool:
        return self.waiting_since is None and now > self.due_at


class GoodsLine(Struct, frozen=True):
    """What was bought, with the union's ceiling for one unit at that time, None where none is known."""

    text: str
    count: int
    each_rial: int
    ceiling_rial: int | None = None

    @property
    def over_rial(self) -> int:
        return 0 if self.ceiling_rial is None else self.count * max(0, self.each_rial - self.ceiling_rial)


def overcharged_rial(lines: Iterable[GoodsLine]) -> int:
    """What of a basket passes its ceilings."""
    return sum(line.over_rial for line in lines)


def state_after(state: State, act: Act) -> State:
    """A note leaves the complainant waited for; whatever an office does first takes the complaint up."""
    return state if act is Act.NOTE and state is State.WAITING else _AFTER[act]


def typed_cause(typed: str) -> Cause:
    """Raises UnknownCause."""
    try:
        return Cause(typed)
    except ValueError:
        raise UnknownCause(field="cause") from None


def typed_words(typed: str, field: str, *, is_needed: bool = True) -> str:
    """What somebody wrote, its lines kept. Raises ComplaintWordsMissing."""
    words = "\n".join(" ".join(line.split()) for line in typed.strip().splitlines())
    if len(words) > MOST_WORDS or (is_needed and not words):
        raise ComplaintWordsMissing(field=field, most=MOST_WORDS)
    return words


def check_order(amount_rial: int, left_rial: int) -> None:
    """Raises OrderNotPossible where nothing is left to refund, OrderAmountWrong."""
    if left_rial <= 0:
        raise OrderNotPossible(fault="purchase")
    if not 0 < amount_rial <= left_rial:
        raise OrderAmountWrong(field="amount", left_rial=left_rial)


def is_lapsed(ordered_at: datetime, now: datetime) -> bool:
    return now - ordered_at > ORDER_LIVES


def may_appeal(state: OrderState, paid_at: datetime | None, now: datetime, days: int) -> bool:
    return state is OrderState.PAID and paid_at is not None and now <= paid_at + timedelta(days=days)


@dataclass(frozen=True, slots=True)
class Index:
    """What is published of a trade: complaints on a thousand sales, and the middle number of days to a decision, None where hidden."""

    per_thousand: float | None
    median_days: float | None


def published(complaints: int, sales: int, median_days: float | None) -> Index:
    """Fewer than ten complaints say more of single shops than of a trade, and are not shown; nor are more complaints than sales."""
    if complaints < SMALLEST_GROUP or sales < complaints:
        return Index(None, None)
    return Index(round(1000 * complaints / sales, 1), None if median_days is None else round(median_days, 1))
