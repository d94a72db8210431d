"""What the network keeps of a shop's sales, by category of goods: either side proposes, the other one signs."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.web.routes import route
from merchants.catalogue.queries import groups_of
from merchants.instalments.errors import WrongTerms
from merchants.queries import merchant_by_id
from merchants.settlement import queries
from merchants.settlement.errors import CommissionOfferNotFound, WrongCommission
from merchants.settlement.rules.prices import Bearer
from merchants.settlement.services.offers import (
    Proposal,
    decline_commission,
    propose_commission,
    sign_commission,
)
from portal import commission_words, instalment_words, words
from portal.blueprint import blueprint
from portal.own_shop import own_shop
from portal.routes.instalments.forms import typed_date, typed_share

SIGN = Permission.MERCHANTS_TERMS_SIGN
SIGN_FOR_NETWORK = Permission.MERCHANTS_CONTRACT_SIGN
ACTS = {"sign": sign_commission, "decline": decline_commission}


@route(blueprint, "/commission", permission=SIGN, methods=["GET", "POST"])
def commission(visit: Visit) -> ResponseReturnValue:
    return _page_or_proposal(visit, own_shop(visit, SIGN), by_shop=True)


@route(blueprint, "/commission/<int:offer_id>", permission=SIGN, methods=["POST"])
def answer_commission(visit: Visit, offer_id: int) -> ResponseReturnValue:
    return _answer(visit, own_shop(visit, SIGN), offer_id, by_shop=True)


@route(blueprint, "/merchants/<int:merchant_id>/commission", permission=SIGN_FOR_NETWORK, methods=["GET", "POST"])
def commission_of_shop(visit: Visit, merchant_id: int) -> ResponseReturnValue:
    return _page_or_proposal(visit, _any_shop(visit, merchant_id), by_shop=False)


@route(blueprint, "/merchants/<int:merchant_id>/commission/<int:offer_id>", permission=SIGN_FOR_NETWORK, methods=["POST"])
def answer_commission_of_shop(visit: Visit, merchant_id: int, offer_id: int) -> ResponseReturnValue:
    return _answer(visit, _any_shop(visit, merchant_id), offer_id, by_shop=False)


def _page_or_proposal(visit: Visit, shop: Any, *, by_shop: bool) -> ResponseReturnValue:
    if request.method == "GET":
        return _page(visit, shop, by_shop=by_shop)
    try:
        propose_commission(visit.session, visit.identity.actor, visit.identity.person_id, shop.id, _typed(), by_shop=by_shop)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, shop, refusal, by_shop=by_shop), refusal.status
    return redirect(_address(shop, by_shop=by_shop), 303)


def _typed() -> Proposal:
    """Raises WrongCommission for the first field that cannot be read."""
    form = request.form
    try:
        bearer = Bearer(form.get("borne_by", ""))
    except ValueError:
        raise BadInput(field="borne_by") from None
    try:
        starts_on = typed_date("starts_on") or local_day(clock.now())
        return Proposal(form.get("goods", ""), typed_share("share"), bearer, starts_on, typed_date("ends_on"))
    except WrongTerms as wrong:
        raise WrongCommission(field=wrong.facts["field"], fault=wrong.facts["fault"]) from None


def _answer(visit: Visit, shop: Any, offer_id: int, *, by_shop: bool) -> ResponseReturnValue:
    if offer_id not in {one.id for one in queries.commission_offers(visit.session, shop.id)}:
        raise CommissionOfferNotFound(offer_id=offer_id)
    act = ACTS.get(request.form.get("act", ""))
    if act is None:
        raise BadInput(field="act")
    try:
        act(visit.session, visit.identity.actor, visit.identity.person_id, offer_id, by_shop=by_shop)
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, shop, refusal, by_shop=by_shop), refusal.status
    return redirect(_address(shop, by_shop=by_shop), 303)


def _page(visit: Visit, shop: Any, refusal: DomainError | None = None, *, by_shop: bool) -> str:
    now, groups = clock.now(), groups_of(visit.session, shop.id)
    return render_template(
        "settlement/commission.html",
        active="portal.commission" if by_shop else "portal.merchants",
        told=commission_words,
        states=instalment_words.TERMS_STATES,
        shop=shop,
        by_shop=by_shop,
        address=_address(shop, by_shop=by_shop),
        groups=groups,
        choices=commission_words.choices(groups, visit.language),
        terms=queries.commission_terms(visit.session, shop.id, shop.kind, now),
        offers=queries.commission_offers(visit.session, shop.id),
        now=now,
        today=local_day(now),
        typed=request.form if refusal else {},
        fault=words.error_sentence(refusal.code, refusal.facts) if refusal else "",
        fault_field=str(refusal.facts.get("field", "")) if refusal else "",
    )


def _address(shop: Any, *, by_shop: bool) -> str:
    if by_shop:
        return url_for("portal.commission", merchant=shop.id)
    return url_for("portal.commission_of_shop", merchant_id=shop.id)


def _any_shop(visit: Visit, merchant_id: int) -> Any:
    shop = merchant_by_id(visit.session, merchant_id)
    if shop is None:
        raise NotFound
    return shop
