"""Programmes and tours for who runs them, a city's office or a shop: their dates and seats, their prices, what a tour is."""

from datetime import datetime, timedelta
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import TEHRAN
from kernel.errors import DomainError, NotFound
from kernel.text import latin_digits
from kernel.web.routes import route
from merchants.catalogue.rules.prices import typed_rial
from merchants.onboarding.rules import typed_day
from merchants.queries import merchants_of_organisations
from places.queries import all_cities, cities_of_offices, city_by_code
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import form_number, typed
from portal.routes.stays.forms import typed_count, typed_terms
from reservations.errors import WrongCount, WrongNights
from reservations.lodging.rules import terms_of
from reservations.programmes import queries
from reservations.programmes.rules import (
    MOST_DAYS_BETWEEN,
    MOST_DECIDE_HOURS,
    MOST_SEATS,
    POOLS,
    TOUR_KINDS,
    Prices,
    Way,
    typed_stops,
)
from reservations.programmes.services import calling_off, planning

PLAN = Permission.RESERVATIONS_PROGRAMME_MANAGE
HERE = "portal.own_programmes"
MOST_DATES = 60  # of one form


@route(blueprint, "/own-programmes", permission=PLAN)
def own_programmes(visit: Visit) -> ResponseReturnValue:
    return _own_programmes(visit)


@route(blueprint, "/own-programmes", permission=PLAN, methods=["POST"])
def add_programme(visit: Visit) -> ResponseReturnValue:
    form, faults = typed(), dict[str, DomainError]()
    days_between = typed_count(form, "days_between", faults, MOST_DAYS_BETWEEN)
    offices, shops = _offices(visit), _shops(visit)
    if not offices and not shops:
        raise NotFound
    names = {"fa": form.get("name_fa", ""), "en": form.get("name_en", "")}
    try:
        if faults:
            raise next(iter(faults.values()))
        organisation_id, city_id = (
            offices[0] if offices else (shops[0].organisation_id, city_by_code(visit.session, form.get("city", "")).id)
        )
        made = planning.add_programme(
            visit.session, visit.identity.actor, organisation_id, city_id, names, kind=form.get("kind", ""),
            days_between=days_between or None,
        )  # fmt: skip
    except DomainError as refusal:
        visit.session.rollback()
        return _own_programmes(visit, fault_by_field(refusal))
    return redirect(url_for("portal.own_programme", programme_id=made.id), 303)


@route(blueprint, "/own-programmes/<int:programme_id>", permission=PLAN)
def own_programme(visit: Visit, programme_id: int) -> ResponseReturnValue:
    return _own_programme(visit, programme_id)


@route(blueprint, "/own-programmes/<int:programme_id>", permission=PLAN, methods=["POST"])
def change_programme(visit: Visit, programme_id: int) -> ResponseReturnValue:
    """One form a card of the page; `act` names it."""
    own = queries.own_programme(visit.session, visit.identity.organisations(PLAN), programme_id)
    acts = {"date": _add_date, "prices": _set_prices, "way": _set_way, "open": _open, "call_off": _call_off}
    act = acts.get(request.form.get("act", "date"))
    if act is None:
        raise NotFound
    try:
        act(visit, own)
    except DomainError as refusal:
        visit.session.rollback()
        return _own_programme(visit, programme_id, fault_by_field(refusal))
    return redirect(url_for("portal.own_programme", programme_id=programme_id, kept=1), 303)


def _add_date(visit: Visit, own: Any) -> None:
    form, faults = typed(), dict[str, DomainError]()
    seats = {kind: typed_count(form, f"seats_{kind}", faults, MOST_SEATS) for kind in POOLS}
    if faults:
        raise next(iter(faults.values()))
    starts_at, ends_at = _typed_moment(form, "starts"), _typed_moment(form, "ends")
    ends_at += timedelta(days=ends_at <= starts_at)  # a night ends on the next morning
    follows_moon = bool(form.get("follows_moon"))
    for ahead in range(_days_of(form)):
        later = timedelta(days=ahead)
        planning.add_session(
            visit.session, visit.identity.actor, own, starts_at + later, ends_at + later, seats, follows_moon=follows_moon
        )


def _days_of(form: dict[str, str]) -> int:
    """On how many days, one after the other, it takes place. Raises WrongDay, WrongNights."""
    if not form.get("last", "").strip():
        return 1
    days = (typed_day(form["last"], "last") - typed_day(form.get("day", ""), "day")).days + 1
    if not 0 < days <= MOST_DATES:
        raise WrongNights(field="last", fault="dates", most=MOST_DATES)
    return days


def _typed_moment(form: dict[str, str], name: str) -> datetime:
    """A day and an hour of the city. Raises WrongDay, WrongCount."""
    day = typed_day(form.get("day", ""), "day")
    hour, _, minute = latin_digits(form.get(name, "")).strip().partition(":")
    if not (hour.isdecimal() and (minute or "0").isdecimal() and int(hour[:3]) < 24 and int((minute or "0")[:3]) < 60):
        raise WrongCount(field=name, most=23)
    return datetime(day.year, day.month, day.day, int(hour), int(minute or 0), tzinfo=TEHRAN)


def _set_prices(visit: Visit, own: Any) -> None:
    form = typed()
    adult, child = (typed_rial(form[name], name) if form.get(name, "").strip(" 0۰") else 0 for name in ("adult_rial", "child_rial"))
    shop = next((one for one in _shops(visit) if one.organisation_id == own.organisation_id), None)
    planning.set_prices(visit.session, visit.identity.actor, own, shop, Prices(adult, child), typed_terms())


def _set_way(visit: Visit, own: Any) -> None:
    form, faults = typed(), dict[str, DomainError]()
    least = typed_count(form, "least_people", faults, MOST_SEATS)
    hours = typed_count(form, "decide_hours", faults, MOST_DECIDE_HOURS)
    if faults:
        raise next(iter(faults.values()))
    stops = typed_stops({"fa": form.get("stops_fa", "")[:4_000], "en": form.get("stops_en", "")[:4_000]})
    meeting = {"fa": form.get("meeting_fa", ""), "en": form.get("meeting_en", "")}
    way = Way(stops, meeting, form.get("guide", ""), tuple(request.form.getlist("languages")))
    planning.set_way(visit.session, visit.identity.actor, own, way, least or None, hours or None)


def _open(visit: Visit, own: Any) -> None:
    planning.open_programme(visit.session, visit.identity.actor, own, is_open=not own.is_open)


def _call_off(visit: Visit, own: Any) -> None:
    calling_off.call_off(visit.session, visit.identity.actor, own, form_number("session_id"))


def _own_programmes(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    rows = queries.programmes_of(visit.session, visit.identity.organisations(PLAN) or ())
    offices, shops = _offices(visit), _shops(visit)
    cities = [] if offices else all_cities(visit.session)
    return page("stays/own_programmes.html", active=HERE, faults=faults, rows=rows, may_add=bool(offices or shops), cities=cities)


def _own_programme(visit: Visit, programme_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    own = queries.own_programme(visit.session, visit.identity.organisations(PLAN), programme_id)
    return page(
        "stays/own_programme.html",
        active=HERE,
        faults=faults,
        own=own,
        rows=queries.sessions_of(visit.session, own.id, clock.now()),
        kinds=list(POOLS),
        terms=terms_of(own.terms),
        may_be_paid=any(one.organisation_id == own.organisation_id for one in _shops(visit)),
        spoken=request.form.getlist("languages") if faults else own.languages,
    )


def _offices(visit: Visit) -> list[tuple[int, int]]:
    """(office, city) of those the person plans for."""
    return cities_of_offices(visit.session, visit.identity.organisations(PLAN) or ())


def _shops(visit: Visit) -> list[Any]:
    """The person's shops that may run tours and be paid for them."""
    shops = merchants_of_organisations(visit.session, visit.identity.organisations(PLAN) or ())
    return [one for one in shops if one.kind in TOUR_KINDS]
