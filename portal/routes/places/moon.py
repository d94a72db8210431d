"""The table of lunar months: its first days, moved as they are announced, and moved back."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.moon import Month
from kernel.web.routes import route
from merchants.onboarding.rules import typed_day
from places.moon import services
from places.moon.queries import last_moves, months_of_year
from places.moon.queries import moon as moon_now
from places.moon.rules import YEARS_AHEAD, YEARS_BEHIND
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_number, sentences, typed

MOVE = Permission.PLACES_MOON_MOVE


@route(blueprint, "/moon", permission=MOVE)
def moon(visit: Visit) -> ResponseReturnValue:
    return _moon(visit, request.args.get("year", type=int))


@route(blueprint, "/moon", permission=MOVE, methods=["POST"])
def move_month(visit: Visit) -> ResponseReturnValue:
    form, year = typed(), form_number("year")
    try:
        starts_on = typed_day(form.get("starts_on", ""), "starts_on")
        services.move_month(visit.session, visit.identity.actor, Month(year, form_number("month")), starts_on, form.get("why", ""))
    except BadInput as refusal:
        visit.session.rollback()
        return _moon(visit, year, {str(refusal.facts.get("field")): refusal})
    return redirect(url_for("portal.moon", year=year), 303)


@route(blueprint, "/moon/moves/<int:move_id>/undo", permission=MOVE, methods=["POST"])
def undo_move(visit: Visit, move_id: int) -> ResponseReturnValue:
    move = services.undo_move(visit.session, visit.identity.actor, move_id)
    return redirect(url_for("portal.moon", year=move.year), 303)


def _moon(visit: Visit, asked: int | None, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    today = moon_now(visit.session).lunar(local_day(clock.now()))
    years = range(today.year - YEARS_BEHIND, today.year + YEARS_AHEAD + 1)
    year = asked if asked is not None and asked in years else today.year
    page = render_template(
        "places/moon.html", active="portal.moon", today=today, soon=Month(today.year, today.month).later(1), year=year, years=years, months=months_of_year(visit.session, year),
        moves=last_moves(visit.session), typed=typed(), faults=sentences(faults or {}),
    )  # fmt: skip
    return page, 422 if faults else 200
