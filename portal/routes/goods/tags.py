"""Tagged items: where each was last seen, the readers that see them, and sweeps for deliveries and stocktakes."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import DomainError
from kernel.languages import in_language
from kernel.web.routes import route
from merchants.catalogue.errors import ProductNotFound
from merchants.catalogue.queries import product_of_code, products_by_id
from merchants.catalogue.rules.barcodes import typed_code
from merchants.catalogue.rules.goods import typed_id
from merchants.stock import queries as stock
from merchants.stock.rules import CountState
from merchants.tags import queries
from merchants.tags.rules import read_of_expected
from merchants.tags.services import reading, sweeping
from merchants.till.errors import TagUnknown
from portal import words
from portal.blueprint import blueprint
from portal.own_shop import own_shop
from portal.routes.goods.shop import fault_by_field, own_branches, page
from portal.routes.onboarding.forms import qr, typed
from portal.routes.till.reader import reader_origin, tag_read

VIEW = Permission.MERCHANTS_STOCK_VIEW
MANAGE = Permission.MERCHANTS_TAG_MANAGE
RECEIVE = Permission.MERCHANTS_STOCK_RECEIVE
COUNT = Permission.MERCHANTS_STOCK_COUNT
APPROVE = Permission.MERCHANTS_STOCK_APPROVE
HERE = "portal.stock"
A_PAGE = 30
MOST_BOUND = 2_000


@route(blueprint, "/tags", permission=VIEW)
def tags(visit: Visit) -> ResponseReturnValue:
    return _tags(visit)


@route(blueprint, "/tags", permission=MANAGE, methods=["POST"])
def bind_tags(visit: Visit) -> ResponseReturnValue:
    """A product's code and the numbers of the tags on its items, one a line."""
    shop, form = own_shop(visit, MANAGE), typed()
    branch = stock.own_branch(visit.session, visit.identity, MANAGE, typed_id(form.get("branch_id", ""), "branch_id") or 0)
    try:
        product = product_of_code(visit.session, shop.id, typed_code(form.get("code", "")).key)
        if product is None:
            raise ProductNotFound(field="code")
        numbers = form.get("numbers", "").split()[:MOST_BOUND]
        bound = sweeping.bind_tags(visit.session, visit.identity.actor, branch, product, numbers)
    except DomainError as refusal:
        visit.session.rollback()
        return _tags(visit, {str(refusal.facts.get("field", "form")): refusal})
    return redirect(url_for("portal.tags", merchant=shop.id, q=form["code"], kept=len(bound)), 303)


@route(blueprint, "/tags/goods", permission=COUNT)
def tagged_goods(visit: Visit) -> ResponseReturnValue:
    """What bears the tag that was read at a delivery or in a stocktake, for the list that is being filled; a fault is a sentence beside it."""
    uid, says = tag_read()
    branch = stock.own_branch(visit.session, visit.identity, COUNT, request.args.get("branch", 0, type=int))
    product = queries.product_of_tag(visit.session, branch.merchant_id, uid, says)
    if product is None:
        return {"fault": words.error_sentence(TagUnknown.code, {})}, TagUnknown.status
    return {"code": product.code, "said": _("%(name)s is in the list.", name=in_language(product.names, visit.language))}


@route(blueprint, "/tags/readers", permission=MANAGE)
def tag_readers(visit: Visit) -> ResponseReturnValue:
    return _readers(visit)


@route(blueprint, "/tags/readers", permission=MANAGE, methods=["POST"])
def register_tag_reader(visit: Visit) -> ResponseReturnValue:
    """The key is shown in the answer and nowhere else."""
    form = typed()
    branch = stock.own_branch(visit.session, visit.identity, MANAGE, typed_id(form.get("branch_id", ""), "branch_id") or 0)
    try:
        reader, key = reading.register_reader(
            visit.session, visit.identity.actor, branch, form.get("kind", ""), form.get("place", "")
        )
    except DomainError as refusal:
        visit.session.rollback()
        return _readers(visit, fault_by_field(refusal))
    return render_template("goods/reader_key.html", active=HERE, reader=reader, key=key, qr=qr(key))


@route(blueprint, "/tags/readers/<int:reader_id>/stop", permission=MANAGE, methods=["POST"])
def stop_tag_reader(visit: Visit, reader_id: int) -> ResponseReturnValue:
    reader = queries.own_reader(visit.session, visit.identity, MANAGE, reader_id, lock=True)
    reading.stop_reader(visit.session, visit.identity.actor, reader)
    return redirect(url_for("portal.tag_readers"), 303)


@route(blueprint, "/deliveries/<int:delivery_id>/sweep", permission=RECEIVE, methods=["POST"])
def sweep_delivery(visit: Visit, delivery_id: int) -> ResponseReturnValue:
    return _begin(visit, RECEIVE, stock.own_delivery(visit.session, visit.identity, RECEIVE, delivery_id, lock=True))


@route(blueprint, "/counts/<int:count_id>/sweep", permission=COUNT, methods=["POST"])
def sweep_count(visit: Visit, count_id: int) -> ResponseReturnValue:
    return _begin(visit, COUNT, stock.own_count(visit.session, visit.identity, COUNT, count_id, lock=True))


@route(blueprint, "/tags/sweeps/<int:sweep_id>", permission=COUNT)
def tag_sweep(visit: Visit, sweep_id: int) -> ResponseReturnValue:
    return _sweep(visit, sweep_id)


@route(blueprint, "/tags/sweeps/<int:sweep_id>", permission=COUNT, methods=["POST"])
def close_tag_sweep(visit: Visit, sweep_id: int) -> ResponseReturnValue:
    sweep = queries.own_sweep(visit.session, visit.identity, COUNT, sweep_id, lock=True)
    try:
        sweeping.close_sweep(visit.session, visit.identity, sweep)
    except DomainError as refusal:
        visit.session.rollback()
        return _sweep(visit, sweep_id, fault_by_field(refusal))
    return redirect(url_for("portal.tag_sweep", sweep_id=sweep_id), 303)


@route(blueprint, "/tags/sweeps/<int:sweep_id>/missing", permission=APPROVE, methods=["POST"])
def let_go_missing_tags(visit: Visit, sweep_id: int) -> ResponseReturnValue:
    sweep = queries.own_sweep(visit.session, visit.identity, APPROVE, sweep_id, lock=True)
    try:
        sweeping.let_go_missing(visit.session, visit.identity.actor, sweep)
    except DomainError as refusal:
        visit.session.rollback()
        return _sweep(visit, sweep_id, fault_by_field(refusal))
    return redirect(url_for("portal.tag_sweep", sweep_id=sweep_id), 303)


def _begin(visit: Visit, permission: Permission, purpose: Any) -> ResponseReturnValue:
    reader_id = typed_id(request.form.get("reader_id", ""), "reader_id") or 0
    reader = queries.own_reader(visit.session, visit.identity, permission, reader_id)
    sweep = sweeping.begin_sweep(visit.session, visit.identity, reader, purpose)
    return redirect(url_for("portal.tag_sweep", sweep_id=sweep.id), 303)


def _tags(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    shop = own_shop(visit, VIEW)
    after, search = request.args.get("after", 0, type=int), request.args.get("q", "").strip()[:100]
    found = queries.tags_page(visit.session, shop.id, search, after=after, limit=A_PAGE + 1)
    asked = {"merchant": shop.id, "q": search or None}
    return page(
        "goods/tags.html",
        active=HERE,
        faults=faults,
        shop=shop,
        rows=found[:A_PAGE],
        branches=own_branches(visit, shop, VIEW),
        asked=asked,
        reader=reader_origin(),
        may_bind=visit.identity.can(MANAGE, shop.organisation_id),
        older=url_for("portal.tags", **asked, after=found[A_PAGE - 1].tag.id) if len(found) > A_PAGE else None,
        newer=url_for("portal.tags", **asked) if after else None,
    )


def _readers(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    shop = own_shop(visit, MANAGE)
    branches = {branch.id: branch for branch in own_branches(visit, shop, MANAGE)}
    readers = queries.readers_of(visit.session, branches)
    return page("goods/readers.html", active=HERE, faults=faults, shop=shop, branches=branches, readers=readers)


def _sweep(visit: Visit, sweep_id: int, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    """What a stocktake misses is shown to whoever may post it, once it is handed in: before that the count is blind."""
    sweep = queries.own_sweep(visit.session, visit.identity, COUNT, sweep_id)
    branch = stock.own_branch(visit.session, visit.identity, COUNT, sweep.branch_id)
    reads = queries.reads_of(visit.session, sweep.id)
    rows = queries.sweep_rows(visit.session, sweep, reads)
    count = stock.own_count(visit.session, visit.identity, COUNT, sweep.count_id) if sweep.count_id else None
    is_blind = count is not None and (count.state == CountState.COUNTING or not visit.identity.can(APPROVE))
    return page(
        "goods/sweep.html",
        active=HERE if visit.identity.can(VIEW) else "portal.counts",
        faults=faults,
        sweep=sweep,
        branch=branch,
        rows=rows,
        products=products_by_id(visit.session, branch.merchant_id, {row.product_id for row in rows}),
        read=len(reads),
        unknown=sum(one.product_id is None for one in reads),
        share=read_of_expected(rows),
        is_blind=is_blind,
        missing=[] if is_blind or count is None else queries.missing_tags(visit.session, sweep),
        may_let_go=count is not None and not is_blind and sweep.closed_at is not None,
    )
