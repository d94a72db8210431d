"""The union or municipality over lodgings: their licences, rate sheets that wait, and the ceilings."""

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
from merchants.catalogue.rules.prices import typed_rial
from merchants.onboarding.rules import typed_day
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import form_number, typed
from portal.routes.stays.forms import typed_count
from reservations.errors import WrongCount
from reservations.lodging import queries
from reservations.lodging.rules import Nights
from reservations.lodging.services import licensing, pricing

APPROVE = Permission.RESERVATIONS_LODGING_APPROVE
HERE = "portal.overseen_houses"
A_PAGE = 30


@route(blueprint, "/overseen-houses", permission=APPROVE)
def overseen_houses(visit: Visit) -> ResponseReturnValue:
    after = request.args.get("after", 0, type=int)
    rows = queries.overseen_page(visit.session, visit.identity.organisations(APPROVE), after=after, limit=A_PAGE + 1)
    return page(
        "stays/overseen.html",
        active=HERE,
        rows=rows[:A_PAGE],
        today=local_day(clock.now()),
        older=url_for(HERE, after=rows[A_PAGE - 1].lodging.id) if len(rows) > A_PAGE else None,
        newer=url_for(HERE) if after else None,
    )


@route(blueprint, "/overseen-houses/<int:lodging_id>", permission=APPROVE)
def overseen_house(visit: Visit, lodging_id: int) -> ResponseReturnValue:
    return _house(visit, lodging_id)


@route(blueprint, "/overseen-houses/<int:lodging_id>", permission=APPROVE, methods=["POST"])
def decide_on_house(visit: Visit, lodging_id: int) -> ResponseReturnValue:
    """One form a card of the page; `act` names it."""
    house = queries.overseen_lodging(visit.session, visit.identity.organisations(APPROVE), lodging_id)
    acts = {"licence": _grant, "revoke": _revoke, "approve": _decide, "refuse": _decide}
    act = acts.get(request.form.get("act", ""))
    if act is None:
        raise NotFound
    try:
        act(visit, house)
    except DomainError as refusal:
        visit.session.rollback()
        return _house(visit, lodging_id, fault_by_field(refusal))
    return redirect(url_for("portal.overseen_house", lodging_id=lodging_id, kept=1), 303)


def _grant(visit: Visit, house: Any) -> None:
    form = typed()
    starts_on, ends_on = typed_day(form.get("starts_on", ""), "starts_on"), typed_day(form.get("ends_on", ""), "ends_on")
    licensing.grant_licence(visit.session, visit.identity.actor, house, form.get("number", ""), starts_on, ends_on)


def _revoke(visit: Visit, house: Any) -> None:
    licensing.revoke_licence(visit.session, visit.identity.actor, house, form_number("licence"), request.form.get("why", ""))


def _decide(visit: Visit, house: Any) -> None:
    is_approved = request.form["act"] == "approve"
    why = request.form.get("why", "")
    pricing.decide_sheet(visit.session, visit.identity.actor, house, form_number("sheet"), is_approved=is_approved, why=why)


def _house(visit: Visit, lodging_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    house = queries.overseen_lodging(visit.session, visit.identity.organisations(APPROVE), lodging_id)
    sheets = queries.sheets_of(visit.session, house.id)
    return page(
        "stays/overseen_house.html",
        active=HERE,
        faults=faults,
        house=house,
        classes={one.id: one for one in queries.classes_of(visit.session, house.id)},
        licences=queries.licences_of(visit.session, house.id),
        sheets=sheets,
        rates=queries.rates_of(visit.session, [sheet.id for sheet in sheets]),
        today=local_day(clock.now()),
    )


@route(blueprint, "/room-ceilings", permission=APPROVE)
def room_ceilings(visit: Visit) -> ResponseReturnValue:
    return _ceilings(visit)


@route(blueprint, "/room-ceilings", permission=APPROVE, methods=["POST"])
def set_room_ceiling(visit: Visit) -> ResponseReturnValue:
    form, faults = typed(), dict[str, DomainError]()
    grade, people = typed_count(form, "grade", faults, 5), typed_count(form, "people", faults, 20)
    try:
        if faults:
            raise next(iter(faults.values()))
        last = typed_day(form.get("last", ""), "last")
        nights = Nights(typed_day(form.get("first", ""), "first"), last + timedelta(days=1))
        if form.get("lets") not in ("room", "bed"):
            raise WrongCount(field="lets", most=2)
        pricing.set_ceiling(
            visit.session, visit.identity.actor, _authority(visit), kind=form.get("kind", ""), grade=grade, lets=form["lets"],
            people=people or 1, nights=nights, amount_rial=typed_rial(form.get("amount_rial", ""), "amount_rial"),
        )  # fmt: skip
    except DomainError as refusal:
        visit.session.rollback()
        return _ceilings(visit, fault_by_field(refusal))
    return redirect(url_for("portal.room_ceilings", kept=1), 303)


def _ceilings(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    rows = queries.ceilings_of(visit.session, _authority(visit))
    return page("stays/ceilings.html", active="portal.room_ceilings", faults=faults, rows=rows, one_day=timedelta(days=1))


def _authority(visit: Visit) -> int:
    """Raises NotFound for who works for no union or municipality."""
    organisations = sorted(visit.identity.organisations(APPROVE) or ())
    if not organisations:
        raise NotFound
    return organisations[0]
