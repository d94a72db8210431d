"""Programmes and tours for who comes: what is planned, seats for a whole party, or a place in line for them."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.helping import helps_of
from identity.permissions import Permission
from identity.visits import Visit
from insights.demand.searching import find_dates
from kernel import clock
from kernel.errors import DomainError
from kernel.web.routes import route
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import new_key, typed
from portal.routes.stays.forms import Asked, asked, choice_text, is_asked_anew, typed_choice, version_key
from reservations.lodging.rules import choices, is_free, terms_of
from reservations.programmes import queries
from reservations.programmes.queries import SessionRow, Sought
from reservations.programmes.rules import seat_offers, typed_documents
from reservations.programmes.services import seating, waiting
from reservations.programmes.services.seating import SeatAsk

MAKE = Permission.RESERVATIONS_BOOKING_MAKE
HERE = "portal.programmes"
A_PAGE = 20


@route(blueprint, "/programmes", permission=MAKE)
def programmes(visit: Visit) -> ResponseReturnValue:
    after, now, only_free = request.args.get("after", type=int), clock.now(), bool(request.args.get("only_free"))
    rows = find_dates(visit.session, now, Sought(only_free=only_free), after=after, limit=A_PAGE + 1, is_new=is_asked_anew())
    query: dict[str, Any] = {"only_free": 1} if only_free else {}
    return page(
        "stays/programmes.html",
        active=HERE,
        rows=rows[:A_PAGE],
        only_free=only_free,
        turns=_next_turns(visit, rows),
        older=url_for(HERE, **query, after=rows[A_PAGE - 1].session.id) if len(rows) > A_PAGE else None,
        newer=url_for(HERE, **query) if after else None,
    )


@route(blueprint, "/programmes/<int:seat_session_id>", permission=MAKE)
def programme(visit: Visit, seat_session_id: int) -> ResponseReturnValue:
    return _programme(visit, seat_session_id, asked(request.args))


@route(blueprint, "/programmes/<int:seat_session_id>", permission=MAKE, methods=["POST"])
def take_seats(visit: Visit, seat_session_id: int) -> ResponseReturnValue:
    """Take a choice, or with the other button stand in line for it."""
    wanted = asked(request.form)
    queries.session_row(visit.session, seat_session_id, clock.now())
    try:
        documents = typed_documents(request.form.get("documents", "")[:2_000])
        people = tuple(request.form.getlist("people", type=int))
        comes, name = request.form.get("not_me") != "1", request.form.get("holder_name", "")
        ask = SeatAsk(version_key(), seat_session_id, typed_choice(), documents, people, comes=comes, holder_name=name)
        if request.form.get("act") == "wait":
            waiting.join(visit.session, visit.identity, ask)
            return redirect(url_for("portal.bookings"), 303)
        booking = seating.take_seats(visit.session, visit.identity, ask)
    except DomainError as refusal:
        visit.session.rollback()
        return _programme(visit, seat_session_id, wanted, fault_by_field(refusal))
    return redirect(url_for("portal.booking", booking_id=booking.id), 303)


def _programme(visit: Visit, session_id: int, wanted: Asked, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    now = clock.now()
    row = queries.session_row(visit.session, session_id, now)
    return page(
        "stays/programme.html",
        active=HERE,
        action=url_for("portal.take_seats", seat_session_id=session_id),
        turn=_next_turns(visit, [row]).get(row.programme.id),
        family=helps_of(visit.session, visit.identity) if row.programme.days_between else [],
        brought=request.form.getlist("people", type=int),
        typed=typed(),
        **date_facts(row, wanted, faults),
    )


def _next_turns(visit: Visit, rows: Iterable[SessionRow]) -> dict[int, date]:
    if not any(row.programme.days_between for row in rows):
        return {}
    person_id, now = visit.identity.person_id, clock.now()
    return queries.next_turns(visit.session, seating.names_of(visit.session, [person_id])[person_id], now)


def date_facts(row: SessionRow, wanted: Asked, faults: dict[str, DomainError] | None) -> dict[str, Any]:
    """What a date offers a party, for pilgrims and at its desk; each choice has a key of its own."""
    prices = seating.prices_of(row.programme)
    offers = seat_offers([pool for pool in row.open_pools if pool[1] != "accessible" or request.values.get("accessible")])
    counts = {name: fault for name, fault in wanted.faults.items() if name in ("men", "women", "children", "form")}
    ways = [
        {
            "way": way, "text": choice_text(way), "key": new_key(), "is_free": is_free(way),
            "price_rial": sum(prices.of(party) for _, _, party in way),
        }
        for way in ([] if counts else choices(offers, wanted.party))
    ]  # fmt: skip
    terms = terms_of(row.programme.terms)
    return {"faults": counts | (faults or {}), "row": row, "prices": prices, "terms": terms, "asked": wanted, "ways": ways}
