"""Fair order on a waiting list: nobody is overtaken by who came later and wants the same things in the same nights. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from kernel.calendar import TEHRAN
from reservations.bookings.rules.states import Wanted
from reservations.lodging.rules import ARRIVAL, Nights

# So shortly before the beginning, places that the first in line cannot use all of go to who can.
SOON = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Wish:
    """Somebody in line: all of `wanted`, or nothing. A date of a programme has no nights: its pools are its own."""

    waiting_id: int
    wanted: tuple[Wanted, ...]
    nights: Nights | None
    starts_at: datetime

    def competes_with(self, other: "Wish") -> bool:
        """Whether both want some of the same places."""
        same = {one.thing_id for one in self.wanted} & {one.thing_id for one in other.wanted}
        if self.nights is None or other.nights is None:
            return bool(same) and self.nights is other.nights
        return bool(same) and self.nights.overlaps(other.nights)


def first_kept(now: datetime) -> date:
    """The first evening that so much time is left to that its places are kept for who waits."""
    soon = (now + SOON).astimezone(TEHRAN)
    return soon.date() if soon.time() < ARRIVAL else soon.date() + timedelta(days=1)


def is_behind(wish: Wish, unserved: Iterable[Wish], now: datetime) -> bool:
    """Whether somebody before it still waits for the same, unless what they leave would stay empty."""
    return any(wish.competes_with(earlier) and earlier.starts_at - now > SOON for earlier in unserved)


def kept_for_others(wish: Wish, line: Sequence[Wish], now: datetime) -> dict[int, int]:
    """How much of each thing belongs to those in line before somebody who only comes now."""
    kept: dict[int, int] = {}
    for earlier in line:
        if wish.competes_with(earlier) and earlier.starts_at - now > SOON:
            for one in earlier.wanted:
                kept[one.thing_id] = kept.get(one.thing_id, 0) + one.quantity
    return kept
