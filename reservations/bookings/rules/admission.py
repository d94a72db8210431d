"""What a door says to who knocks: for whom it opens, and why it stays shut. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from kernel.calendar import local_day
from reservations.bookings.rules.states import State

OPENS_BEFORE = timedelta(hours=2)  # a programme begins
REMEMBERED = timedelta(hours=12)  # after it has ended, so that who comes late hears that it is over

OVER = frozenset({State.CANCELLED, State.EXPIRED, State.NO_SHOW})
# Of these a print with an older hour is the reason, and what it does not know yet is what the guest must hear.
BY_OLD_PRINT = {"early": "moved", "other_day": "moved", "over": "moved_over"}
# What is said of several bookings that all stay shut: what the guest can do something about comes first.
ORDER = ("too_many", "in_already", "unpaid", "early", "cancelled", "other_door", "other_day", "over")


class Knocked(NamedTuple):
    """A booking as a door sees it. `inside` of its `people` have come in, the last at `last_in_at`.

    `is_member`: who knocks is one of the party, comes alone, and is counted alone.
    """

    booking_id: int
    organisation_id: int
    is_session: bool
    state: State
    starts_at: datetime
    ends_at: datetime
    rest_rial: int
    people: int
    inside: int = 0
    last_in_at: datetime | None = None
    is_member: bool = False
    member_in_at: datetime | None = None

    @property
    def left(self) -> int:
        return max(0, self.people - self.inside)

    @property
    def opens_at(self) -> datetime:
        return self.starts_at - OPENS_BEFORE if self.is_session else self.starts_at


def fault_of(one: Knocked, organisation_ids: Collection[int], now: datetime, wanted: int | None = None) -> str | None:
    """Why the door stays shut for this booking; None = it opens. `wanted` people come, or all who are not in yet."""
    if one.organisation_id not in organisation_ids:
        return "other_door"
    return _fault_of_state(one) or _fault_of_time(one, now) or _fault_of_people(one, wanted)


def _fault_of_state(one: Knocked) -> str | None:
    if one.state in OVER:
        return "cancelled"
    if one.state == State.LEFT:
        return "over"
    is_due = one.state == State.HELD or (one.state == State.CONFIRMED and one.rest_rial)
    return "unpaid" if is_due else None


def _fault_of_time(one: Knocked, now: datetime) -> str | None:
    if now > one.ends_at:
        return "over"
    is_today = local_day(now) >= local_day(one.starts_at)
    if one.is_session and now >= one.opens_at:  # a night's programme opens before midnight
        return None
    if not is_today:
        return "other_day"
    return "early" if one.is_session else None


def _fault_of_people(one: Knocked, wanted: int | None) -> str | None:
    if not one.left or (one.is_member and one.member_in_at is not None):
        return "in_already"
    return "too_many" if (wanted or 1) > one.left else None


def opens_for(
    found: Sequence[Knocked], organisation_ids: Collection[int], now: datetime, wanted: int | None = None
) -> Knocked | None:
    """The booking that the door opens for: what began first, and of several the one that was made first."""
    open_ones = [one for one in found if fault_of(one, organisation_ids, now, wanted) is None]
    return min(open_ones, key=lambda one: (one.starts_at, one.booking_id), default=None)


def closest(
    found: Sequence[Knocked], organisation_ids: Collection[int], now: datetime, wanted: int | None = None
) -> tuple[Knocked, str] | None:
    """Of bookings that all stay shut the one to speak of, and its fault."""
    shut = [(one, fault) for one in found if (fault := fault_of(one, organisation_ids, now, wanted)) is not None]
    return min(shut, key=lambda pair: (ORDER.index(pair[1]), abs(pair[0].starts_at - now)), default=None)


def let_in(one: Knocked, wanted: int | None) -> int:
    """How many come in: a member alone, else as many as are wanted, else all who are left."""
    return 1 if one.is_member else wanted or one.left
