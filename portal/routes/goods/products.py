"""Products of a shop: the list, one product with its prices over time, and the tree they stand in."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError
from kernel.web.routes import route
from merchants.catalogue import queries
from merchants.catalogue.errors import ProductNotFound
from merchants.catalogue.queries import Sought
from merchants.catalogue.rules.goods import Mark, read_goods, typed_id
from merchants.catalogue.rules.prices import typed_rial
from merchants.catalogue.services import pricing, products
from merchants.fields.queries import fields_of
from merchants.fields.rules import Subject
from merchants.onboarding.rules import typed_day
from portal.blueprint import blueprint
from portal.own_shop import own_shop, shop_of
from portal.price_chart import price_chart
from portal.routes.goods.shop import fault_by_field, own_branches, page
from portal.routes.onboarding.forms import typed

VIEW = Permission.MERCHANTS_CATALOGUE_VIEW
EDIT = Permission.MERCHANTS_CATALOGUE_EDIT
HERE = "portal.goods"
A_PAGE = 30
PRICE_FIELDS = frozenset({"list_rial", "card_rial", "starts_on", "branch_id"})


@route(blueprint, "/products", permission=VIEW)
def goods(visit: Visit) -> ResponseReturnValue:
    shop = own_shop(visit, VIEW)
    now, after = clock.now(), request.args.get("after", 0, type=int)
    mark = request.args.get("mark", "")
    sought = Sought(
        text=request.args.get("q", "").strip()[:100],
        group_id=request.args.get("group", type=int),
        mark=mark if mark in set(Mark) else "",
        is_above=request.args.get("above") == "1",
    )
    found = queries.products_page(visit.session, shop.id, now, sought, after=after, limit=A_PAGE + 1)
    asked: dict[str, Any] = {
        "q": sought.text or None,
        "group": sought.group_id,
        "mark": sought.mark or None,
        "above": "1" if sought.is_above else None,
    }
    asked["merchant"] = request.args.get("merchant", type=int)
    return page(
        "goods/products.html",
        active=HERE,
        shop=shop,
        rows=found[:A_PAGE],
        groups=queries.groups_of(visit.session, shop.id),
        above=queries.products_above_ceiling(visit.session, shop.id, now),
        asked=asked,
        may_edit=visit.identity.can(EDIT, shop.organisation_id),
        older=url_for(HERE, **asked, after=found[A_PAGE - 1].product.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, **asked) if after else None,
    )


@route(blueprint, "/products/new", permission=EDIT)
def new_product(visit: Visit) -> ResponseReturnValue:
    return _new(visit, own_shop(visit, EDIT))


@route(blueprint, "/products/new", permission=EDIT, methods=["POST"])
def add_product(visit: Visit) -> ResponseReturnValue:
    """The product and, where one is typed, its first price: both or neither."""
    shop, form = own_shop(visit, EDIT), typed()
    goods, faults = read_goods(form, fields_of(visit.session, shop.id, Subject.PRODUCT))
    list_rial, card_rial = _typed_price(form, faults) if form.get("list_rial", "").strip() else (0, 0)
    if goods is None or faults:
        return _new(visit, shop, faults)
    try:
        product = products.add_product(visit.session, visit.identity.actor, shop, goods)
        if list_rial:
            pricing.set_price(visit.session, visit.identity.actor, product, list_rial, card_rial)
    except DomainError as refusal:
        visit.session.rollback()
        return _new(visit, shop, fault_by_field(refusal))
    return redirect(url_for("portal.product", product_id=product.id), 303)


@route(blueprint, "/products/<int:product_id>", permission=VIEW)
def product(visit: Visit, product_id: int) -> ResponseReturnValue:
    return _product(visit, queries.own_product(visit.session, visit.identity, VIEW, product_id))


@route(blueprint, "/products/<int:product_id>", permission=EDIT, methods=["POST"])
def change_product(visit: Visit, product_id: int) -> ResponseReturnValue:
    found = queries.own_product(visit.session, visit.identity, EDIT, product_id, lock=True)
    goods, faults = read_goods(typed(), fields_of(visit.session, found.merchant_id, Subject.PRODUCT))
    if goods is None:
        return _product(visit, found, faults)
    try:
        products.change_product(visit.session, visit.identity.actor, shop_of(visit, EDIT, found.merchant_id), found, goods)
    except DomainError as refusal:
        visit.session.rollback()
        return _product(visit, found, fault_by_field(refusal))
    return redirect(url_for("portal.product", product_id=product_id, kept=1), 303)


@route(blueprint, "/products/<int:product_id>/retire", permission=EDIT, methods=["POST"])
def retire_product(visit: Visit, product_id: int) -> ResponseReturnValue:
    found = queries.own_product(visit.session, visit.identity, EDIT, product_id, lock=True)
    products.retire_product(visit.session, visit.identity.actor, found, request.form.get("why", "").strip()[:200])
    return redirect(url_for(HERE, merchant=found.merchant_id), 303)


@route(blueprint, "/products/<int:product_id>/prices", permission=EDIT, methods=["POST"])
def set_price(visit: Visit, product_id: int) -> ResponseReturnValue:
    found = queries.own_product(visit.session, visit.identity, EDIT, product_id, lock=True)
    form, faults = typed(), dict[str, DomainError]()
    list_rial, card_rial = _typed_price(form, faults)
    try:
        starts_on = typed_day(form["starts_on"], "starts_on") if form.get("starts_on", "").strip() else None
        branch_id = typed_id(form.get("branch_id", ""), "branch_id")
        if branch_id is not None and branch_id not in {
            branch.id for branch in queries.branches_of(visit.session, found.merchant_id)
        }:
            raise ProductNotFound
        if not faults:
            pricing.set_price(
                visit.session, visit.identity.actor, found, list_rial, card_rial, branch_id=branch_id, starts_on=starts_on
            )
    except DomainError as refusal:
        visit.session.rollback()
        faults |= fault_by_field(refusal)
    if faults:
        return _product(visit, found, faults)
    return redirect(url_for("portal.product", product_id=product_id, kept=1), 303)


@route(blueprint, "/products/<int:product_id>/prices/<int:price_id>/end", permission=EDIT, methods=["POST"])
def end_price(visit: Visit, product_id: int, price_id: int) -> ResponseReturnValue:
    """`take_back` undoes a price that has not begun; `end` lets a branch sell at the shop's price again."""
    found = queries.own_product(visit.session, visit.identity, EDIT, product_id)
    price = queries.price_of(visit.session, found, price_id)
    ending = pricing.take_back_price if request.form.get("act") == "take_back" else pricing.end_branch_price
    try:
        ending(visit.session, visit.identity.actor, found, price)
    except DomainError as refusal:
        visit.session.rollback()
        return _product(visit, found, fault_by_field(refusal))
    return redirect(url_for("portal.product", product_id=product_id, kept=1), 303)


@route(blueprint, "/products/groups", permission=EDIT)
def product_groups(visit: Visit) -> ResponseReturnValue:
    return _groups(visit, own_shop(visit, EDIT))


@route(blueprint, "/products/groups", permission=EDIT, methods=["POST"])
def add_product_group(visit: Visit) -> ResponseReturnValue:
    """A group at the root or under another; with `group_id`, another name for that one."""
    shop, form = own_shop(visit, EDIT), typed()
    try:
        group_id = typed_id(form.get("group_id", ""), "group_id")
        if group_id is not None:
            products.rename_group(visit.session, visit.identity.actor, queries.own_group(visit.session, shop.id, group_id), form)
        else:
            parent_id = typed_id(form.get("parent_id", ""), "parent_id")
            products.add_group(visit.session, visit.identity.actor, shop.id, form, parent_id)
    except DomainError as refusal:
        visit.session.rollback()
        return _groups(visit, shop, fault_by_field(refusal))
    return redirect(url_for("portal.product_groups", merchant=shop.id), 303)


def _typed_price(form: dict[str, str], faults: dict[str, DomainError]) -> tuple[int, int]:
    """The list price and the card price, which is the same where none is typed; what is wrong is added to the faults."""
    amounts = []
    for field, text in (
        ("list_rial", form.get("list_rial", "")),
        ("card_rial", form.get("card_rial", "") or form.get("list_rial", "")),
    ):
        try:
            amounts.append(typed_rial(text, field))
        except DomainError as fault:
            amounts.append(0)
            if field == "list_rial" or form.get("card_rial", "").strip():
                faults[field] = fault
    return amounts[0], amounts[1]


def _new(visit: Visit, shop: Any, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    return page("goods/new.html", active=HERE, faults=faults, shop=shop, **_choices(visit, shop))


def _product(visit: Visit, found: Any, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    shop, now = shop_of(visit, VIEW, found.merchant_id), clock.now()
    prices = queries.prices_of(visit.session, found.id)
    ceilings = queries.ceilings_of(visit.session, found.trade_group_id)
    branches = {branch.id: branch for branch in queries.branches_of(visit.session, shop.id)}
    return page(
        "goods/product.html",
        active=HERE,
        faults=faults,
        is_price_fault=bool(set(faults or {}) & PRICE_FIELDS),
        shop=shop,
        product=found,
        prices=prices,
        ceilings=ceilings,
        ceiling_rial=queries.ceiling_at(visit.session, found.trade_group_id, now),
        price=next((one for one in prices if one.branch_id is None and _holds(one, now)), None),
        chart=price_chart(prices, ceilings, now),
        branches=branches,
        own_branches=own_branches(visit, shop, VIEW),
        may_edit=found.retired_at is None and visit.identity.can(EDIT, shop.organisation_id),
        **_choices(visit, shop),
    )


def _holds(price: Any, now: Any) -> bool:
    return price.starts_at <= now and (price.ends_at is None or price.ends_at > now)


def _choices(visit: Visit, shop: Any) -> dict[str, Any]:
    return {
        "groups": queries.groups_of(visit.session, shop.id),
        "trade_groups": queries.trade_groups_of(visit.session, shop.union_id),
        "own_fields": fields_of(visit.session, shop.id, Subject.PRODUCT),
    }


def _groups(visit: Visit, shop: Any, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    return page("goods/groups.html", active=HERE, faults=faults, shop=shop, groups=queries.groups_of(visit.session, shop.id))
