"""The times of prayer of a city, for everybody; whoever runs the platform follows the city's own timetable."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import OpenVisit, Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.text import latin_digits
from kernel.web.routes import route
from places.errors import WrongPrayerMinutes
from places.moon.queries import moon
from places.prayers import services
from places.prayers.queries import prayer_times as times_of
from places.prayers.rules import EVENTS, MOST_MINUTES
from places.queries import all_cities, city_by_code
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import sentences, typed

ADJUST = Permission.PLACES_PRAYERS_ADJUST
DAYS = 14
HOME = "mashhad"


@route(blueprint, "/prayer-times", public=True)
def prayer_times(visit: OpenVisit) -> ResponseReturnValue:
    return _prayer_times(visit, request.args.get("city", HOME))


@route(blueprint, "/prayer-times", permission=ADJUST, methods=["POST"])
def adjust_prayers(visit: Visit) -> ResponseReturnValue:
    form = typed()
    city = form.get("city", HOME)
    try:
        minutes = {name: _minutes(form.get(name, ""), name) for name in EVENTS}
        services.adjust_prayers(visit.session, visit.identity.actor, city, form.get("method", ""), minutes, form.get("why", ""))
    except BadInput as refusal:
        visit.session.rollback()
        return _prayer_times(visit, city, {str(refusal.facts.get("field")): refusal})
    return redirect(url_for("portal.prayer_times", city=city), 303)


def _minutes(text: str, name: str) -> int:
    """A number of minutes in any digits, none as zero. Raises WrongPrayerMinutes."""
    try:
        return int(latin_digits(text.strip()).replace("\N{MINUS SIGN}", "-") or "0")
    except ValueError:
        raise WrongPrayerMinutes(field=name, most=MOST_MINUTES) from None


def _prayer_times(visit: OpenVisit, code: str, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    city = city_by_code(visit.session, code)
    calendar, today = moon(visit.session), local_day(clock.now())
    days = times_of(visit.session, code, today, DAYS)
    page = render_template(
        "places/prayers.html", active="portal.prayer_times", city=city, cities=all_cities(visit.session), days=days,
        lunar={one.day: calendar.lunar(one.day) for one in days}, events=EVENTS,
        can_adjust=visit.identity is not None and visit.identity.can(ADJUST), typed=typed(), faults=sentences(faults or {}),
    )  # fmt: skip
    return page, 422 if faults else 200
