"""How much cash a shop may take for cards: offered by operator or municipality on the shop's page, signed by the shop on its own."""

from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.errors import WrongAmount
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.cash import queries, services
from merchants.cash.errors import WrongCashLimit
from merchants.cash.queries import Shop
from merchants.onboarding.rules import typed_day
from portal import words
from portal.blueprint import blueprint
from portal.own_shop import own_shop
from portal.routes.onboarding.forms import form_number
from portal.routes.till import forms

OFFER = Permission.MERCHANTS_CASH_OFFER
SIGN = Permission.MERCHANTS_CASH_SIGN


@route(blueprint, "/merchants/<int:merchant_id>/cash", permission=OFFER)
def cash_limit(visit: Visit, merchant_id: int) -> ResponseReturnValue:
    return _page(visit, _reached(visit, merchant_id))


@route(blueprint, "/merchants/<int:merchant_id>/cash", permission=OFFER, methods=["POST"])
def offer_cash_limit(visit: Visit, merchant_id: int) -> ResponseReturnValue:
    shop = _reached(visit, merchant_id)
    try:
        services.offer_limit(visit.session, visit.identity, merchant_id, _limit(), _first_day(), request.form.get("why", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, shop, refusal), refusal.status
    return redirect(url_for("portal.cash_limit", merchant_id=merchant_id), 303)


@route(blueprint, "/merchants/<int:merchant_id>/cash/withdraw", permission=OFFER, methods=["POST"])
def withdraw_cash_limit(visit: Visit, merchant_id: int) -> ResponseReturnValue:
    shop = _reached(visit, merchant_id)
    try:
        services.decline_limit(visit.session, visit.identity, merchant_id, form_number("offer"), by_shop=False)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, shop, refusal), refusal.status
    return redirect(url_for("portal.cash_limit", merchant_id=merchant_id), 303)


@route(blueprint, "/cash-limit", permission=SIGN)
def own_cash_limit(visit: Visit) -> ResponseReturnValue:
    return _page(visit, _own(visit), is_own=True)


@route(blueprint, "/cash-limit", permission=SIGN, methods=["POST"])
def answer_cash_limit(visit: Visit) -> ResponseReturnValue:
    shop = _own(visit)
    try:
        if request.form.get("act") == "sign":
            services.sign_limit(visit.session, visit.identity, shop.merchant_id, form_number("offer"))
        else:
            services.decline_limit(visit.session, visit.identity, shop.merchant_id, form_number("offer"), by_shop=True)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, shop, refusal, is_own=True), refusal.status
    return redirect(url_for("portal.own_cash_limit", merchant=shop.merchant_id), 303)


def _reached(visit: Visit, merchant_id: int) -> Shop:
    return queries.shop_in_reach(visit.session, visit.identity.organisations(OFFER), merchant_id)


def _own(visit: Visit) -> Shop:
    """Raises NotFound."""
    return queries.shop_in_reach(visit.session, visit.identity.organisations(SIGN) or frozenset(), own_shop(visit, SIGN).id)


def _limit() -> int | None:
    """Raises WrongCashLimit for what is no amount; nothing typed with `none` chosen is no cash."""
    if request.form.get("takes") == "none":
        return None
    try:
        return forms.amount_of("limit")
    except WrongAmount:
        raise WrongCashLimit(field="limit", most=services.MOST_LIMIT_RIAL) from None


def _first_day() -> date:
    return typed_day(request.form.get("starts_on", ""), "starts_on")


def _page(visit: Visit, shop: Shop, fault: DomainError | None = None, *, is_own: bool = False) -> str:
    now = clock.now()
    faults: dict[str, Any] = {}
    if fault is not None:
        name = str(fault.facts.get("field", "form")) if isinstance(fault, BadInput) else "form"
        faults[name] = words.error_sentence(fault.code, fault.facts)
    return render_template(
        "cash_limit.html",
        active="portal.own_cash_limit" if is_own else "portal.merchants",
        shop=shop,
        is_own=is_own,
        in_force=queries.version_at(visit.session, shop.merchant_id, now),
        versions=queries.versions(visit.session, shop.merchant_id),
        offer=queries.open_offer(visit.session, shop.merchant_id),
        typed=request.form,
        faults=faults,
    )
