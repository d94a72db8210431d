"""Works and closures: read by everybody, published and called off by the municipality of the city."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.visits import OpenVisit, Visit
from kernel import clock
from kernel.errors import BadInput
from kernel.web.routes import route
from merchants.outages.rules import texts_of
from merchants.works import queries, services
from merchants.works.errors import WrongWorks
from merchants.works.rules import LONGEST_TEXT, Wanted
from places.errors import PlaceNotFound
from places.queries import city_by_code, place_by_id, zones_of_city
from portal import words
from portal.blueprint import blueprint
from portal.moments import typed_moment
from portal.routes.municipality.office import Office, office_of
from portal.routes.onboarding import forms

PUBLISH = Permission.MERCHANTS_WORKS_PUBLISH
OWN, HOME = "portal.own_works", "mashhad"
A_PAGE = 10
FIELDS = ("text_fa", "text_en", "text_ar", "text_ur", "begins", "ends", "where")


@route(blueprint, "/works", public=True)
def works(visit: OpenVisit) -> ResponseReturnValue:
    city, now = city_by_code(visit.session, request.args.get("city", HOME)), clock.now()
    return render_template(
        "municipality/works.html", active="portal.works", city=city, live=queries.live_works(visit.session, city.id, now),
        coming=queries.coming_works(visit.session, city.id, now),
    )  # fmt: skip


@route(blueprint, "/own-works", permission=PUBLISH)
def own_works(visit: Visit) -> ResponseReturnValue:
    return _own(visit, office_of(visit, PUBLISH))


@route(blueprint, "/own-works", permission=PUBLISH, methods=["POST"])
def publish_works(visit: Visit) -> ResponseReturnValue:
    identity: Identity = visit.identity
    office = office_of(visit, PUBLISH)
    try:
        services.publish_works(visit.session, identity, office.municipality_id, office.city.id, forms.form_key(), _wanted())
    except WrongWorks as refusal:
        visit.session.rollback()
        return _own(visit, office, refusal)
    return redirect(url_for(OWN, city=office.city.code), 303)


@route(blueprint, "/own-works/<int:works_id>/calling-off", permission=PUBLISH, methods=["POST"])
def call_off_works(visit: Visit, works_id: int) -> ResponseReturnValue:
    office = office_of(visit, PUBLISH)
    services.call_off_works(visit.session, visit.identity, office.municipality_id, works_id)
    return redirect(url_for(OWN, city=office.city.code), 303)


def _wanted() -> Wanted:
    """Raises WrongWorks."""
    form = request.form
    begins = typed_moment(form.get("begins", ""), "begins", WrongWorks) or clock.now()
    ends = typed_moment(form.get("ends", ""), "ends", WrongWorks)
    return Wanted(
        kind=form.get("kind", ""),
        severity=form.get("severity", ""),
        texts=texts_of(forms.typed(), WrongWorks, LONGEST_TEXT),
        starts_at=begins,
        ends_at=ends or begins - timedelta(1),  # an end is asked for: what has none would stand for ever
        place_id=form.get("place", type=int),
        zone_id=form.get("zone", type=int),
        tells_by_sms=form.get("sms") == "yes",
    )


def _own(visit: Visit, office: Office, refusal: BadInput | None = None) -> ResponseReturnValue:
    now, before = clock.now(), request.args.get("before", type=int)
    city_id = office.city.id
    past = queries.past_works(visit.session, city_id, now, before=before, limit=A_PAGE + 1)
    sentence = words.error_sentence(refusal.code, refusal.facts) if refusal else ""
    field = str(refusal.facts.get("field", "")) if refusal else ""
    page = render_template(
        "municipality/own_works.html",
        active=OWN,
        office=office,
        live=[*queries.live_works(visit.session, city_id, now), *queries.coming_works(visit.session, city_id, now)],
        past=past[:A_PAGE],
        older=past[A_PAGE - 1].notice.id if len(past) > A_PAGE else None,
        before=before,
        zones=zones_of_city(visit.session, city_id),
        place=_place(visit, city_id),
        typed=request.form,
        faults={field: sentence} if field in FIELDS else {},
        fault=sentence if field not in FIELDS else "",
        key=request.form.get("key") or forms.new_key(),
        longest=LONGEST_TEXT,
    )
    return page, refusal.status if refusal else 200


def _place(visit: Visit, city_id: int) -> Any:
    """The place that the form or the address names, where it is of this city; else None."""
    asked = request.form.get("place", type=int) or request.args.get("place", type=int)
    if asked is None:
        return None
    try:
        found = place_by_id(visit.session, asked)
    except PlaceNotFound:
        return None
    return found if found.city_id == city_id else None
