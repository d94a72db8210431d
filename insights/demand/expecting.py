"""Who is expected on the days to come, beside the beds there are. Reads only.

A forecast is made of figures that may be shown, so it tells nothing that they do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.models import Coming
from insights.demand.arrivals import learnt_of
from insights.demand.queries import Day
from insights.demand.rules.forecast import Expected, Learnt, sorts_of, told
from insights.demand.rules.reported import again
from insights.demand.rules.showing import FULL_FROM, Figure, figure
from insights.demand.supply import window
from insights.reported import ReportedCount, reported_counts
from insights.rules import ROUND_COUNT_TO
from kernel.moon import Moon

REPORTED_PLACES = {"mashhad": "Mashhad", "qom": "Qom"}


@dataclass(frozen=True, slots=True)
class Ahead:
    """A day to come. None where too few days are over to expect anything."""

    day: date
    arriving: Figure
    arrivals: Expected | None
    guests: Expected | None
    beds: int
    announced: Figure

    @property
    def is_nearly_full(self) -> bool:
        """Whether nine tenths of the beds or more are expected to be slept in."""
        return self.guests is not None and self.beds > 0 and self.guests.people >= FULL_FROM * self.beds


@dataclass(frozen=True, slots=True)
class Forecast:
    """`reported` are counts of authorities for the same days of an earlier year, with the days that are like them now."""

    days: Sequence[Ahead]
    arrivals: Learnt
    guests: Learnt
    reported: Sequence[tuple[ReportedCount, date, date]]

    @property
    def nearly_full(self) -> list[Ahead]:
        return [one for one in self.days if one.is_nearly_full]


def forecast(session: Session, city_id: int, city_code: str, days: Sequence[Day], moon: Moon, now: datetime) -> Forecast:
    """For the days of a city. Two queries."""
    arrivals, guests = learnt_of(session, city_id)
    announced = _announced(session, now)
    ahead = [_ahead(one, lead, arrivals, guests, announced.get(one.day, 0), moon) for lead, one in enumerate(days)]
    return Forecast(ahead, arrivals, guests, _reported(city_code, days, moon) if days else [])


def _ahead(one: Day, lead: int, arrivals: Learnt, guests: Learnt, announced: int, moon: Moon) -> Ahead:
    sorts, said = sorts_of(one.day, moon), figure(announced, announced)
    return Ahead(
        one.day, one.arriving, _rounded(told(arrivals, _on_hand(one.arriving), lead, sorts, _on_hand(said))),
        _rounded(told(guests, _on_hand(one.guests), lead, sorts, _on_hand(said))), one.lodging.beds, said,
    )  # fmt: skip


def _on_hand(shown: Figure) -> int:
    """What is hidden stands for the middle of what it may be."""
    return shown if isinstance(shown, int) else ROUND_COUNT_TO


def _rounded(one: Expected | None) -> Expected | None:
    if one is None:
        return None
    people, low, high = (
        (part + ROUND_COUNT_TO // 2) // ROUND_COUNT_TO * ROUND_COUNT_TO for part in (one.people, one.low, one.high)
    )
    return Expected(people, low, high)


def _announced(session: Session, now: datetime) -> dict[date, int]:
    """How many said before the journey that they come on a day, to any city: nobody is asked to which."""
    first, until = window(now)
    wanted = select(Coming.arrives_on, func.count()).where(Coming.arrives_on >= first, Coming.arrives_on < until)
    still = wanted.where(Coming.sealed.is_not(None) | Coming.person_id.is_not(None))
    return {row[0]: row[1] for row in session.execute(still.group_by(Coming.arrives_on))}


def _reported(city_code: str, days: Sequence[Day], moon: Moon) -> list[tuple[ReportedCount, date, date]]:
    """The largest statement of each earlier period: later ones of the same days hold the former."""
    place = REPORTED_PLACES.get(city_code)
    found: dict[date | None, tuple[ReportedCount, date, date]] = {}
    for count in reported_counts():
        span = again(count, days[0].day, days[-1].day, moon) if count.place == place else None
        if span is not None and (count.start not in found or found[count.start][0].total < count.total):
            found[count.start] = (count, *span)
    return list(found.values())
