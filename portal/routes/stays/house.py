"""A house for who runs it: its rooms, its prices and their approval, its terms, and what is let on the next nights."""

from datetime import timedelta
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError, NotFound
from kernel.web.routes import route
from merchants.branches.queries import branches_of
from merchants.catalogue.rules.prices import typed_rial
from merchants.onboarding.rules import typed_day
from merchants.queries import merchants_of_organisations
from places.queries import city_by_code, city_of_place
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import form_number, typed
from portal.routes.stays.forms import counted, typed_count, typed_terms
from reservations.errors import UnknownLodgingKind
from reservations.lodging import queries
from reservations.lodging.rules import Nights, terms_of
from reservations.lodging.services import pricing, registering

MANAGE = Permission.RESERVATIONS_LODGING_MANAGE
HERE = "portal.houses"
SHOWN_NIGHTS = 14


@route(blueprint, "/houses", permission=MANAGE)
def houses(visit: Visit) -> ResponseReturnValue:
    return _houses(visit)


@route(blueprint, "/houses", permission=MANAGE, methods=["POST"])
def register_house(visit: Visit) -> ResponseReturnValue:
    form = typed()
    merchants = merchants_of_organisations(visit.session, visit.identity.organisations(MANAGE) or ())
    if not merchants:
        raise NotFound
    try:
        faults: dict[str, DomainError] = {}
        grade = typed_count(form, "grade", faults, 5)
        branch = _branch(visit, form.get("branch_id", "")) if _branches(visit) else None
        merchant = next((one for one in merchants if branch and one.id == branch.merchant_id), merchants[0])
        city = city_of_place(visit.session, branch.place_id) if branch else city_by_code(visit.session, form.get("city", ""))
        names = {"fa": form.get("name_fa", ""), "en": form.get("name_en", "")}
        if faults:
            return _houses(visit, faults)
        made = registering.register_lodging(
            visit.session, visit.identity.actor, merchant, city, names, kind=form.get("kind", ""), grade=grade,
            place_id=branch.place_id if branch else None,
        )  # fmt: skip
    except DomainError as refusal:
        visit.session.rollback()
        return _houses(visit, fault_by_field(refusal))
    return redirect(url_for("portal.house", lodging_id=made.id), 303)


def _branches(visit: Visit) -> list[Any]:
    """Where a house may stand: a branch has its place on the map."""
    own = branches_of(visit.session, visit.identity.organisations(MANAGE) or ())
    return [one for one in own if one.status != "closed"]


def _branch(visit: Visit, number: str) -> Any:
    """Raises UnknownLodgingKind."""
    found = next((one for one in _branches(visit) if str(one.id) == number), None)
    if found is None:
        raise UnknownLodgingKind(field="branch_id")
    return found


def _houses(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    own = queries.lodgings_of(visit.session, visit.identity.organisations(MANAGE) or ())
    return page(
        "stays/houses.html", active=HERE, faults=faults, houses=own, branches=_branches(visit), cities=queries.cities(visit.session)
    )


@route(blueprint, "/houses/<int:lodging_id>", permission=MANAGE)
def house(visit: Visit, lodging_id: int) -> ResponseReturnValue:
    return _house(visit, lodging_id)


@route(blueprint, "/houses/<int:lodging_id>", permission=MANAGE, methods=["POST"])
def change_house(visit: Visit, lodging_id: int) -> ResponseReturnValue:
    """One form a card of the page; `act` names it."""
    own = queries.own_lodging(visit.session, visit.identity.organisations(MANAGE), lodging_id)
    acts = {
        "class": _add_class,
        "unit": _add_unit,
        "close_unit": _close_unit,
        "sheet": _hand_in,
        "terms": _set_terms,
        "open": _open,
        "place": _place,
    }
    act = acts.get(request.form.get("act", ""))
    if act is None:
        raise NotFound
    try:
        act(visit, own)
    except DomainError as refusal:
        visit.session.rollback()
        return _house(visit, lodging_id, fault_by_field(refusal))
    return redirect(url_for("portal.house", lodging_id=lodging_id, kept=1), 303)


def _add_class(visit: Visit, own: Any) -> None:
    form = typed()
    names = {"fa": form.get("name_fa", ""), "en": form.get("name_en", "")}
    registering.add_class(
        visit.session, visit.identity.actor, own, names, lets=form.get("lets", ""), for_whom=form.get("for_whom", ""),
        people=counted("people", 20), is_accessible=bool(form.get("is_accessible")),
    )  # fmt: skip


def _add_unit(visit: Visit, own: Any) -> None:
    of = queries.class_of(visit.session, own.id, form_number("class_id"))
    beds = counted("beds", 60) if of.lets == "bed" else 1
    registering.add_unit(visit.session, visit.identity.actor, of, request.form.get("code", ""), beds)


def _close_unit(visit: Visit, own: Any) -> None:
    number = form_number("unit_id")
    unit = next((one for one in queries.units_of(visit.session, own.id) if one.id == number), None)
    if unit is None:
        raise NotFound
    registering.close_unit(visit.session, visit.identity.actor, unit, None if unit.closed_on else local_day(clock.now()))


def _hand_in(visit: Visit, own: Any) -> None:
    form = typed()
    nights = Nights(typed_day(form.get("first", ""), "first"), typed_day(form.get("until", ""), "until"))
    rates = {
        one.id: typed_rial(form[f"rate_{one.id}"], f"rate_{one.id}")
        for one in queries.classes_of(visit.session, own.id)
        if form.get(f"rate_{one.id}", "").strip()
    }
    pricing.hand_in_sheet(visit.session, visit.identity.actor, own, nights, rates)


def _set_terms(visit: Visit, own: Any) -> None:
    registering.set_terms(visit.session, visit.identity.actor, own, typed_terms(), counted("deposit", 100) * 100)


def _open(visit: Visit, own: Any) -> None:
    registering.open_lodging(visit.session, visit.identity.actor, own, is_open=not own.is_open)


def _place(visit: Visit, own: Any) -> None:
    branch = _branch(visit, request.form.get("branch_id", ""))
    registering.place_lodging(visit.session, visit.identity.actor, own, branch.place_id)


def _house(visit: Visit, lodging_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    own = queries.own_lodging(visit.session, visit.identity.organisations(MANAGE), lodging_id)
    classes = queries.classes_of(visit.session, own.id)
    sheets = queries.sheets_of(visit.session, own.id)
    today = local_day(clock.now())
    nights = Nights(today, today + timedelta(days=SHOWN_NIGHTS))
    return page(
        "stays/manage.html",
        active=HERE,
        faults=faults,
        house=own,
        branches=_branches(visit),
        classes=classes,
        units=queries.units_of(visit.session, own.id),
        licences=queries.licences_of(visit.session, own.id),
        sheets=sheets,
        rates=queries.rates_of(visit.session, [sheet.id for sheet in sheets]),
        terms=terms_of(own.terms),
        told=queries.nights_of(visit.session, [one.id for one in classes], nights),
        taken=queries.taken_by_night(visit.session, own.id, nights, clock.now()),
        nights=nights,
        today=today,
    )
