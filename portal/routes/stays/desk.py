"""The desk of a house: who arrives, who stays; by pass, card or list in, rooms changed, early out; booking for who stands there."""

from datetime import timedelta
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from cardbank.cards.queries import find_by_number
from cardbank.cards.rules import is_card_number
from cardbank.errors import CardNotFound
from cardbank.keystore.services import open_keystore
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import end_of_day, local_day
from kernel.errors import DomainError
from kernel.settings import load_settings
from kernel.text import latin_digits
from kernel.web.routes import route
from portal import words
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import form_number
from portal.routes.stays.finding import house_facts
from portal.routes.stays.forms import Asked, asked, typed_choice, version_key
from portal.routes.stays.own import booking_facts
from reservations.bookings import queries
from reservations.bookings.services import cancelling, doors, holding, paying, staying
from reservations.bookings.services.holding import Ask
from reservations.lodging import queries as lodging

OPERATE = Permission.RESERVATIONS_DESK_OPERATE
HERE = "portal.front_desk"


@route(blueprint, "/front-desk", permission=OPERATE)
def front_desk(visit: Visit) -> ResponseReturnValue:
    return _front_desk(visit)


@route(blueprint, "/front-desk", permission=OPERATE, methods=["POST"])
def find_at_desk(visit: Visit) -> ResponseReturnValue:
    """By the number or code of a pass, or by the number of the card that is held out; neither stands in an address."""
    text = request.form.get("code", "")
    try:
        found = _found(visit, text)
    except DomainError as refusal:
        return _front_desk(visit, words.error_sentence(refusal.code, refusal.facts)), refusal.status
    if len(found) == 1:
        later = 1 if doors.is_for_later(text) else None
        return redirect(url_for("portal.desk_booking", booking_id=found[0].id, later=later), 303)
    return _front_desk(visit, found=found)


def _found(visit: Visit, text: str) -> list[Any]:
    """Raises PassRefused, PassRanOut, BookingNotFound, CardNotFound."""
    houses = visit.identity.organisations(OPERATE)
    number = "".join(latin_digits(text).split())
    if not is_card_number(number):
        return [doors.booking_of_pass(visit.session, houses, text)]
    card = find_by_number(visit.session, open_keystore(load_settings()), number)
    if card is None or card.person_id is None:
        raise CardNotFound
    return doors.bookings_of_card_holder(visit.session, houses, card.person_id)


@route(blueprint, "/front-desk/<int:booking_id>", permission=OPERATE)
def desk_booking(visit: Visit, booking_id: int) -> ResponseReturnValue:
    return _booking(visit, booking_id)


@route(blueprint, "/front-desk/<int:booking_id>", permission=OPERATE, methods=["POST"])
def act_at_desk(visit: Visit, booking_id: int) -> ResponseReturnValue:
    """Let in, let out, note that nobody came, cancel, change a room."""
    queries.desk_booking(visit.session, visit.identity, booking_id)
    try:
        _act(visit, booking_id, request.form.get("act", ""))
    except DomainError as refusal:
        return _refused(visit, booking_id, refusal)
    return redirect(url_for("portal.desk_booking", booking_id=booking_id), 303)


def _act(visit: Visit, booking_id: int, act: str) -> None:
    session, identity = visit.session, visit.identity
    if act == "check_in":
        staying.check_in(session, identity, booking_id, rest_in_cash=bool(request.form.get("rest_in_cash")))
    elif act == "check_out":
        staying.check_out(session, identity, booking_id)
    elif act == "no_show":
        cancelling.mark_no_show(session, identity, booking_id)
    elif act == "cancel":
        cancelling.cancel(session, identity, booking_id)
    elif act == "change_room":
        staying.change_room(session, identity, booking_id, form_number("occupation"), form_number("unit_id"))


@route(blueprint, "/front-desk/<int:booking_id>/pay", permission=OPERATE, methods=["POST"])
def pay_at_desk(visit: Visit, booking_id: int) -> ResponseReturnValue:
    """What is due, from the card that is presented."""
    queries.desk_booking(visit.session, visit.identity, booking_id)
    number = "".join(latin_digits(request.form.get("number", "")).split())
    try:
        card = find_by_number(visit.session, open_keystore(load_settings()), number) if is_card_number(number) else None
        if card is None:
            raise CardNotFound
        paying.pay(visit.session, visit.identity, booking_id, card.card_id, version_key())
    except DomainError as refusal:
        return _refused(visit, booking_id, refusal)
    return redirect(url_for("portal.desk_booking", booking_id=booking_id), 303)


def _refused(visit: Visit, booking_id: int, refusal: DomainError) -> ResponseReturnValue:
    visit.session.rollback()
    return _booking(visit, booking_id, words.error_sentence(refusal.code, refusal.facts)), refusal.status


@route(blueprint, "/front-desk/book/<int:lodging_id>", permission=OPERATE)
def book_at_desk(visit: Visit, lodging_id: int) -> ResponseReturnValue:
    return _book(visit, lodging_id, asked(request.args, is_desk=True))


@route(blueprint, "/front-desk/book/<int:lodging_id>", permission=OPERATE, methods=["POST"])
def hold_at_desk(visit: Visit, lodging_id: int) -> ResponseReturnValue:
    wanted = asked(request.form, is_desk=True)
    lodging.own_lodging(visit.session, visit.identity.organisations(OPERATE), lodging_id)
    ask = Ask(version_key(), wanted.nights, typed_choice(), request.form.get("holder_name", ""), at_desk=True)
    try:
        booking = holding.hold(visit.session, visit.identity, ask)
    except DomainError as refusal:
        visit.session.rollback()
        return _book(visit, lodging_id, wanted, fault_by_field(refusal))
    return redirect(url_for("portal.desk_booking", booking_id=booking.id), 303)


def _book(visit: Visit, lodging_id: int, wanted: Asked, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    house = lodging.own_lodging(visit.session, visit.identity.organisations(OPERATE), lodging_id)
    facts = house_facts(visit, house, wanted)
    action = url_for("portal.hold_at_desk", lodging_id=house.id)
    return page("stays/house.html", active=HERE, faults=wanted.faults | (faults or {}), action=action, is_desk=True, **facts)


def _front_desk(visit: Visit, fault: str = "", found: list[Any] | None = None) -> str:
    organisations, now = visit.identity.organisations(OPERATE) or frozenset(), clock.now()
    houses = lodging.lodgings_of(visit.session, organisations)
    today = local_day(now)
    begins, ends = end_of_day(today - timedelta(days=1)), end_of_day(today)
    names = queries.names_of_things(visit.session, found) if found else {}
    return render_template(
        "stays/desk.html",
        active=HERE,
        houses=houses,
        arrivals=queries.day_list(visit.session, organisations, begins, ends, now) if organisations else [],
        guests=queries.in_house(visit.session, organisations, now) if organisations else [],
        today=today,
        found=found,
        names=names,
        fault=fault or (_("The card's holder has no booking here.") if found == [] else ""),
    )


def _booking(visit: Visit, booking_id: int, fault: str = "") -> str:
    one = queries.desk_booking(visit.session, visit.identity, booking_id)
    facts = booking_facts(visit, one)
    today = local_day(clock.now())
    units = lodging.units_of(visit.session, one.lodging_id) if one.lodging_id else []
    early = staying.early_refund(visit.session, one, today) if facts["state"] == "arrived" else 0
    return render_template(
        "stays/desk_booking.html", active=HERE, fault=fault, units=units, early_rial=early,
        was_offline="later" in request.args, may_come=today >= local_day(one.starts_at), may_no_show=today > local_day(one.starts_at), **facts,
    )  # fmt: skip
