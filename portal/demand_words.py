"""Words and sentences of demand and capacity."""

from collections.abc import Mapping, Sequence
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as lazy

from insights.demand.rules.matching import Awaited
from insights.demand.rules.showing import Figure, Hidden
from insights.rules import SMALLEST_CELL
from kernel.calendar import jalali
from kernel.languages import in_language
from portal import formats
from portal.place_words import weekday

HIDDEN = {
    Hidden.FEW: lazy("fewer than %(least)s"),
    Hidden.SOME: lazy("not shown"),
    Hidden.NEARLY_ALL: lazy("all but a few"),
}
SEATS = {
    "men": lazy("Men"),
    "women": lazy("Women"),
    "family": lazy("Families"),
    "accessible": lazy("Wheelchairs"),
}
PARTIES = {"men": lazy("Men alone"), "women": lazy("Women alone"), "family": lazy("Families and mixed parties")}
COLUMNS = {
    "day": lazy("Date"),
    "occasion": lazy("Occasion"),
    "places": lazy("Places that may be sold"),
    "beds": lazy("For so many people"),
    "booked": lazy("Booked"),
    "held": lazy("Held"),
    "free": lazy("Free places"),
    "waiting": lazy("Waited for"),
    "searches": lazy("Looked for"),
    "nothing": lazy("Found nothing"),
    "arriving": lazy("Arrivals on the books"),
    "arrivals": lazy("Arrivals expected"),
    "arrivals_low": lazy("Arrivals, low"),
    "arrivals_high": lazy("Arrivals, high"),
    "guests": lazy("Guests expected"),
    "guests_low": lazy("Guests, low"),
    "guests_high": lazy("Guests, high"),
}


def figure(one: Figure, language: str) -> str:
    return formats.number(one, language) if isinstance(one, int) else hidden(one, language)


def hidden(one: Hidden, language: str) -> str:
    return HIDDEN[one] % {"least": formats.number(SMALLEST_CELL, language)} if one is Hidden.FEW else str(HIDDEN[one])


def long_day(day: date, language: str) -> str:
    """With its weekday, as one says when one will come."""
    return f"{weekday(day)} {formats.day(day, language)}"


def number_of_day(day: date, language: str) -> str:
    """Of the month, in the reader's calendar."""
    return formats.number(day.day if language == "en" else jalali(day)[2], language)


def days(some: Sequence[date], language: str) -> str:
    comma = ", " if language == "en" else "، "
    return comma.join(long_day(one, language) for one in some)


def awaited(one: Awaited, cities: Mapping[int, dict[str, str]], language: str, *, names_city: bool) -> str:
    """What matters of a day on which people wait: how many, what is free all the same, and where there is room."""
    facts = {
        "day": long_day(one.day, language), "waiting": formats.number(one.waiting, language), "free": figure(one.free, language),
        "city": in_language(cities[one.city_id], language),
    }  # fmt: skip
    if one.free == 0:
        said = (
            _("%(day)s in %(city)s: %(waiting)s places are waited for and none is free.", **facts)
            if names_city
            else _("%(day)s: %(waiting)s places are waited for and none is free.", **facts)
        )
    else:
        said = (
            _("%(day)s in %(city)s: %(waiting)s places are waited for; free in other houses: %(free)s.", **facts)
            if names_city
            else _("%(day)s: %(waiting)s places are waited for; free in other houses: %(free)s.", **facts)
        )
    room = [
        _("%(city)s has %(free)s free.", city=in_language(cities[city], language), free=formats.number(free, language))
        for city, free in one.elsewhere
    ]
    return " ".join([said, *room])


def taken(some: Sequence[date], count: int, language: str) -> str:
    """Days of which nine tenths are taken, the first of them by name."""
    return _(
        "Nine tenths of the places or more are taken on %(count)s nights: %(days)s.",
        count=formats.number(count, language),
        days=days(some, language),
    )


def expected(some: Sequence[date], count: int, language: str) -> str:
    """Days on which nine tenths of the beds or more are expected to be slept in."""
    return _(
        "Nine tenths of the beds or more will probably be slept in on %(count)s nights: %(days)s.",
        count=formats.number(count, language),
        days=days(some, language),
    )


def errors(some: Mapping[int, float], language: str) -> str:
    """How far the forecast was off, by how many days before it was made."""
    comma = ", " if language == "en" else "، "
    told = [
        _(
            "%(part)s %(days)s days before",
            part=formats.percent(round(part * 1_000), 1_000, language),
            days=formats.number(lead, language),
        )
        for lead, part in sorted(some.items())
    ]
    return comma.join(told)
