"""What is known of a place's past, kept by its city's office, and the changes of its record."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from places.directory.queries import place_detail
from places.errors import PlaceNotFound
from places.history import queries, services
from places.history.rules import StatementKind, YearOf, typed_statement
from places.keeping.queries import is_in_city_of
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_key, new_key, sentences, typed

KEEP = Permission.PLACES_PLACE_KEEP
HERE = "portal.directory"
CHANGES_A_PAGE = 20


@route(blueprint, "/places/<int:place_id>/history", permission=KEEP)
def place_history(visit: Visit, place_id: int) -> ResponseReturnValue:
    return _page(visit, place_id)


@route(blueprint, "/places/<int:place_id>/history", permission=KEEP, methods=["POST"])
def write_history(visit: Visit, place_id: int) -> ResponseReturnValue:
    _check(visit, place_id)
    try:
        said = typed_statement(typed(), local_day(clock.now()))
        services.write_statement(visit.session, visit.identity.actor, place_id, form_key(), said)
    except BadInput as refusal:
        return _again(visit, place_id, refusal)
    return _done(place_id)


@route(blueprint, "/places/<int:place_id>/history/<int:history_id>", permission=KEEP, methods=["POST"])
def change_history(visit: Visit, place_id: int, history_id: int) -> ResponseReturnValue:
    """Write a statement anew, or take it away."""
    _check(visit, place_id)
    queries.statement_of(visit.session, place_id, history_id)
    actor, form = visit.identity.actor, typed()
    try:
        if form.get("act") == "remove":
            services.remove_statement(visit.session, actor, place_id, history_id, form.get("why", "").strip()[:200])
        else:
            services.change_statement(visit.session, actor, place_id, history_id, typed_statement(form, local_day(clock.now())))
    except BadInput as refusal:
        return _again(visit, place_id, refusal, history_id)
    return _done(place_id)


def _check(visit: Visit, place_id: int) -> None:
    """Raises PlaceNotFound for places of other cities."""
    if not is_in_city_of(visit.session, place_id, visit.identity.organisations(KEEP)):
        raise PlaceNotFound


def _done(place_id: int) -> ResponseReturnValue:
    return redirect(url_for("portal.place_history", place_id=place_id, kept=1), 303)


def _again(visit: Visit, place_id: int, refusal: DomainError, history_id: int | None = None) -> ResponseReturnValue:
    visit.session.rollback()
    return _page(visit, place_id, refusal, history_id)


def _page(visit: Visit, place_id: int, refusal: DomainError | None = None, history_id: int | None = None) -> ResponseReturnValue:
    """`edit` names the statement whose form is open; a refused form shows what was typed."""
    _check(visit, place_id)
    detail, before = place_detail(visit.session, place_id), request.args.get("before", 0, type=int)
    statements = queries.statements_of(visit.session, [place_id])[place_id]
    edited = history_id or request.args.get("edit", type=int)
    opened = next((one for one in statements if one.id == edited), None)
    changes = queries.changes_of(visit.session, place_id, before=before, limit=CHANGES_A_PAGE + 1)
    page = render_template(
        "places/history.html", active=HERE, card=detail.card, statements=statements, opened=opened, changes=changes[:CHANGES_A_PAGE],
        typed=typed() if refusal else _form_of(opened), kinds=StatementKind, calendars=YearOf, key=request.form.get("key") or new_key(),
        faults=sentences({str(refusal.facts.get("field")): refusal}) if refusal else {}, before=before,
        older=changes[CHANGES_A_PAGE - 1].id if len(changes) > CHANGES_A_PAGE else None,
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def _form_of(one: Any) -> dict[str, Any]:
    """A statement as its form has it."""
    if one is None:
        return {}
    return {
        "history_kind": one.kind, **{f"history_text_{language}": text for language, text in one.texts.items()},
        "history_year": str(one.year or ""), "history_calendar": one.calendar or "solar", "history_about": "1" if one.is_about else "",
        "history_source": one.source, "history_licence": one.licence,
    }  # fmt: skip
