"""The city's page: one counted day, and beside it what authorities reported."""

from datetime import date, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from insights.cities import SeenCity, cities_seen
from insights.reported import latest_by_mode, reported_counts
from insights.rules import SMALLEST_CELL
from insights.visitors.day import OPEN_DAY_TO, city_day, purchases_so_far
from insights.visitors.queries import last_counted_day
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, NotFound
from kernel.languages import in_language
from kernel.web.routes import route
from places.queries import zones_of_city
from portal.blueprint import blueprint

VIEW = Permission.INSIGHTS_CITY_VIEW
REPORTED_PLACES = {"mashhad": "Mashhad"}  # by the code of a city
DAYS_BACK = 365
REPORTED_A_PAGE = 8


@route(blueprint, "/city", permission=VIEW)
def city(visit: Visit) -> ResponseReturnValue:
    today = local_day(clock.now())
    last = last_counted_day(visit.session) or today - timedelta(days=1)
    day = _asked_day(request.args.get("day"), today, last)
    cities, place = city_of(visit)
    reported = REPORTED_PLACES.get(place.code)
    start = request.args.get("from", 0, type=int)
    counts = reported_counts()
    return render_template(
        "city.html",
        active="portal.city",
        city=place,
        cities=[(one.code, in_language(one.names, visit.language)) for one in cities],
        zones={str(zone.id): zone.names for zone in zones_of_city(visit.session, place.id)},
        told=city_day(visit.session, place.id, day),
        so_far=purchases_so_far(visit.session, place.id, today),
        open_day_to=OPEN_DAY_TO,
        smallest_cell=SMALLEST_CELL,
        before=day - timedelta(days=1) if day > today - timedelta(days=DAYS_BACK) else None,
        after=day + timedelta(days=1) if day < last else None,
        latest=latest_by_mode(reported) if reported else None,
        counts=counts[start : start + REPORTED_A_PAGE],
        counts_older=start + REPORTED_A_PAGE if start + REPORTED_A_PAGE < len(counts) else None,
        counts_start=start,
    )


def cities_of(visit: Visit) -> list[SeenCity]:
    """The cities whose figures the person may see. Raises NotFound for who looks after none."""
    found = cities_seen(visit.session, visit.identity.organisations(VIEW))
    if not found:
        raise NotFound
    return found


def city_of(visit: Visit) -> tuple[list[SeenCity], SeenCity]:
    """These cities, and the one that the address asks for, else the first. Raises NotFound for another's."""
    cities = cities_of(visit)
    asked = request.args.get("city")
    found = next((one for one in cities if asked in (None, one.code)), None)
    if found is None:
        raise NotFound
    return cities, found


def _asked_day(text: str | None, today: date, last: date) -> date:
    """The last day that is counted if none is asked for."""
    if not text:
        return last
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(field="day") from None
    if not today - timedelta(days=DAYS_BACK) <= day <= today:
        raise BadInput(field="day")
    return day
