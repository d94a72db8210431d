"""Stock of a branch: levels, what is low, the journal of one product, and how the shop keeps its stock."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError, NotFound
from kernel.web.routes import route
from merchants.catalogue import queries as goods
from merchants.catalogue.rules.quantities import typed_quantity
from merchants.catalogue.services.products import set_up_shop
from merchants.stock import queries
from merchants.stock.rules import Line
from merchants.stock.services import moving
from portal.blueprint import blueprint
from portal.own_shop import own_shop, shop_of
from portal.routes.goods.shop import fault_by_field, own_branches, page
from portal.routes.onboarding.forms import form_key, new_key, typed

VIEW = Permission.MERCHANTS_STOCK_VIEW
APPROVE = Permission.MERCHANTS_STOCK_APPROVE
HERE = "portal.stock"
A_PAGE = 30


@route(blueprint, "/stock", permission=VIEW)
def stock(visit: Visit) -> ResponseReturnValue:
    shop = own_shop(visit, VIEW)
    branches = own_branches(visit, shop, VIEW)
    branch = asked_branch(branches)
    after, search = request.args.get("after", 0, type=int), request.args.get("q", "").strip()[:100]
    is_low = request.args.get("low") == "1"
    found = (
        queries.levels_page(visit.session, branch, search=search, is_low=is_low, after=after, limit=A_PAGE + 1) if branch else []
    )
    asked = {"merchant": shop.id, "branch": branch.id if branch else None, "q": search or None, "low": "1" if is_low else None}
    return page(
        "goods/stock.html",
        active=HERE,
        shop=shop,
        branches=branches,
        branch=branch,
        rows=found[:A_PAGE],
        low=queries.low_levels(visit.session, branch.id) if branch else 0,
        asked=asked,
        setting=goods.setting_of(visit.session, shop.id),
        may_set_up=visit.identity.can(APPROVE, shop.organisation_id),
        older=url_for(HERE, **asked, after=found[A_PAGE - 1].product.id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, **asked) if after else None,
    )


@route(blueprint, "/stock/settings", permission=APPROVE, methods=["POST"])
def set_up_stock(visit: Visit) -> ResponseReturnValue:
    shop = own_shop(visit, APPROVE)
    kept = goods.setting_of(visit.session, shop.id)
    set_up_shop(
        visit.session, visit.identity.actor, shop.id, allows_negative_stock=request.form.get("allows_negative") == "1",
        label_size=kept.label_size, label_has_qr=kept.label_has_qr,
    )  # fmt: skip
    return redirect(url_for(HERE, merchant=shop.id), 303)


@route(blueprint, "/stock/<int:branch_id>/<int:product_id>", permission=VIEW)
def stock_journal(visit: Visit, branch_id: int, product_id: int) -> ResponseReturnValue:
    return _journal(visit, branch_id, product_id)


@route(blueprint, "/stock/<int:branch_id>/<int:product_id>", permission=APPROVE, methods=["POST"])
def change_stock(visit: Visit, branch_id: int, product_id: int) -> ResponseReturnValue:
    """`warn` sets from which level on the product is low; `lose` takes away what broke or was lost."""
    queries.own_branch(visit.session, visit.identity, APPROVE, branch_id)
    product = goods.own_product(visit.session, visit.identity, VIEW, product_id)
    form, actor = typed(), visit.identity.actor
    try:
        if form.get("act") == "warn":
            typed_level = form.get("reorder", "").strip()
            level = typed_quantity(typed_level, product.unit, "reorder") if typed_level else None
            moving.set_warning(visit.session, actor, branch_id, product.id, level)
        elif form.get("act") == "lose":
            lost = Line(product.id, typed_quantity(form.get("quantity", ""), product.unit))
            moving.write_off(visit.session, actor, branch_id, [lost], form_key(), form.get("why", ""))
        else:
            raise BadInput(field="act")
    except DomainError as refusal:
        visit.session.rollback()
        return _journal(visit, branch_id, product_id, fault_by_field(refusal))
    return redirect(url_for("portal.stock_journal", branch_id=branch_id, product_id=product_id, kept=1), 303)


def asked_branch(branches: list[Any]) -> Any:
    """The asked branch, else the first; None in a shop without one. Raises NotFound for another's branch."""
    asked = request.args.get("branch", type=int)
    found = next((one for one in branches if asked in (None, one.id)), None)
    if found is None and asked is not None:
        raise NotFound
    return found


def _journal(visit: Visit, branch_id: int, product_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    branch = queries.own_branch(visit.session, visit.identity, VIEW, branch_id)
    product = goods.own_product(visit.session, visit.identity, VIEW, product_id)
    if product.merchant_id != branch.merchant_id:
        raise NotFound
    before = request.args.get("before", 0, type=int)
    found = queries.movements_of(visit.session, branch_id, product_id, before=before, limit=A_PAGE + 1)
    row = next(iter(queries.levels_page(visit.session, branch, only=product_id, limit=1)), None)
    address: dict[str, Any] = {"branch_id": branch_id, "product_id": product_id}
    return page(
        "goods/journal.html",
        active=HERE,
        faults=faults,
        branch=branch,
        product=product,
        level=row,
        movements=found[:A_PAGE],
        may_change=row is not None and visit.identity.can(APPROVE, shop_of(visit, VIEW, branch.merchant_id).organisation_id),
        key=new_key(),
        older=url_for("portal.stock_journal", **address, before=found[A_PAGE - 1].id) if len(found) > A_PAGE else None,
        newer=url_for("portal.stock_journal", **address) if before else None,
    )
