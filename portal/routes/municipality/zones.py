"""The zones of a city: listed and shown, drawn and changed by its municipality."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.languages import in_language
from kernel.web.routes import route
from places.zones import services
from places.zones.errors import ZoneOverlaps
from places.zones.queries import ZoneTold, zone_told, zones_drawn, zones_told
from places.zones.rules import outline_lines
from portal.blueprint import blueprint
from portal.routes.municipality.office import Office, office_of
from portal.routes.onboarding import forms

VIEW, DRAW = Permission.PLACES_ZONE_VIEW, Permission.PLACES_ZONE_DRAW
HERE = "portal.zones"


@route(blueprint, "/zones", permission=VIEW)
def zones(visit: Visit) -> ResponseReturnValue:
    office = office_of(visit, VIEW)
    told = zones_told(visit.session, office.city.id)
    may_draw = visit.identity.can(DRAW, office.municipality_id)
    return render_template(
        "municipality/zones.html",
        active=HERE,
        office=office,
        zones=told,
        may_draw=may_draw,
        outlines=_outlines(told, visit.language),
    )


@route(blueprint, "/zones/new", permission=DRAW)
def new_zone(visit: Visit) -> ResponseReturnValue:
    return _form(visit, office_of(visit, DRAW), None)


@route(blueprint, "/zones/new", permission=DRAW, methods=["POST"])
def draw_zone(visit: Visit) -> ResponseReturnValue:
    office = office_of(visit, DRAW)
    try:
        services.draw_new_zone(visit.session, visit.identity.actor, office.city.id, forms.form_key(), services.drawn(forms.typed()))
    except DomainError as refusal:
        return _form(visit, office, None, refusal)
    return redirect(url_for(HERE, city=office.city.code, told=1), 303)


@route(blueprint, "/zones/<int:zone_id>", permission=DRAW)
def zone(visit: Visit, zone_id: int) -> ResponseReturnValue:
    office, told = _own(visit, zone_id)
    return _form(visit, office, told)


@route(blueprint, "/zones/<int:zone_id>", permission=DRAW, methods=["POST"])
def change_zone(visit: Visit, zone_id: int) -> ResponseReturnValue:
    office, told = _own(visit, zone_id)
    version = forms.form_number("version")
    try:
        services.change_zone(visit.session, visit.identity.actor, told.city_id, zone_id, version, services.drawn(forms.typed()))
    except DomainError as refusal:
        return _form(visit, office, told, refusal)
    return redirect(url_for(HERE, city=office.city.code, told=1), 303)


def _own(visit: Visit, zone_id: int) -> tuple[Office, ZoneTold]:
    """Raises ZoneNotFound, for a zone of another municipality's city too."""
    office = office_of(visit, DRAW)
    told = zone_told(visit.session, [office.city.id, *(one.id for one in office.others)], zone_id)
    city = next(one for one in (office.city, *office.others) if one.id == told.city_id)
    return Office(city), told


def _form(visit: Visit, office: Office, told: ZoneTold | None, fault: DomainError | None = None) -> ResponseReturnValue:
    visit.session.rollback()
    others = [one for one in zones_drawn(visit.session, office.city.id) if told is None or one.zone_id != told.zone_id]
    typed: dict[str, Any] = dict(request.form) if fault is not None else _facts(told)
    page = render_template(
        "municipality/zone.html", active=HERE, office=office, told=told, typed=typed, key=request.form.get("key") or forms.new_key(),
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
        cut=fault.facts["others"] if isinstance(fault, ZoneOverlaps) else [], outlines=_outlines(others, visit.language),
    )  # fmt: skip
    return page, fault.status if fault else 200


def _facts(told: ZoneTold | None) -> dict[str, Any]:
    if told is None:
        return {}
    return {f"name_{language}": name for language, name in told.names.items()} | {
        "outline": outline_lines(told.ring),
        "version": told.version,
    }


def _outlines(zones: list[ZoneTold], language: str) -> list[dict[str, Any]]:
    """As the map's script takes them, corners as (latitude, longitude)."""
    return [{"name": in_language(one.names, language), "corners": [(lat, lon) for lon, lat in one.ring]} for one in zones]
