"""Find a house, look at what it costs and under which terms, keep it or join the line."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from kernel import clock
from kernel.errors import DomainError, NotFound
from kernel.web.routes import route
from kernel.web.visit import Visit
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import new_key
from portal.routes.stays.forms import Asked, asked, choice_text, typed_choice, version_key
from reservations.bookings.services import holding, waiting
from reservations.bookings.services.holding import Ask
from reservations.lodging import queries
from reservations.lodging.rules import choices, deposit_rial, is_free, terms_of

MAKE = Permission.RESERVATIONS_BOOKING_MAKE
HERE = "portal.stays"
A_PAGE = 12


@route(blueprint, "/stays", permission=MAKE)
def stays(visit: Visit) -> ResponseReturnValue:
    wanted = asked(request.args)
    cities = queries.cities_with_lodging(visit.session)
    city = next((one for one in cities if one.code == request.args.get("city")), cities[0] if cities else None)
    after = request.args.get("after")
    found: list[Any] = []
    if city is not None and not wanted.faults:
        wish = queries.Wish(city.id, wanted.nights, wanted.party, is_accessible=bool(request.args.get("accessible")))
        found = queries.search(visit.session, wish, clock.now(), after=after, limit=A_PAGE + 1)
    query = wanted.query | {"city": city.code if city else None}
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
        older=url_for(HERE, **query, after=found[A_PAGE - 1].cursor) if len(found) > A_PAGE else None,
        newer=url_for(HERE, **query) if after else None,
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
    return page("stays/house.html", active=HERE, faults=wanted.faults | (faults or {}), action=url_for("portal.hold_stay", stay_id=house.id), **facts)


def house_facts(visit: Visit, house: Any, wanted: Asked) -> dict[str, Any]:
    """What a house offers a party, for pilgrims and at its desk; each choice has a key of its own."""
    offers = [] if wanted.faults else queries.offers_of(visit.session, house.id, wanted.nights, clock.now())
    ways = [
        {
            "way": way,
            "text": choice_text(way),
            "key": new_key(),
            "is_free": is_free(way),
            "price_rial": (price := sum(offer.stay_rial * quantity for offer, quantity, _ in way)),
            "deposit_rial": deposit_rial(price, house.deposit_basis_points),
        }
        for way in choices(offers, wanted.party)
    ]
    barred = [offer for offer in offers if offer.bar is not None]
    return {"house": house, "asked": wanted, "ways": ways, "barred": barred, "terms": terms_of(house.terms), "typed": wanted.query}
