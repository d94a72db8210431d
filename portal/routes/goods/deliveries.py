"""Deliveries: enter the supplier's note by scanning, then say what came."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.web.routes import route
from merchants.catalogue.rules.goods import typed_id
from merchants.catalogue.rules.quantities import typed_quantity
from merchants.stock import queries
from merchants.stock.services.lines import LineFault, read_lines
from merchants.stock.services.receiving import enter_delivery, receive_delivery
from merchants.tags import queries as tags
from portal import words
from portal.blueprint import blueprint
from portal.own_shop import own_shop
from portal.routes.goods.shop import fault_by_field, own_branches, page
from portal.routes.onboarding.forms import form_key, new_key, typed
from portal.routes.till.reader import reader_origin

RECEIVE = Permission.MERCHANTS_STOCK_RECEIVE
HERE = "portal.deliveries"
A_PAGE = 20


@route(blueprint, "/deliveries", permission=RECEIVE)
def deliveries(visit: Visit) -> ResponseReturnValue:
    return _deliveries(visit)


@route(blueprint, "/deliveries", permission=RECEIVE, methods=["POST"])
def add_delivery(visit: Visit) -> ResponseReturnValue:
    form, key = typed(), form_key()
    branch = queries.own_branch(visit.session, visit.identity, RECEIVE, typed_id(form.get("branch_id", ""), "branch_id") or 0)
    lines, wrong = read_lines(visit.session, branch.merchant_id, form.get("lines", ""))
    if wrong:
        return _deliveries(visit, {"lines": wrong[0].error}, wrong)
    try:
        made = enter_delivery(
            visit.session, visit.identity.actor, branch.id, form.get("supplier", ""), form.get("number", ""), lines, key
        )
    except DomainError as refusal:
        visit.session.rollback()
        return _deliveries(visit, fault_by_field(refusal))
    return redirect(url_for("portal.delivery", delivery_id=made.id), 303)


@route(blueprint, "/deliveries/<int:delivery_id>", permission=RECEIVE)
def delivery(visit: Visit, delivery_id: int) -> ResponseReturnValue:
    return _delivery(visit, delivery_id)


@route(blueprint, "/deliveries/<int:delivery_id>", permission=RECEIVE, methods=["POST"])
def take_delivery(visit: Visit, delivery_id: int) -> ResponseReturnValue:
    """Fields are called `came-<product>`; an empty one means that all of it came."""
    found = queries.own_delivery(visit.session, visit.identity, RECEIVE, delivery_id, lock=True)
    came, faults = {}, {}
    for row in queries.noted_lines(visit.session, found.id):
        field = f"came-{row.product.id}"
        try:
            if text := request.form.get(field, "").strip():
                came[row.product.id] = typed_quantity(text, row.product.unit, field)
        except DomainError as fault:
            faults[field] = fault
    try:
        if not faults:
            receive_delivery(visit.session, visit.identity.actor, found, came)
    except DomainError as refusal:
        visit.session.rollback()
        faults = fault_by_field(refusal)
    if faults:
        return _delivery(visit, delivery_id, faults)
    return redirect(url_for("portal.delivery", delivery_id=delivery_id), 303)


def told(wrong: list[LineFault]) -> list[tuple[int, str, str]]:
    """(line, what was typed, what is wrong with it)."""
    return [(one.number, one.text, words.error_sentence(one.error.code, one.error.facts)) for one in wrong]


def _deliveries(
    visit: Visit, faults: dict[str, DomainError] | None = None, wrong: list[LineFault] | None = None
) -> ResponseReturnValue:
    shop = own_shop(visit, RECEIVE)
    branches: dict[int, Any] = {branch.id: branch for branch in own_branches(visit, shop, RECEIVE)}
    before = request.args.get("before", 0, type=int)
    found = queries.deliveries_page(visit.session, branches, before=before, limit=A_PAGE + 1)
    return page(
        "goods/deliveries.html",
        active="portal.stock" if visit.identity.can(Permission.MERCHANTS_STOCK_VIEW) else "portal.counts",
        faults=faults,
        shop=shop,
        branches=branches,
        deliveries=found[:A_PAGE],
        wrong=told(wrong or [])[:A_PAGE],
        key=request.form.get("key") or new_key(),
        reader=reader_origin(),
        older=url_for(HERE, merchant=shop.id, before=found[A_PAGE - 1].id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, merchant=shop.id) if before else None,
    )


def _delivery(visit: Visit, delivery_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    found = queries.own_delivery(visit.session, visit.identity, RECEIVE, delivery_id)
    return page(
        "goods/delivery.html",
        active="portal.stock" if visit.identity.can(Permission.MERCHANTS_STOCK_VIEW) else "portal.counts",
        faults=faults,
        delivery=found,
        branch=queries.own_branch(visit.session, visit.identity, RECEIVE, found.branch_id),
        rows=queries.noted_lines(visit.session, found.id),
        readers=tags.readers_of(visit.session, [found.branch_id]),
        sweeps=tags.sweeps_of(visit.session, delivery_id=found.id),
    )
