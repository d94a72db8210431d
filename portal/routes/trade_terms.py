"""What the network keeps of the sales of a whole trade: dated versions, for every shop that has agreed on nothing else."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cardbank.errors import WrongAmount
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError, NotFound
from kernel.web.routes import route
from merchants.instalments.errors import WrongTerms
from merchants.rules import ShopKind
from merchants.settlement import queries
from merchants.settlement.errors import WrongCommission
from merchants.settlement.rules.prices import Bearer
from merchants.settlement.services.trades import TradeTerm, begin_trade_term
from portal import commission_words, words
from portal.blueprint import blueprint
from portal.routes.instalments.forms import typed_date, typed_share
from portal.routes.till.forms import amount_of

SIGN_FOR_NETWORK = Permission.MERCHANTS_CONTRACT_SIGN
HERE = "portal.trade_terms"


@route(blueprint, "/trade-terms", permission=SIGN_FOR_NETWORK)
def trade_terms(visit: Visit) -> ResponseReturnValue:
    return _page(visit, _trade())


@route(blueprint, "/trade-terms", permission=SIGN_FOR_NETWORK, methods=["POST"])
def begin_terms_of_trade(visit: Visit) -> ResponseReturnValue:
    trade = _trade()
    try:
        begin_trade_term(visit.session, visit.identity.actor, trade, _typed())
    except DomainError as refusal:
        visit.session.rollback()
        return _page(visit, trade, refusal), refusal.status
    return redirect(url_for(HERE, trade=trade.value), 303)


def _trade() -> ShopKind:
    """The trade that is looked at, the first one where none is named. Raises NotFound."""
    asked = request.args.get("trade", next(iter(ShopKind)).value)
    if asked not in set(ShopKind):
        raise NotFound
    return ShopKind(asked)


def _typed() -> TradeTerm:
    """Raises WrongCommission for the first field that cannot be read, BadInput."""
    form = request.form
    try:
        bearer = Bearer(form.get("borne_by", ""))
    except ValueError:
        raise BadInput(field="borne_by") from None
    try:
        return TradeTerm(
            basis_points=typed_share("share"),
            borne_by=bearer,
            starts_on=typed_date("starts_on") or local_day(clock.now()),
            ends_on=typed_date("ends_on"),
            most_rial=amount_of("most") if form.get("most", "").strip() else None,
            on_instalments=form.get("sold") == "instalments",
            goods=form.get("goods", ""),
        )
    except WrongAmount:
        raise WrongCommission(field="most", fault="most") from None
    except WrongTerms as wrong:
        raise WrongCommission(field=wrong.facts["field"], fault=wrong.facts["fault"]) from None


def _page(visit: Visit, trade: ShopKind, refusal: DomainError | None = None) -> str:
    now = clock.now()
    shops, agreed = queries.shops_of_trade(visit.session, trade)
    return render_template(
        "settlement/trade_terms.html",
        active=HERE,
        told=commission_words,
        trade=trade,
        trades=words.SHOP_KINDS,
        shops=shops,
        agreed=agreed,
        choices=commission_words.choices((), visit.language),
        versions=queries.trade_terms(visit.session, trade),
        now=now,
        today=local_day(now),
        typed=request.form if refusal else {},
        fault=words.error_sentence(refusal.code, refusal.facts) if refusal else "",
        fault_field=str(refusal.facts.get("field", "")) if refusal else "",
    )
