"""The status of a payment by its code, for its holder, its shop and the operator; for everybody else there is no such payment."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cardbank.cards.queries import cards_of_person
from identity.permissions import Identity, Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.web.limits import Limit, check_limit
from kernel.web.routes import route
from merchants.payments import PaymentStatus, WrongPaymentCode, payment_of_code, status_of
from merchants.queries import merchants_of_organisations
from portal import settlement_words, words
from portal.blueprint import blueprint

SALES = Permission.MERCHANTS_SALES_VIEW
CODES = Limit("payment-codes", 60)


@route(blueprint, "/payments", signed_in=True)
def payment(visit: Visit) -> ResponseReturnValue:
    """Whoever has signed in may ask; what is shown depends on whose payment it is."""
    code = request.args.get("code", "").strip()
    if not code:
        return _page(code)
    identity: Identity = visit.identity
    check_limit(CODES, str(identity.sign_in_id))
    try:
        found = payment_of_code(visit.session, code[:40], local_day(clock.now()))
    except WrongPaymentCode as refusal:
        return _page(code, fault=words.error_sentence(refusal.code, refusal.facts)), refusal.status
    status = status_of(visit.session, found) if found else None
    side = _side(visit, identity, status) if status else ""
    return _page(code, status=status if side else None, side=side), 200 if side else 404


def _side(visit: Visit, identity: Identity, status: PaymentStatus) -> str:
    """Which side of the payment the person stands on: operator, shop or holder; empty for none of them."""
    paid, till = status.payment, status.terminal
    if identity.can(SALES) and identity.organisations(SALES) is None:
        return "operator"
    if till is not None and identity.can(SALES, till.organisation_id):
        bound = identity.branches(till.organisation_id, SALES)
        return "shop" if bound is None or till.branch_id in bound else ""
    shops = (
        merchants_of_organisations(visit.session, identity.organisations(SALES) or ())
        if till is None and identity.can(SALES)
        else []
    )
    if any(one.wallet_id == paid.shop_id and identity.branches(one.organisation_id, SALES) is None for one in shops):
        return "shop"
    own = {card.wallet_id for card in cards_of_person(visit.session, identity.person_id)}
    return "holder" if paid.wallet_id in own else ""


def _page(code: str, **facts: Any) -> str:
    return render_template("payment.html", active="portal.payment", code=code, told=settlement_words, is_asked=bool(code), **facts)
