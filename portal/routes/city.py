"""The city's page: aggregates only, and beside them what authorities reported."""

from datetime import date, timedelta

from flask import render_template, request
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from insights.queries import city_day
from insights.reported import latest_by_mode, reported_counts
from insights.rules import SMALLEST_CELL
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput
from kernel.web.routes import route
from places.queries import city_by_code, zones_of_city
from portal.blueprint import blueprint

CITY = "mashhad"
REPORTED_PLACE = "Mashhad"
DAYS_BACK = 365
REPORTED_A_PAGE = 8


@route(blueprint, "/city", permission=Permission.INSIGHTS_CITY_VIEW)
def city(visit: Visit) -> ResponseReturnValue:
    today = local_day(clock.now())
    day = _asked_day(request.args.get("day"), today)
    place = city_by_code(visit.session, CITY)
    start = request.args.get("from", 0, type=int)
    counts = reported_counts()
    return render_template(
        "city.html",
        active="portal.city",
        city=place,
        zones={zone.id: zone.names for zone in zones_of_city(visit.session, place.id)},
        statistics=city_day(visit.session, place.id, day),
        smallest_cell=SMALLEST_CELL,
        before=day - timedelta(days=1) if day > today - timedelta(days=DAYS_BACK) else None,
        after=day + timedelta(days=1) if day < today else None,
        latest=latest_by_mode(REPORTED_PLACE),
        counts=counts[start : start + REPORTED_A_PAGE],
        counts_older=start + REPORTED_A_PAGE if start + REPORTED_A_PAGE < len(counts) else None,
        counts_start=start,
    )


def _asked_day(text: str | None, today: date) -> date:
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInput(field="day") from None
    if not today - timedelta(days=DAYS_BACK) <= day <= today:
        raise BadInput(field="day")
    return day
