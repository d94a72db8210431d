"""What a city's office keeps of its places by hand: facts and parts, photos, crowd, ways."""

from typing import Any

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import OpenVisit, Visit
from kernel.errors import BadInput, DomainError
from kernel.languages import LANGUAGES
from kernel.text import latin_digits
from kernel.web.routes import route
from places.directory.queries import PlaceDetail, place_detail
from places.directory.rules import Kind
from places.errors import PlaceNotFound
from places.keeping import queries, services
from places.keeping.rules import Level
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import form_key, new_key, sentences, typed, uploaded

KEEP = Permission.PLACES_PLACE_KEEP
HERE = "portal.directory"
PHOTOS_KEPT_SECONDS = 86_400 * 30
SIZES = ("large", "small")


@route(blueprint, "/places/<int:place_id>/keep", permission=KEEP)
def keep_place(visit: Visit, place_id: int) -> ResponseReturnValue:
    return _page(visit, place_id)


@route(blueprint, "/places/<int:place_id>/keep", permission=KEEP, methods=["POST"])
def keep_facts(visit: Visit, place_id: int) -> ResponseReturnValue:
    _check(visit, place_id)
    try:
        services.keep_facts(visit.session, visit.identity.actor, place_id, typed())
    except BadInput as refusal:
        return _again(visit, place_id, refusal)
    return _done(place_id)


@route(blueprint, "/places/<int:place_id>/parts", permission=KEEP)
def new_part(visit: Visit, place_id: int) -> ResponseReturnValue:
    return _part_page(visit, place_id)


@route(blueprint, "/places/<int:place_id>/parts", permission=KEEP, methods=["POST"])
def add_part(visit: Visit, place_id: int) -> ResponseReturnValue:
    _check(visit, place_id)
    try:
        made = services.add_part(visit.session, visit.identity.actor, place_id, form_key(), typed())
    except BadInput as refusal:
        visit.session.rollback()
        return _part_page(visit, place_id, refusal)
    return _done(made.id)


@route(blueprint, "/places/<int:place_id>/photos", permission=KEEP, methods=["POST"], takes_files=True)
def add_photo(visit: Visit, place_id: int) -> ResponseReturnValue:
    _check(visit, place_id)
    form = typed()
    try:
        services.add_photo(
            visit.session, visit.identity.actor, place_id, uploaded("photo"), form.get("caption", ""), form.get("photo_source", ""),
            form.get("photo_licence", ""),
        )  # fmt: skip
    except BadInput as refusal:
        return _again(visit, place_id, refusal)
    return _done(place_id)


@route(blueprint, "/places/<int:place_id>/photos/<int:photo_id>", permission=KEEP, methods=["POST"])
def remove_photo(visit: Visit, place_id: int, photo_id: int) -> ResponseReturnValue:
    _check(visit, place_id)
    services.remove_photo(visit.session, visit.identity.actor, place_id, photo_id)
    return _done(place_id)


@route(blueprint, "/places/<int:place_id>/crowd", permission=KEEP, methods=["POST"])
def tell_crowd(visit: Visit, place_id: int) -> ResponseReturnValue:
    _check(visit, place_id)
    try:
        services.tell_crowd(visit.session, visit.identity.actor, place_id, request.form.get("level", ""))
    except BadInput as refusal:
        return _again(visit, place_id, refusal)
    return _done(place_id)


@route(blueprint, "/places/<int:place_id>/ways", permission=KEEP, methods=["POST"])
def draw_way(visit: Visit, place_id: int) -> ResponseReturnValue:
    _check(visit, place_id)
    form = typed()
    try:
        services.draw_way(
            visit.session, visit.identity.actor, place_id, _number(form.get("to", "")), _number(form.get("metres", "")),
            form.get("way_source", ""), has_steps=form.get("steps") == "1", for_women=form.get("for_women") == "1",
        )  # fmt: skip
    except BadInput as refusal:
        return _again(visit, place_id, refusal)
    return _done(place_id)


@route(blueprint, "/places/<int:place_id>/ways/<int:way_id>", permission=KEEP, methods=["POST"])
def remove_way(visit: Visit, place_id: int, way_id: int) -> ResponseReturnValue:
    _check(visit, place_id)
    services.remove_way(visit.session, visit.identity.actor, place_id, way_id)
    return _done(place_id)


@route(blueprint, "/places/photos/<int:photo_id>/<size>.jpg", public=True)
def place_photo(visit: OpenVisit, photo_id: int, size: str) -> ResponseReturnValue:
    if size not in SIZES:
        raise PlaceNotFound
    answer = Response(queries.picture(visit.session, photo_id, is_small=size == "small"), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = f"public, max-age={PHOTOS_KEPT_SECONDS}, immutable"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _check(visit: Visit, place_id: int) -> None:
    if not queries.is_kept_by(visit.session, place_id, visit.identity.organisations(KEEP)):
        raise PlaceNotFound


def _number(text: str) -> int:
    digits = latin_digits(text).strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 18 else 0


def _done(place_id: int) -> ResponseReturnValue:
    return redirect(url_for("portal.keep_place", place_id=place_id, kept=1), 303)


def _again(visit: Visit, place_id: int, refusal: DomainError) -> ResponseReturnValue:
    visit.session.rollback()
    return _page(visit, place_id, refusal)


def _page(visit: Visit, place_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    _check(visit, place_id)
    detail = place_detail(visit.session, place_id)
    whole = place_detail(visit.session, detail.parent.place_id) if detail.parent else detail
    family = {one.place_id: one for one in (whole.card, *whole.parts)}
    page = render_template(
        "places/keep.html", active=HERE, detail=detail, card=detail.card, photos=queries.photos_of(visit.session, place_id),
        crowd=queries.crowd_of(visit.session, [place_id]).get(place_id), levels=Level, family=family,
        ways=queries.ways_of(visit.session, [place_id]), typed=typed() if refusal else _told(detail), ways_typed=typed(),
        faults=_faults(refusal), is_kept="kept" in request.args, categories=services.CATEGORIES, kinds=services.PARTS, languages_known=LANGUAGES,
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def _part_page(visit: Visit, place_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    _check(visit, place_id)
    detail = place_detail(visit.session, place_id)
    page = render_template(
        "places/part.html", active=HERE, detail=detail, card=detail.card, typed=typed(), faults=_faults(refusal),
        key=request.form.get("key") or new_key(), kinds=services.PARTS, categories=services.CATEGORIES, languages_known=LANGUAGES,
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def _faults(refusal: DomainError | None) -> dict[str, str]:
    return sentences({str(refusal.facts.get("field")): refusal}) if refusal else {}


def _told(detail: PlaceDetail) -> dict[str, Any]:
    """The facts of a place as its form has them."""
    card = detail.card
    return {
        **{f"name_{one}": name for one, name in card.names.items()}, **{f"about_{one}": told for one, told in detail.about.items()},
        **{f"speaks_{one}": "1" for one in card.languages}, "at": f"{card.lat:.6f}, {card.lon:.6f}", "hours": card.hours or "",
        "wheelchair": card.wheelchair or "", "women": "1" if card.has_women_area else "", "category": card.category or "",
        "source": card.source, "kind": card.kind if card.kind in set(Kind) else "",
    }  # fmt: skip
