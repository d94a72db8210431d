"""Cards that an organisation orders for its members: what they cost, asking for them, and where each order stands."""

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.kinds.queries import kinds_in_force
from cardbank.orders import queries, services
from cardbank.orders.errors import CardOrderNotFound, WrongCardArt, WrongCardOrder
from cardbank.orders.queries import OrderRow
from cardbank.orders.rules import LEAST_DOTS, MOST_CARDS, OrderState, Wish
from identity.permissions import Permission
from identity.queries import names_of_organisations
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError
from kernel.printing.picture import Picture, read_picture
from kernel.text import latin_digits
from kernel.web.routes import route
from portal import order_words, words
from portal.blueprint import blueprint
from portal.card_words import TECHNOLOGIES
from portal.lists import download
from portal.order_paper import order_sheet
from portal.routes.onboarding.forms import form_key, new_key, uploaded

ORDER = Permission.CARDBANK_CARD_ORDER
HERE = "portal.card_orders"
A_PAGE = 20
NO_NUMBER = -1  # outside of every range, so that the rule names the field
FIELDS = ("art", "count", "design", "kind", "note")


@route(blueprint, "/card-orders", permission=ORDER)
def card_orders(visit: Visit) -> ResponseReturnValue:
    return _orders(visit)


@route(blueprint, "/card-orders", permission=ORDER, methods=["POST"], takes_files=True)
def ask_for_cards(visit: Visit) -> ResponseReturnValue:
    form = request.form
    try:
        wish = Wish(form.get("kind", ""), _count(form.get("count", "")), _line("design"), _line("note"))
        made = services.ask_cards(visit.session, visit.identity.actor, _organisation(visit), form_key(), wish, _picture())
    except DomainError as refusal:
        visit.session.rollback()
        return _orders(visit, refusal), refusal.status
    return redirect(url_for("portal.card_order", card_order_id=made.id), 303)


@route(blueprint, "/card-orders/<int:card_order_id>", permission=ORDER)
def card_order(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    return order_page(_own(visit, card_order_id), HERE)


@route(blueprint, "/card-orders/<int:card_order_id>/call-off", permission=ORDER, methods=["POST"])
def call_off_card_order(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    row = _own(visit, card_order_id)
    try:
        services.call_off_order(visit.session, visit.identity.actor, card_order_id, request.form.get("why", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return order_page(_own(visit, card_order_id), HERE, refusal), refusal.status
    return redirect(url_for("portal.card_order", card_order_id=row.order.id), 303)


@route(blueprint, "/card-orders/<int:card_order_id>/sheet.pdf", permission=ORDER)
def card_order_sheet(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    return sheet_answer(visit, _own(visit, card_order_id))


@route(blueprint, "/card-orders/<int:card_order_id>/art", permission=ORDER)
def card_order_art(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    return art_answer(visit, _own(visit, card_order_id))


def order_page(row: OrderRow, active: str, fault: DomainError | None = None) -> str:
    """An order as either side sees it; `active` says which."""
    field = str(fault.facts.get("field", "")) if fault else ""
    return render_template(
        "card_orders/order.html",
        active=active,
        is_bank=active != HERE,
        row=row,
        told=order_words,
        may_call_off=row.state in (OrderState.ASKED, OrderState.CONFIRMED) and row.order.paid_at is None,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
        fault_field=field,
        typed=request.form,
    )


def sheet_answer(visit: Visit, row: OrderRow) -> Response:
    return download(order_sheet(row, visit.language), "application/pdf", f"card-order-{row.order.id}.pdf")


def art_answer(visit: Visit, row: OrderRow) -> Response:
    art = queries.art_of_order(visit.session, row.order.id)
    return Response(art.content, mimetype=art.media_type)


def _own(visit: Visit, card_order_id: int) -> OrderRow:
    """Raises CardOrderNotFound, also for another organisation's."""
    row = queries.order_row(visit.session, card_order_id)
    if not visit.identity.can(ORDER, row.order.organisation_id):
        raise CardOrderNotFound(order_id=card_order_id)
    return row


def _organisation(visit: Visit) -> int:
    """Whose order it is; who acts for one organisation need not say. Raises WrongCardOrder."""
    reached = sorted(visit.identity.organisations(ORDER) or ())
    asked = request.form.get("organisation", reached[0] if reached else 0, type=int)
    if asked not in reached:
        raise WrongCardOrder(field="organisation")
    return asked


def _picture() -> Picture | None:
    """Raises WrongCardArt for a file that is no picture; None where none was chosen."""
    content = uploaded("art")
    if not content:
        return None
    picture = read_picture(content)
    if picture is None:
        raise WrongCardArt(field="art", fault="unreadable")
    return picture


def _count(typed: str) -> int:
    digits = latin_digits(typed).replace(",", "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 6 else NO_NUMBER


def _line(name: str) -> str:
    return " ".join(request.form.get(name, "").split())


def _orders(visit: Visit, fault: DomainError | None = None) -> str:
    reached = sorted(visit.identity.organisations(ORDER) or ())
    before = request.args.get("before", type=int)
    found = queries.orders_page(visit.session, reached, before=before, limit=A_PAGE + 1)
    today = local_day(clock.now())
    kinds = {one.code: one for one in kinds_in_force(visit.session, today) if one.is_open}
    field = str(fault.facts.get("field", "")) if fault else ""
    return render_template(
        "card_orders/orders.html",
        active=HERE,
        orders=found[:A_PAGE],
        before=before,
        older=found[A_PAGE - 1].order.id if len(found) > A_PAGE else None,
        kinds=kinds,
        prices=queries.prices_on(visit.session, today, kinds),
        organisations=names_of_organisations(visit.session, reached) if len(reached) > 1 else {},
        told=order_words,
        told_technology=TECHNOLOGIES,
        dots=LEAST_DOTS,
        most_cards=MOST_CARDS,
        key=request.form.get("key") or new_key(),
        typed=request.form,
        faults={field if field in FIELDS else "": words.error_sentence(fault.code, fault.facts)} if fault else {},
    )
