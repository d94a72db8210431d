"""Orders of cards at the bank: the price list, and each order's way from asked to paid."""

from collections.abc import Callable

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.cards.rules import GIFT_PRODUCT
from cardbank.keystore.services import open_keystore
from cardbank.kinds.queries import kinds_in_force
from cardbank.orders import queries, services
from cardbank.orders.rules import MOST_TIERS, OrderState, Prices, Tier
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import DomainError, NotFound
from kernel.settings import load_settings
from kernel.sheets import csv_sheet
from kernel.text import latin_digits, typed_number
from kernel.web.routes import route
from merchants.onboarding.rules import typed_day
from portal import formats, order_words, words
from portal.blueprint import blueprint
from portal.lists import download
from portal.routes.card_orders import art_answer, order_page, sheet_answer

HANDLE = Permission.CARDBANK_ORDER_HANDLE
HERE, PRICES = "portal.all_card_orders", "portal.card_prices"
A_PAGE = 20
NO_NUMBER = -1


@route(blueprint, "/card-orders/all", permission=HANDLE)
def all_card_orders(visit: Visit) -> ResponseReturnValue:
    asked, before = request.args.get("state", ""), request.args.get("before", type=int)
    if asked and asked not in set(OrderState):
        raise NotFound
    state = OrderState(asked) if asked else None
    found = queries.orders_page(visit.session, None, state=state, before=before, limit=A_PAGE + 1)
    return render_template(
        "card_orders/desk.html",
        active=HERE,
        orders=found[:A_PAGE],
        state=asked,
        before=before,
        older=found[A_PAGE - 1].order.id if len(found) > A_PAGE else None,
        told=order_words,
    )


@route(blueprint, "/card-orders/all/<int:card_order_id>", permission=HANDLE)
def handled_card_order(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    return order_page(queries.order_row(visit.session, card_order_id), HERE)


@route(blueprint, "/card-orders/all/<int:card_order_id>", permission=HANDLE, methods=["POST"])
def handle_card_order(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    step = STEPS.get(request.form.get("act", ""))
    if step is None:
        raise NotFound
    try:
        step(visit, card_order_id)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return order_page(queries.order_row(visit.session, card_order_id), HERE, refusal), refusal.status
    return redirect(url_for("portal.handled_card_order", card_order_id=card_order_id), 303)


@route(blueprint, "/card-orders/all/<int:card_order_id>/numbers", permission=HANDLE, methods=["POST"])
def card_order_numbers(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    """The printer's file, once. It stands in no page, no address and no log."""
    try:
        numbers = services.order_numbers(visit.session, open_keystore(load_settings()), visit.identity.actor, card_order_id)
    except DomainError as refusal:
        if refusal.status == 404:
            raise
        visit.session.rollback()
        return order_page(queries.order_row(visit.session, card_order_id), HERE, refusal), refusal.status
    rows = [("card_number", "valid_until"), *((number, f"{card.expires_on:%y%m}") for number, card in numbers)]
    return download(csv_sheet(rows), "text/csv", f"cards-of-order-{card_order_id}.csv")


@route(blueprint, "/card-orders/all/<int:card_order_id>/sheet.pdf", permission=HANDLE)
def handled_card_order_sheet(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    return sheet_answer(visit, queries.order_row(visit.session, card_order_id))


@route(blueprint, "/card-orders/all/<int:card_order_id>/art", permission=HANDLE)
def handled_card_order_art(visit: Visit, card_order_id: int) -> ResponseReturnValue:
    return art_answer(visit, queries.order_row(visit.session, card_order_id))


@route(blueprint, "/card-prices", permission=HANDLE)
def card_prices(visit: Visit) -> ResponseReturnValue:
    return _prices(visit)


@route(blueprint, "/card-prices", permission=HANDLE, methods=["POST"])
def set_card_prices(visit: Visit) -> ResponseReturnValue:
    form = request.form
    try:
        typed = Prices(typed_day(form.get("starts_on", ""), "starts_on"), _number(form.get("setup", "") or "0"), _tiers())
        services.set_prices(visit.session, visit.identity.actor, form.get("kind", ""), typed)
    except DomainError as refusal:
        visit.session.rollback()
        return _prices(visit, refusal), refusal.status
    return redirect(url_for(PRICES, done=1), 303)


def _confirm(visit: Visit, order_id: int) -> None:
    due_on = typed_day(request.form.get("due_on", ""), "due_on")
    services.confirm_order(visit.session, visit.identity.actor, order_id, due_on)


def _produce(visit: Visit, order_id: int) -> None:
    services.produce_order(visit.session, open_keystore(load_settings()), visit.identity.actor, order_id)


def _deliver(visit: Visit, order_id: int) -> None:
    chips = request.form.get("chips", "")
    services.deliver_order(visit.session, open_keystore(load_settings()), visit.identity.actor, order_id, chips)


def _pay(visit: Visit, order_id: int) -> None:
    services.pay_order(visit.session, visit.identity.actor, order_id, latin_digits(request.form.get("receipt", "")))


def _call_off(visit: Visit, order_id: int) -> None:
    services.call_off_order(visit.session, visit.identity.actor, order_id, request.form.get("why", ""))


STEPS: dict[str, Callable[[Visit, int], None]] = {
    "confirm": _confirm, "produce": _produce, "deliver": _deliver, "pay": _pay, "call_off": _call_off,
}  # fmt: skip


def _tiers() -> tuple[Tier, ...]:
    """Rows that were filled in; what is no number fails the rule."""
    rows = zip(request.form.getlist("least"), request.form.getlist("unit"), strict=False)
    filled = [(least, unit) for least, unit in rows if least.strip() or unit.strip()]
    return tuple(Tier(_number(least), _number(unit)) for least, unit in filled)


def _number(typed: str) -> int:
    number = typed_number(typed)
    return NO_NUMBER if number is None else number


def _prices(visit: Visit, fault: DomainError | None = None) -> str:
    today, form = local_day(clock.now()), request.form
    typed = list(zip(form.getlist("least"), form.getlist("unit"), strict=False))
    return render_template(
        "card_orders/prices.html",
        active=PRICES,
        kinds={one.code: one.names for one in kinds_in_force(visit.session, today) if one.code != GIFT_PRODUCT},
        lists=queries.price_lists(visit.session),
        today=today,
        rows=(typed + [("", "")] * MOST_TIERS)[:MOST_TIERS],
        typed={"starts_on": formats.day_digits(today, visit.language)} | form.to_dict(),
        faults={str(fault.facts.get("field", "")): words.error_sentence(fault.code, fault.facts)} if fault else {},
        is_done="done" in request.args,
    )
