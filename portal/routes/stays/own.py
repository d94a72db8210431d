"""A pilgrim's bookings: what is kept, what is due, the pass, what cancelling costs, and the places in waiting lines."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import cards_of_person
from cardbank.cards.rules import refusal_of_card
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError
from kernel.web.routes import route
from portal import words
from portal.blueprint import blueprint
from portal.routes.onboarding.forms import new_key, qr
from portal.routes.stays.forms import version_key
from reservations.bookings import queries
from reservations.bookings.services import cancelling, doors, paying, waiting
from reservations.lodging.rules import BASIS, kept_rial, refund_rial, terms_of

MAKE = Permission.RESERVATIONS_BOOKING_MAKE
HERE = "portal.bookings"
A_PAGE = 20


@route(blueprint, "/bookings", permission=MAKE)
def bookings(visit: Visit) -> ResponseReturnValue:
    after, me = request.args.get("after", type=int), visit.identity.person_id
    rows = queries.bookings_of(visit.session, me, clock.now(), after=after, limit=A_PAGE + 1)
    line = queries.waitings_of(visit.session, me)
    return render_template(
        "stays/bookings.html",
        active=HERE,
        rows=rows[:A_PAGE],
        waiting=[(one, queries.place_in_line(visit.session, one)) for one in line],
        names=queries.names_of_things(visit.session, line),
        older=url_for(HERE, after=rows[A_PAGE - 1].booking.id) if len(rows) > A_PAGE else None,
        newer=url_for(HERE) if after else None,
    )


@route(blueprint, "/bookings/<int:booking_id>", permission=MAKE)
def booking(visit: Visit, booking_id: int) -> ResponseReturnValue:
    return _booking(visit, booking_id)


@route(blueprint, "/bookings/<int:booking_id>/pay", permission=MAKE, methods=["POST"])
def pay_booking(visit: Visit, booking_id: int) -> ResponseReturnValue:
    try:
        paying.pay(visit.session, visit.identity, booking_id, request.form.get("card", type=int), version_key())
    except DomainError as refusal:
        return _refused(visit, booking_id, refusal)
    return redirect(url_for("portal.booking", booking_id=booking_id), 303)


@route(blueprint, "/bookings/<int:booking_id>/cancel", permission=MAKE, methods=["POST"])
def cancel_booking(visit: Visit, booking_id: int) -> ResponseReturnValue:
    try:
        cancelling.cancel(visit.session, visit.identity, booking_id)
    except DomainError as refusal:
        return _refused(visit, booking_id, refusal)
    return redirect(url_for("portal.booking", booking_id=booking_id), 303)


@route(blueprint, "/waitings/<int:waiting_id>/leave", permission=MAKE, methods=["POST"])
def leave_waiting(visit: Visit, waiting_id: int) -> ResponseReturnValue:
    waiting.leave(visit.session, visit.identity, waiting_id)
    return redirect(url_for(HERE), 303)


def _refused(visit: Visit, booking_id: int, refusal: DomainError) -> ResponseReturnValue:
    if refusal.status == 404:
        raise refusal
    visit.session.rollback()
    return _booking(visit, booking_id, words.error_sentence(refusal.code, refusal.facts)), refusal.status


def _booking(visit: Visit, booking_id: int, fault: str = "") -> str:
    one = queries.own_booking(visit.session, visit.identity, booking_id)
    today = local_day(clock.now())
    cards = [card for card in cards_of_person(visit.session, visit.identity.person_id) if refusal_of_card(card, today) is None]
    return render_template("stays/booking.html", active=HERE, fault=fault, cards=cards, **booking_facts(visit, one))


def booking_facts(visit: Visit, one: Any) -> dict[str, Any]:
    """What a booking's page shows, to who booked and at the desk."""
    now = clock.now()
    state = queries.state_now(one, now)
    return {
        "booking": one,
        "state": state.value,
        "names": queries.names_of_things(visit.session, [one])[one.id],
        "lines": queries.lines_of(visit.session, one.id),
        "payments": queries.payments_of(visit.session, one.id),
        "due_rial": queries.due_rial(one) if state in ("held", "confirmed", "arrived") else 0,
        "costs": queries.cancelling_costs(one, now),
        "steps": _steps(one),
        "pass_qr": qr(doors.pass_text(visit.session, one)) if state in ("confirmed", "arrived") else None,
        "follows_moon": queries.follows_moon(visit.session, one),
        "key": new_key(),
    }


def _steps(one: Any) -> list[tuple[Any, int]]:
    """(until when, what goes back of what is paid, or is about to be): the terms as this booking was made under them."""
    terms, paid = terms_of(one.terms), one.paid_rial or one.deposit_rial
    told = []
    for step in terms.steps:
        until = one.starts_at - timedelta(hours=step.hours)
        told.append((until, refund_rial(kept_rial(terms, one.price_rial, one.starts_at, until), paid)))
    return [*told, (None, refund_rial(one.price_rial * terms.late_basis_points // BASIS, paid))]
