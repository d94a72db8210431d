"""Programmes of the shrine: what comes, seats for a whole party, and the office that plans them."""

from datetime import datetime, timedelta

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from kernel import clock
from kernel.calendar import TEHRAN
from kernel.errors import DomainError, NotFound
from kernel.text import latin_digits
from kernel.web.routes import route
from kernel.web.visit import Visit
from merchants.onboarding.rules import typed_day
from places.queries import cities_of_offices
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import new_key, typed
from portal.routes.stays.forms import Asked, asked, choice_text, typed_choice, typed_count, version_key
from reservations.errors import WrongCount
from reservations.lodging.rules import choices, is_free
from reservations.programmes import queries
from reservations.programmes.rules import MOST_DAYS_BETWEEN, MOST_SEATS, POOLS, seat_offers, typed_documents
from reservations.programmes.services import planning, seating
from reservations.programmes.services.seating import SeatAsk

MAKE = Permission.RESERVATIONS_BOOKING_MAKE
PLAN = Permission.RESERVATIONS_PROGRAMME_MANAGE
HERE = "portal.programmes"
OWN = "portal.own_programmes"
A_PAGE = 20


@route(blueprint, "/programmes", permission=MAKE)
def programmes(visit: Visit) -> ResponseReturnValue:
    after = request.args.get("after", 0, type=int)
    rows = queries.sessions_page(visit.session, clock.now(), after=after, limit=A_PAGE + 1)
    turns = queries.next_turns(visit.session, seating.who_is(visit.identity.person_id))
    return page(
        "stays/programmes.html",
        active=HERE,
        rows=rows[:A_PAGE],
        turns=turns,
        older=url_for(HERE, after=after + A_PAGE) if len(rows) > A_PAGE else None,
        newer=url_for(HERE) if after else None,
    )


@route(blueprint, "/programmes/<int:seat_session_id>", permission=MAKE)
def programme(visit: Visit, seat_session_id: int) -> ResponseReturnValue:
    return _programme(visit, seat_session_id, asked(request.args))


@route(blueprint, "/programmes/<int:seat_session_id>", permission=MAKE, methods=["POST"])
def take_seats(visit: Visit, seat_session_id: int) -> ResponseReturnValue:
    wanted = asked(request.form)
    queries.session_row(visit.session, seat_session_id)
    try:
        documents = typed_documents(request.form.get("documents", "")[:2_000])
        ask = SeatAsk(version_key(), seat_session_id, typed_choice(), documents)
        booking = seating.take_seats(visit.session, visit.identity, ask)
    except DomainError as refusal:
        visit.session.rollback()
        return _programme(visit, seat_session_id, wanted, fault_by_field(refusal))
    return redirect(url_for("portal.booking", booking_id=booking.id), 303)


def _programme(visit: Visit, session_id: int, wanted: Asked, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    row = queries.session_row(visit.session, session_id)
    offers = seat_offers([pool for pool in row.pools if pool[1] != "accessible" or request.values.get("accessible")])
    counts = {name: fault for name, fault in wanted.faults.items() if name in ("men", "women", "children", "form")}
    ways = [
        {"way": way, "text": choice_text(way), "key": new_key(), "is_free": is_free(way)}
        for way in ([] if counts else choices(offers, wanted.party))
    ]
    turns = queries.next_turns(visit.session, seating.who_is(visit.identity.person_id))
    return page(
        "stays/programme.html",
        active=HERE,
        faults=counts | (faults or {}),
        row=row,
        asked=wanted,
        ways=ways,
        turn=turns.get(row.programme.id),
        typed=typed(),
    )


@route(blueprint, "/own-programmes", permission=PLAN)
def own_programmes(visit: Visit) -> ResponseReturnValue:
    return _own_programmes(visit)


@route(blueprint, "/own-programmes", permission=PLAN, methods=["POST"])
def add_programme(visit: Visit) -> ResponseReturnValue:
    form, faults = typed(), dict[str, DomainError]()
    days_between = typed_count(form, "days_between", faults, MOST_DAYS_BETWEEN)
    organisation_id, city_id = _office(visit)
    names = {"fa": form.get("name_fa", ""), "en": form.get("name_en", "")}
    try:
        if faults:
            raise next(iter(faults.values()))
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
def add_session(visit: Visit, programme_id: int) -> ResponseReturnValue:
    own = queries.own_programme(visit.session, visit.identity.organisations(PLAN), programme_id)
    form, faults = typed(), dict[str, DomainError]()
    seats = {kind: typed_count(form, f"seats_{kind}", faults, MOST_SEATS) for kind in POOLS}
    try:
        if faults:
            raise next(iter(faults.values()))
        starts_at, ends_at = _typed_moment(form, "starts"), _typed_moment(form, "ends")
        ends_at += timedelta(days=ends_at <= starts_at)  # a night ends on the next morning
        planning.add_session(visit.session, visit.identity.actor, own, starts_at, ends_at, seats)
    except DomainError as refusal:
        visit.session.rollback()
        return _own_programme(visit, programme_id, fault_by_field(refusal))
    return redirect(url_for("portal.own_programme", programme_id=programme_id, kept=1), 303)


def _typed_moment(form: dict[str, str], name: str) -> datetime:
    """A day and an hour of the city. Raises WrongDay, WrongCount."""
    day = typed_day(form.get("day", ""), "day")
    hour, _, minute = latin_digits(form.get(name, "")).strip().partition(":")
    if not (hour.isdecimal() and (minute or "0").isdecimal() and int(hour[:3]) < 24 and int((minute or "0")[:3]) < 60):
        raise WrongCount(field=name, most=23)
    return datetime(day.year, day.month, day.day, int(hour), int(minute or 0), tzinfo=TEHRAN)


def _own_programmes(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    rows = queries.programmes_of(visit.session, visit.identity.organisations(PLAN) or ())
    return page("stays/own_programmes.html", active=OWN, faults=faults, rows=rows)


def _own_programme(visit: Visit, programme_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    own = queries.own_programme(visit.session, visit.identity.organisations(PLAN), programme_id)
    rows = queries.sessions_page(visit.session, clock.now(), programme_ids=[own.id], limit=100)
    return page("stays/own_programme.html", active=OWN, faults=faults, own=own, rows=rows, kinds=list(POOLS))


def _office(visit: Visit) -> tuple[int, int]:
    """The office that plans, and its city. Raises NotFound for who works for none."""
    offices = cities_of_offices(visit.session, visit.identity.organisations(PLAN) or ())
    if not offices:
        raise NotFound
    return offices[0]

