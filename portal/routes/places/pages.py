"""A shop's public page from behind: what the shop says on it, and who says that it is being updated."""

from typing import Any

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.languages import LANGUAGES
from kernel.web.routes import route
from merchants.directory.queries import BranchHours
from merchants.fields.queries import fields_of, values_of_branch
from merchants.fields.rules import PREFIX, Subject, typed_values
from merchants.fields.services import say_of_branch
from merchants.onboarding.rules import typed_day
from merchants.pages.queries import side_of
from merchants.pages.services import begin_page_update, end_page_update
from places.directory.queries import PlaceDetail, place_detail
from places.errors import PlaceNotFound
from places.keeping import services as keeping
from places.keeping.queries import photos_of
from places.pages.rules import MOST_DAYS, Wanted, may_change, typed_note
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import sentences, typed, uploaded
from portal.routes.places.branches import own_branch

SET, HANDLE = Permission.MERCHANTS_HOURS_SET, Permission.MERCHANTS_COMPLAINT_HANDLE
HERE = "portal.branches"


@route(blueprint, "/branches/<int:branch_id>/page", permission=SET)
def branch_page(visit: Visit, branch_id: int) -> ResponseReturnValue:
    return _page(visit, own_branch(visit, branch_id))


@route(blueprint, "/branches/<int:branch_id>/page", permission=SET, methods=["POST"])
def keep_branch_page(visit: Visit, branch_id: int) -> ResponseReturnValue:
    own, form = own_branch(visit, branch_id), typed()
    values, faults = typed_values(fields_of(visit.session, own.branch.merchant_id, Subject.PAGE), form)
    if faults:
        return _page(visit, own, {**faults})
    keeping.keep_own_words(visit.session, visit.identity.actor, own.branch.place_id, form)
    say_of_branch(visit.session, visit.identity.actor, own.branch, values)
    return _done(branch_id)


@route(blueprint, "/branches/<int:branch_id>/page/photos", permission=SET, methods=["POST"], takes_files=True)
def add_branch_photo(visit: Visit, branch_id: int) -> ResponseReturnValue:
    own, form = own_branch(visit, branch_id), typed()
    told = form.get("caption", ""), form.get("photo_source", ""), form.get("photo_licence", "")
    try:
        keeping.add_photo(visit.session, visit.identity.actor, own.branch.place_id, uploaded("photo"), *told, is_shop=True)
    except BadInput as refusal:
        return _again(visit, branch_id, refusal)
    return _done(branch_id)


@route(blueprint, "/branches/<int:branch_id>/page/photos/<int:photo_id>", permission=SET, methods=["POST"])
def remove_branch_photo(visit: Visit, branch_id: int, photo_id: int) -> ResponseReturnValue:
    keeping.remove_photo(visit.session, visit.identity.actor, own_branch(visit, branch_id).branch.place_id, photo_id)
    return _done(branch_id)


@route(blueprint, "/branches/<int:branch_id>/page/update", permission=SET, methods=["POST"])
def update_branch_page(visit: Visit, branch_id: int) -> ResponseReturnValue:
    own = own_branch(visit, branch_id)
    try:
        _begin_or_end(visit, own.branch.place_id)
    except DomainError as refusal:
        return _again(visit, branch_id, refusal)
    return _done(branch_id)


@route(blueprint, "/shop-pages/<int:place_id>", permission=HANDLE)
def shop_page(visit: Visit, place_id: int) -> ResponseReturnValue:
    """For a union and a municipality, who look into what people report of a shop."""
    return _office_page(visit, place_id)


@route(blueprint, "/shop-pages/<int:place_id>", permission=HANDLE, methods=["POST"])
def update_shop_page(visit: Visit, place_id: int) -> ResponseReturnValue:
    try:
        _begin_or_end(visit, place_id)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return _office_page(visit, place_id, refusal)
    return redirect(url_for("portal.shop_page", place_id=place_id, kept=1), 303)


def _begin_or_end(visit: Visit, place_id: int) -> None:
    """Raises PlaceNotFound, WrongDay, WrongUpdate, UpdatedByOthers."""
    form = typed()
    if form.get("act") == "end":
        end_page_update(visit.session, visit.identity, place_id)
    else:
        begin_page_update(
            visit.session, visit.identity, place_id, Wanted(typed_day(form.get("last_on", ""), "last_on"), typed_note(form))
        )


def _done(branch_id: int) -> ResponseReturnValue:
    return redirect(url_for("portal.branch_page", branch_id=branch_id, kept=1), 303)


def _again(visit: Visit, branch_id: int, refusal: DomainError) -> ResponseReturnValue:
    if refusal.status == 404:
        raise refusal
    visit.session.rollback()
    return _page(visit, own_branch(visit, branch_id), {str(refusal.facts.get("field", "form")): refusal})


def _page(visit: Visit, own: BranchHours, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    """Each form shows what stands, and the one that was refused what was typed."""
    detail, form = place_detail(visit.session, own.branch.place_id), typed()
    standing = _standing(detail) | {
        f"{PREFIX}{field}": value for field, value in values_of_branch(visit.session, own.branch.id).items()
    }
    page = render_template(
        "places/branch_page.html", active=HERE, own=own, detail=detail, card=detail.card, photos=photos_of(visit.session, own.branch.place_id),
        own_fields=fields_of(visit.session, own.branch.merchant_id, Subject.PAGE), languages_known=LANGUAGES,
        typed=(form if "keep" in form else standing | form) if faults else standing, faults=sentences(faults or {}), **_update_facts(visit, detail),
    )  # fmt: skip
    return page, next((fault.status for fault in faults.values()), 200) if faults else 200


def _office_page(visit: Visit, place_id: int, refusal: DomainError | None = None) -> ResponseReturnValue:
    facts = _update_facts(visit, detail := place_detail(visit.session, place_id))
    if facts["side"] is None:
        raise PlaceNotFound
    page = render_template(
        "places/shop_page.html", active="portal.complaints", detail=detail, card=detail.card, typed=typed(),
        faults=sentences({str(refusal.facts.get("field", "form")): refusal}) if refusal else {}, **facts,
    )  # fmt: skip
    return page, refusal.status if refusal else 200


def _update_facts(visit: Visit, detail: PlaceDetail) -> dict[str, Any]:
    side, standing = side_of(visit.session, visit.identity, detail.card.place_id), detail.card.updating
    may_update = side is not None and (standing is None or may_change(side, standing.by))
    return {"side": side, "may_update": may_update, "most_days": MOST_DAYS}


def _standing(detail: PlaceDetail) -> dict[str, str]:
    card = detail.card
    return {
        **{f"about_{one}": text for one, text in detail.about.items()}, **{f"speaks_{one}": "1" for one in card.languages},
        "wheelchair": card.wheelchair or "", "women": "1" if card.has_women_area else "",
    }  # fmt: skip
