"""What people say of places, and who answers them; places from files."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from places.directory import suggestions as told
from places.directory.errors import SuggestionNotFound
from places.directory.importing import import_places
from places.directory.rules import Kind
from places.maps.services import import_map
from places.queries import all_cities, city_of_place
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_key, new_key, sentences, typed, uploaded
from portal.routes.places.directory import HOME, place_page

REVIEW = Permission.PLACES_SUGGESTION_REVIEW
IMPORT = Permission.PLACES_PLACE_IMPORT
HERE = "portal.suggestions"
A_PAGE = 20


@route(blueprint, "/places/<int:place_id>/suggestions", signed_in=True, methods=["POST"])
def suggest_change(visit: Visit, place_id: int) -> ResponseReturnValue:
    person, form = visit.identity, typed()
    city = city_of_place(visit.session, place_id)
    said = form | {"language": visit.language, "history_text_" + visit.language: form.get("history_text", "")}
    try:
        told.suggest(visit.session, person, form_key(), city.code, said, place_id=place_id, is_gone=form.get("gone") == "1")
    except BadInput as refusal:
        visit.session.rollback()
        return place_page(visit, place_id, {str(refusal.facts.get("field")): refusal})
    return redirect(url_for("portal.place", place_id=place_id, told=1), 303)


@route(blueprint, "/places/new", signed_in=True)
def missing_place(visit: Visit) -> ResponseReturnValue:
    return _missing(visit)


@route(blueprint, "/places/new", signed_in=True, methods=["POST"])
def suggest_place(visit: Visit) -> ResponseReturnValue:
    person, form = visit.identity, typed()
    try:
        told.suggest(visit.session, person, form_key(), form.get("city", HOME), form | {"language": visit.language})
    except BadInput as refusal:
        visit.session.rollback()
        return _missing(visit, {str(refusal.facts.get("field")): refusal})
    return redirect(url_for("portal.missing_place", told=1), 303)


@route(blueprint, "/suggestions", permission=REVIEW)
def suggestions(visit: Visit) -> ResponseReturnValue:
    return _suggestions(visit)


@route(blueprint, "/suggestions/<int:suggestion_id>", permission=REVIEW, methods=["POST"])
def answer_suggestion(visit: Visit, suggestion_id: int) -> ResponseReturnValue:
    if not told.is_in_reach(visit.session, suggestion_id, visit.identity.organisations(REVIEW)):
        raise SuggestionNotFound
    form = typed()
    try:
        told.answer_suggestion(
            visit.session, visit.identity.actor, suggestion_id, accept=form.get("act") == "accept", answer=form.get("answer", "")
        )
    except BadInput as refusal:
        visit.session.rollback()
        return _suggestions(visit, suggestion_id, refusal)
    return redirect(url_for(HERE), 303)


@route(blueprint, "/places/import", permission=IMPORT)
def place_file(visit: Visit) -> ResponseReturnValue:
    return _place_file(visit)


@route(blueprint, "/places/import", permission=IMPORT, methods=["POST"], takes_files=True)
def upload_places(visit: Visit) -> ResponseReturnValue:
    form, content = typed(), uploaded("file")
    try:
        taken = import_places(
            visit.session, visit.identity.actor, form.get("city", HOME), content, form.get("source", ""), form.get("licence", "")
        )
        drawn = import_map(
            visit.session, visit.identity.actor, form.get("city", HOME), content, form.get("source", ""), form.get("licence", "")
        )
    except BadInput as refusal:
        visit.session.rollback()
        return _place_file(visit, {str(refusal.facts.get("field")): refusal})
    return redirect(
        url_for(
            "portal.place_file", taken=taken.taken, left_out=taken.left_out, unread_hours=taken.unread_hours, drawn=drawn.taken
        ),
        303,
    )


def _missing(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    own = told.own_suggestions(visit.session, visit.identity.sign_in_id)
    page = render_template(
        "places/missing.html", active="portal.directory", own=own, kinds=Kind, cities=all_cities(visit.session), key=new_key(), typed=typed(),
        told="told" in request.args, faults=sentences(faults or {}),
    )  # fmt: skip
    return page, 422 if faults else 200


def _suggestions(visit: Visit, refused_id: int | None = None, refusal: DomainError | None = None) -> ResponseReturnValue:
    after = request.args.get("after", 0, type=int)
    found = told.open_suggestions(visit.session, visit.identity.organisations(REVIEW), after=after, limit=A_PAGE + 1)
    page = render_template(
        "places/suggestions.html", active=HERE, rows=found[:A_PAGE], after=after, refused_id=refused_id, typed=typed(),
        older=found[A_PAGE - 1].suggestion.id if len(found) > A_PAGE else None,
        fault=sentences({"answer": refusal})["answer"] if refusal else "",
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def _place_file(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    counted = {name: request.args.get(name, type=int) for name in ("taken", "left_out", "unread_hours", "drawn")}
    page = render_template(
        "places/import.html", active="portal.place_file", cities=all_cities(visit.session), counted=counted, typed=typed(),
        faults=sentences(faults or {}),
    )  # fmt: skip
    return page, 422 if faults else 200
