"""What a shop's contract says of instalments: either side offers terms, the other one signs."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.queries import organisations_of_kind
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.web.routes import route
from merchants.instalments import queries
from merchants.instalments.services.terms import decline_terms, offer_terms, sign_terms
from merchants.queries import merchant_by_id
from portal.blueprint import blueprint
from portal.own_shop import own_shop, own_shops
from portal.routes.instalments.forms import page, typed_offer

SIGN = Permission.MERCHANTS_TERMS_SIGN
SIGN_FOR_NETWORK = Permission.MERCHANTS_CONTRACT_SIGN


@route(blueprint, "/contract", permission=SIGN, methods=["GET", "POST"])
def contract(visit: Visit) -> ResponseReturnValue:
    return _page_or_offer(visit, own_shop(visit, SIGN), by_shop=True)


@route(blueprint, "/contract/<int:terms_id>", permission=SIGN, methods=["POST"])
def answer_terms(visit: Visit, terms_id: int) -> ResponseReturnValue:
    shop = next((one for one in own_shops(visit, SIGN) if terms_id in _ids(visit, one.id)), None)
    if shop is None:
        raise NotFound
    return _answer(visit, shop, terms_id, by_shop=True)


@route(blueprint, "/merchants/<int:merchant_id>/contract", permission=SIGN_FOR_NETWORK, methods=["GET", "POST"])
def contract_of_shop(visit: Visit, merchant_id: int) -> ResponseReturnValue:
    return _page_or_offer(visit, _any_shop(visit, merchant_id), by_shop=False)


@route(blueprint, "/merchants/<int:merchant_id>/contract/<int:terms_id>", permission=SIGN_FOR_NETWORK, methods=["POST"])
def answer_terms_of_shop(visit: Visit, merchant_id: int, terms_id: int) -> ResponseReturnValue:
    shop = _any_shop(visit, merchant_id)
    if terms_id not in _ids(visit, shop.id):
        raise NotFound
    return _answer(visit, shop, terms_id, by_shop=False)


def _page_or_offer(visit: Visit, shop: Any, *, by_shop: bool) -> ResponseReturnValue:
    if request.method == "GET":
        return _page(visit, shop, by_shop=by_shop)
    try:
        offer = typed_offer(local_day(clock.now()))
        offer_terms(visit.session, visit.identity.actor, visit.identity.person_id, shop.id, offer, by_shop=by_shop)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, shop, refusal, by_shop=by_shop), refusal.status
    return redirect(_address(shop, by_shop=by_shop), 303)


def _answer(visit: Visit, shop: Any, terms_id: int, *, by_shop: bool) -> ResponseReturnValue:
    acts = {"sign": sign_terms, "decline": decline_terms}
    try:
        act = acts.get(request.form.get("act", ""))
        if act is None:
            raise BadInput(field="act")
        act(visit.session, visit.identity.actor, visit.identity.person_id, terms_id, by_shop=by_shop)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, shop, refusal, by_shop=by_shop), refusal.status
    return redirect(_address(shop, by_shop=by_shop), 303)


def _page(visit: Visit, shop: Any, refusal: DomainError | None = None, *, by_shop: bool) -> str:
    now = clock.now()
    return page(
        "contract",
        "portal.contract" if by_shop else "portal.merchants",
        refusal,
        shop=shop,
        by_shop=by_shop,
        address=_address(shop, by_shop=by_shop),
        in_force=queries.terms_of_merchants(visit.session, [shop.id], now).get(shop.id),
        history=queries.terms_history(visit.session, shop.id),
        givers=organisations_of_kind(visit.session, "operator"),
        today=local_day(now),
    )


def _address(shop: Any, *, by_shop: bool) -> str:
    if by_shop:
        return url_for("portal.contract", merchant=shop.id)
    return url_for("portal.contract_of_shop", merchant_id=shop.id)


def _any_shop(visit: Visit, merchant_id: int) -> Any:
    shop = merchant_by_id(visit.session, merchant_id)
    if shop is None or not visit.identity.can(SIGN_FOR_NETWORK, shop.organisation_id):
        raise NotFound
    return shop


def _ids(visit: Visit, merchant_id: int) -> set[int]:
    return {terms.id for terms in queries.terms_history(visit.session, merchant_id)}
