"""What a booking may become, and how long places are kept for whom. Pure."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from kernel.calendar import TEHRAN
from reservations.lodging.rules import Party

HOLD = timedelta(minutes=15)
OFFER = timedelta(hours=2)
AWAKE_FROM, AWAKE_UNTIL = 8, 22  # hours between which somebody may be asked to decide
MOST_HOLDS = 4
MOST_NAME = 80


class State(StrEnum):
    HELD = "held"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    LEFT = "left"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    NO_SHOW = "no_show"


LIVE = frozenset({State.HELD, State.CONFIRMED, State.ARRIVED})


class Wanted(NamedTuple):
    """So many of one class of lodging, or of one pool of seats, and who they are for."""

    thing_id: int
    quantity: int
    party: Party


def content_hash(*parts: object) -> int:
    """The same request has the same; a signed 64-bit integer."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:8], signed=True)


def has_ended(held_until: datetime | None, now: datetime) -> bool:
    """Whether a hold has run out; what is not held never does."""
    return held_until is not None and held_until <= now


def offer_until(now: datetime, starts_at: datetime) -> datetime:
    """Two waking hours from now, in the city's time, and never longer than until it begins."""
    local = now.astimezone(TEHRAN)
    if local.hour < AWAKE_FROM:
        local = local.replace(hour=AWAKE_FROM, minute=0, second=0, microsecond=0)
    end = local + OFFER
    night = local.replace(hour=AWAKE_UNTIL, minute=0, second=0, microsecond=0)
    if end > night:
        morning = (night + timedelta(days=1)).replace(hour=AWAKE_FROM)
        end = morning + min(OFFER, end - max(local, night))
    return max(min(end, starts_at), now + HOLD)


def night_totals(prices: Iterable[Sequence[int]]) -> list[int]:
    """What all lines come to, night by night."""
    return [sum(night) for night in zip(*prices, strict=True)]
