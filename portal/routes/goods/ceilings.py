"""A union's trade groups and the ceilings over their prices."""

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError, NotFound
from kernel.web.routes import route
from merchants.catalogue import queries
from merchants.catalogue.rules.prices import typed_rial
from merchants.catalogue.services import pricing
from merchants.onboarding.rules import typed_day
from portal.blueprint import blueprint
from portal.routes.goods.shop import fault_by_field, page
from portal.routes.onboarding.forms import typed

SET = Permission.MERCHANTS_CEILING_SET
HERE = "portal.ceilings"
A_PAGE = 30


@route(blueprint, "/ceilings", permission=SET)
def ceilings(visit: Visit) -> ResponseReturnValue:
    return _ceilings(visit)


@route(blueprint, "/ceilings", permission=SET, methods=["POST"])
def add_trade_group(visit: Visit) -> ResponseReturnValue:
    try:
        pricing.add_trade_group(visit.session, visit.identity.actor, _unions(visit)[0], typed())
    except DomainError as refusal:
        visit.session.rollback()
        return _ceilings(visit, fault_by_field(refusal))
    return redirect(url_for(HERE), 303)


@route(blueprint, "/ceilings/<int:trade_group_id>", permission=SET)
def trade_group(visit: Visit, trade_group_id: int) -> ResponseReturnValue:
    return _trade_group(visit, trade_group_id)


@route(blueprint, "/ceilings/<int:trade_group_id>", permission=SET, methods=["POST"])
def set_ceiling(visit: Visit, trade_group_id: int) -> ResponseReturnValue:
    group = queries.own_trade_group(visit.session, _unions(visit), trade_group_id, lock=True)
    form = typed()
    try:
        amount_rial = typed_rial(form.get("amount_rial", ""), "amount_rial")
        starts_on, ends_on = (
            typed_day(form[name], name) if form.get(name, "").strip() else None for name in ("starts_on", "ends_on")
        )
        pricing.set_ceiling(visit.session, visit.identity.actor, group, amount_rial, starts_on=starts_on, ends_on=ends_on)
    except DomainError as refusal:
        visit.session.rollback()
        return _trade_group(visit, trade_group_id, fault_by_field(refusal))
    return redirect(url_for("portal.trade_group", trade_group_id=trade_group_id, kept=1), 303)


def _unions(visit: Visit) -> list[int]:
    """Raises NotFound for who works for no union."""
    unions = sorted(visit.identity.organisations(SET) or ())
    if not unions:
        raise NotFound
    return unions


def _ceilings(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    rows = queries.trade_group_rows(visit.session, _unions(visit), clock.now())
    return page("goods/ceilings.html", active=HERE, faults=faults, rows=rows)


def _trade_group(visit: Visit, trade_group_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    group = queries.own_trade_group(visit.session, _unions(visit), trade_group_id)
    now, after = clock.now(), request.args.get("after", 0, type=int)
    above = queries.shops_above_ceiling(visit.session, group.id, now, after=after, limit=A_PAGE + 1)
    return page(
        "goods/ceiling.html",
        active=HERE,
        faults=faults,
        group=group,
        ceilings=queries.ceilings_of(visit.session, group.id)[::-1],
        above=above[:A_PAGE],
        older=url_for("portal.trade_group", trade_group_id=group.id, after=above[A_PAGE - 1].product.id)
        if len(above) > A_PAGE
        else None,
        newer=url_for("portal.trade_group", trade_group_id=group.id) if after else None,
    )
