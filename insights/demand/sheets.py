"""The days of a city as rows of a sheet. What may not be shown is a word there, too."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from insights.demand.expecting import Forecast
from insights.demand.queries import SEATS, Day
from insights.demand.rules.forecast import Expected
from insights.demand.rules.showing import Figure, Hidden, Shown
from kernel.calendar import day_digits
from kernel.languages import in_language
from kernel.sheets import Cell

OF_LODGING = ("places", "beds", "booked", "held", "free", "waiting", "searches", "nothing")
OF_FORECAST = ("arriving", "arrivals", "arrivals_low", "arrivals_high", "guests", "guests_low", "guests_high")
OF_SEATS = ("places", "booked", "free", "waiting")


def day_rows(
    days: Sequence[Day], expected: Forecast, occasions: Mapping[date, tuple[Any, dict[str, str] | None]], language: str,
    words: Mapping[str, str], hidden: Mapping[Hidden, str],
) -> Iterator[Sequence[Cell]]:  # fmt: skip
    """Header, one row a day: beds, what is expected, seats by kind."""

    def told(one: Figure) -> Cell:
        return one if isinstance(one, int) else hidden[one]

    seats = [f"{words[kind]}: {words[name]}" for kind in SEATS for name in OF_SEATS]
    yield [words[name] for name in ("day", "occasion", *OF_LODGING, *OF_FORECAST)] + seats
    for one, ahead in zip(days, expected.days, strict=True):
        occasion = occasions[one.day][1]
        lodging = one.lodging
        yield [
            day_digits(one.day, language), in_language(occasion, language) if occasion else "", lodging.places, lodging.beds,
            told(lodging.booked), told(lodging.held), told(lodging.free), told(lodging.waiting), told(one.searches), told(one.nothing),
            told(ahead.arriving), *_interval(ahead.arrivals), *_interval(ahead.guests),
            *(cell for kind in SEATS for cell in _seats(one.seats.get(kind), told)),
        ]  # fmt: skip


def _interval(one: Expected | None) -> tuple[Cell, ...]:
    return ("", "", "") if one is None else (one.people, one.low, one.high)


def _seats(one: Shown | None, told: Any) -> tuple[Cell, ...]:
    return ("",) * len(OF_SEATS) if one is None else (one.places, told(one.booked), told(one.free), told(one.waiting))
