"""Find a house, look at what it costs and under which terms, keep it or join the line."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from insights.demand.searching import find_houses
from kernel import clock
from kernel.errors import DomainError, NotFound
from kernel.web.routes import route
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import new_key
from portal.routes.stays.forms import Asked, asked, choice_text, is_asked_anew, typed_choice, version_key
from reservations.bookings import finding
from reservations.bookings.services import holding, waiting
from reservations.bookings.services.holding import Ask
from reservations.lodging import queries
from reservations.lodging.rules import choices, cost_rial, deposit_rial, is_free, terms_of

MAKE = Permission.RESERVATIONS_BOOKING_MAKE
HERE = "portal.stays"
A_PAGE = 12
TICKS = ("accessible", "only_free")


@route(blueprint, "/stays", permission=MAKE)
def stays(visit: Visit) -> ResponseReturnValue:
    wanted = asked(request.args)
    cities = queries.cities_with_lodging(visit.session)
    city = next((one for one in cities if one.code == request.args.get("city")), cities[0] if cities else None)
    after = request.args.get("after")
    found: list[Any] = []
    if city is not None and not wanted.faults:
        ticked = {
            name: bool(request.args.get(tick)) for name, tick in (("is_accessible", "accessible"), ("only_free", "only_free"))
        }
        sought = finding.Sought(city.id, wanted.nights, wanted.party, **ticked)
        found = find_houses(visit.session, sought, clock.now(), after=after, limit=A_PAGE + 1, is_new=is_asked_anew("first"))
    query = wanted.query | {"city": city.code if city else None}
    again = query | {name: 1 for name in TICKS if request.args.get(name)}
    return page(
        "stays/find.html",
        active=HERE,
        faults=wanted.faults,
        typed=request.args.to_dict(),
        asked=wanted,
        cities=cities,
        city=city,
        found=found[:A_PAGE],
        query=query,
        older=url_for(HERE, **again, after=found[A_PAGE - 1].cursor) if len(found) > A_PAGE else None,
        newer=url_for(HERE, **again) if after else None,
    )


@route(blueprint, "/stays/<int:stay_id>", permission=MAKE)
def stay(visit: Visit, stay_id: int) -> ResponseReturnValue:
    return _stay(visit, stay_id, asked(request.args))


@route(blueprint, "/stays/<int:stay_id>", permission=MAKE, methods=["POST"])
def hold_stay(visit: Visit, stay_id: int) -> ResponseReturnValue:
    """Keep a choice, or with the other button stand in line for it."""
    wanted = asked(request.form)
    queries.lodging_by_id(visit.session, stay_id)
    ask = Ask(version_key(), wanted.nights, typed_choice(), request.form.get("holder_name", ""))
    try:
        if request.form.get("act") == "wait":
            waiting.join(visit.session, visit.identity, ask)
            return redirect(url_for("portal.bookings"), 303)
        booking = holding.hold(visit.session, visit.identity, ask)
    except DomainError as refusal:
        visit.session.rollback()
        return _stay(visit, stay_id, wanted, fault_by_field(refusal))
    return redirect(url_for("portal.booking", booking_id=booking.id), 303)


def _stay(visit: Visit, lodging_id: int, wanted: Asked, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    house = queries.lodging_by_id(visit.session, lodging_id)
    if not house.is_open:
        raise NotFound
    facts = house_facts(visit, house, wanted)
    return page(
        "stays/house.html",
        active=HERE,
        faults=wanted.faults | (faults or {}),
        action=url_for("portal.hold_stay", stay_id=house.id),
        **facts,
    )


def house_facts(visit: Visit, house: Any, wanted: Asked) -> dict[str, Any]:
    """What a house offers a party, for pilgrims and at its desk; each choice has a key of its own."""
    told = finding.Offered([], 0) if wanted.faults else finding.offers_of(visit.session, house.id, wanted.nights, clock.now())
    ways = [
        {
            "way": way,
            "text": choice_text(way),
            "key": new_key(),
            "is_free": is_free(way),
            "price_rial": (price := cost_rial(way)),
            "deposit_rial": deposit_rial(price, house.deposit_basis_points),
        }
        for way in choices(told.offers, wanted.party)
    ]
    barred = [offer for offer in told.offers if offer.bar is not None]
    terms = terms_of(house.terms)
    return {
        "house": house,
        "asked": wanted,
        "ways": ways,
        "waiting": told.waiting,
        "barred": barred,
        "terms": terms,
        "typed": wanted.query | request.values.to_dict(),
    }
