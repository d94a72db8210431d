"""Demand beside capacity: the days of a city with what is expected, one day by zones and houses, the cities of a day side by side."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from insights.cities import SeenCity
from insights.demand import queries
from insights.demand.expecting import Forecast, forecast
from insights.demand.queries import SEATS
from insights.demand.rules.forecast import LEAST_DAYS, STATED_LEADS
from insights.demand.rules.matching import Awaited, awaited_days, nearly_full
from insights.demand.sheets import day_rows
from insights.demand.supply import window
from insights.rules import SMALLEST_CELL
from kernel import clock
from kernel.errors import BadInput
from kernel.holidays import holiday
from kernel.moon import Moon
from kernel.sheets import sheet_of
from kernel.web.routes import route
from places.moon.queries import moon
from places.queries import zones_of_city
from portal import demand_words
from portal.blueprint import blueprint
from portal.lists import MEDIA_TYPES, check_form, download
from portal.routes.city import cities_of, city_of

VIEW = Permission.INSIGHTS_CITY_VIEW
HERE = "portal.demand"
HOUSES_A_PAGE = 30
MOST_NAMED = 3


@route(blueprint, "/city/demand", permission=VIEW)
def demand(visit: Visit) -> ResponseReturnValue:
    cities, city = city_of(visit)
    now = clock.now()
    lunar, days = moon(visit.session), queries.days_of_city(visit.session, city.id, now)
    lodging = {one.day: one.lodging for one in days}
    expected = forecast(visit.session, city.id, city.code, days, lunar, now)
    others = queries.days_of_cities(visit.session, [one.id for one in cities], now) if len(cities) > 1 else {city.id: lodging}
    awaited = [one for one in awaited_days(others) if one.city_id == city.id]
    return _page(
        "days",
        city=city,
        cities=cities,
        days=days,
        occasions=_occasions([one.day for one in days], lunar),
        seats=SEATS,
        lately=queries.searches_lately(visit.session, city.id, days[0].day),
        expected=expected,
        sentences=_sentences(visit, cities, awaited, lodging, expected),
        looked_at=queries.looked_at(visit.session),
        least_days=LEAST_DAYS,
        stated=STATED_LEADS,
    )


@route(blueprint, "/city/demand/sheet.<form>", permission=VIEW)
def demand_sheet(visit: Visit, form: str) -> ResponseReturnValue:
    """The days as the page shows them, with the same figures hidden."""
    check_form(form)
    _, city = city_of(visit)
    now = clock.now()
    lunar, days = moon(visit.session), queries.days_of_city(visit.session, city.id, now)
    expected = forecast(visit.session, city.id, city.code, days, lunar, now)
    said = {name: str(text) for name, text in (demand_words.COLUMNS | demand_words.SEATS).items()}
    hidden = {one: demand_words.hidden(one, visit.language) for one in demand_words.HIDDEN}
    rows = day_rows(days, expected, _occasions([one.day for one in days], lunar), visit.language, said, hidden)
    name = f"demand-{city.code}-{days[0].day.isoformat()}.{form}"
    return download(sheet_of(form, rows, city.code, visit.language), MEDIA_TYPES[form], name)


@route(blueprint, "/city/demand/<day>", permission=VIEW)
def demand_day(visit: Visit, day: str) -> ResponseReturnValue:
    """One day by zones and houses; seats stand on the page of all days."""
    cities, city = city_of(visit)
    asked, now = _day(day), clock.now()
    start = max(0, request.args.get("from", 0, type=int))
    told = queries.opened(visit.session, city.id, asked, start=start, limit=HOUSES_A_PAGE)
    first, until = window(now)
    return _page(
        "day",
        city=city,
        cities=cities,
        day=asked,
        occasions=_occasions([asked], moon(visit.session)),
        told=told,
        zones={zone.id: zone.names for zone in zones_of_city(visit.session, city.id)} if told.zones else {},
        before=asked - timedelta(days=1) if asked > first else None,
        after=asked + timedelta(days=1) if asked + timedelta(days=1) < until else None,
        older=_address(city, asked, start + HOUSES_A_PAGE) if start + HOUSES_A_PAGE < told.count else None,
        newer=_address(city, asked) if start else None,
        looked_at=queries.looked_at(visit.session),
    )


@route(blueprint, "/cities/demand", permission=VIEW)
def demand_cities(visit: Visit) -> ResponseReturnValue:
    """All cities in reach, side by side: where people wait, and where there is room on the same night."""
    cities, now = cities_of(visit), clock.now()
    ids = [one.id for one in cities]
    days = queries.days_of_cities(visit.session, ids, now)
    awaited = awaited_days(days)
    asked = _day(request.args["day"]) if request.args.get("day") else awaited[0].day if awaited else window(now)[0]
    first, until = window(now)
    names = {one.id: one.names for one in cities}
    return _page(
        "cities",
        cities=cities,
        day=asked,
        rows=[(one, days[one.id][asked]) for one in cities],
        seats=queries.seats_of_cities(visit.session, ids, asked),
        occasions=_occasions([asked], moon(visit.session)),
        sentences=[(demand_words.awaited(one, names, visit.language, names_city=True), _kind(one)) for one in awaited[:MOST_NAMED]],
        before=asked - timedelta(days=1) if asked > first else None,
        after=asked + timedelta(days=1) if asked + timedelta(days=1) < until else None,
        looked_at=queries.looked_at(visit.session),
    )


def _day(text: str) -> date:
    """One of the days that are looked at. Raises BadInput."""
    first, until = window(clock.now())
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(field="day") from None
    if not first <= day < until:
        raise BadInput(field="day")
    return day


def _address(city: SeenCity, day: date, start: int = 0) -> str:
    further: dict[str, Any] = {"from": start} if start else {}
    return url_for("portal.demand_day", day=day.isoformat(), city=city.code, **further)


def _occasions(days: Sequence[date], lunar: Moon) -> dict[date, tuple[Any, dict[str, str] | None]]:
    """Each day's lunar day, and the holiday that it is."""
    return {day: (lunar.lunar(day), holiday(day, lunar)) for day in days}


def _sentences(
    visit: Visit, cities: Sequence[SeenCity], awaited: Sequence[Awaited], lodging: Any, expected: Forecast
) -> list[tuple[str, str]]:
    """What matters, the worst first: (sentence, kind of note)."""
    names = {one.id: one.names for one in cities}
    said = [(demand_words.awaited(one, names, visit.language, names_city=False), _kind(one)) for one in awaited[:MOST_NAMED]]
    full = nearly_full(lodging)
    if full:
        said.append((demand_words.taken(full[:MOST_NAMED], len(full), visit.language), "note"))
    ahead = [one.day for one in expected.nearly_full]
    if ahead:
        said.append((demand_words.expected(ahead[:MOST_NAMED], len(ahead), visit.language), "note"))
    return said


def _kind(one: Awaited) -> str:
    """Of the note that says it."""
    return "fault" if one.is_short else "note"


def _page(name: str, **facts: Any) -> str:
    return render_template(f"demand/{name}.html", active=HERE, demand_words=demand_words, least=SMALLEST_CELL, **facts)
