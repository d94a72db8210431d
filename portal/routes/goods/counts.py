"""Stocktakes: whoever counts sees what was counted and never the books; a colleague sees the differences and posts them."""

from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.catalogue import queries as goods
from merchants.catalogue.rules.goods import typed_id
from merchants.catalogue.rules.quantities import typed_quantity
from merchants.stock import queries
from merchants.stock.rules import CountState
from merchants.stock.services import counting
from merchants.stock.services.lines import LineFault, read_lines
from merchants.tags import queries as tags
from portal.blueprint import blueprint
from portal.own_shop import own_shop, shop_of
from portal.routes.goods.deliveries import told
from portal.routes.goods.shop import fault_by_field, own_branches, page
from portal.routes.onboarding.forms import typed
from portal.routes.till.reader import reader_origin

COUNT = Permission.MERCHANTS_STOCK_COUNT
APPROVE = Permission.MERCHANTS_STOCK_APPROVE
HERE = "portal.counts"
A_PAGE = 20
CORRECTED = "quantity-"


@route(blueprint, "/counts", permission=COUNT)
def counts(visit: Visit) -> ResponseReturnValue:
    return _counts(visit)


@route(blueprint, "/counts", permission=COUNT, methods=["POST"])
def begin_count(visit: Visit) -> ResponseReturnValue:
    form = typed()
    branch = queries.own_branch(visit.session, visit.identity, COUNT, typed_id(form.get("branch_id", ""), "branch_id") or 0)
    try:
        begun = counting.begin_count(visit.session, visit.identity, branch, typed_id(form.get("group_id", ""), "group_id"))
    except DomainError as refusal:
        visit.session.rollback()
        return _counts(visit, fault_by_field(refusal))
    return redirect(url_for("portal.count", count_id=begun.id), 303)


@route(blueprint, "/counts/<int:count_id>", permission=COUNT)
def count(visit: Visit, count_id: int) -> ResponseReturnValue:
    return _count(visit, count_id)


@route(blueprint, "/counts/<int:count_id>", permission=COUNT, methods=["POST"])
def go_on_counting(visit: Visit, count_id: int) -> ResponseReturnValue:
    """`add` takes scanned lines, `correct` other quantities for what was counted, `hand_in` ends it, `discard` lets it go."""
    found = queries.own_count(visit.session, visit.identity, COUNT, count_id, lock=True)
    form, wrong = typed(), list[LineFault]()
    try:
        if form.get("act") == "add":
            branch = queries.own_branch(visit.session, visit.identity, COUNT, found.branch_id)
            lines, wrong = read_lines(visit.session, branch.merchant_id, form.get("lines", ""))
            if wrong:
                return _count(visit, count_id, {"lines": wrong[0].error}, wrong)
            counting.count_goods(visit.session, visit.identity, found, lines)
        elif form.get("act") == "correct":
            _correct(visit, found, form)
        elif form.get("act") == "hand_in":
            counting.hand_in_count(visit.session, visit.identity, found, rest_is_none=form.get("rest_is_none") == "1")
        elif form.get("act") == "discard":
            counting.discard_count(visit.session, visit.identity, found, form.get("why", ""))
        else:
            raise BadInput(field="act")
    except DomainError as refusal:
        visit.session.rollback()
        return _count(visit, count_id, fault_by_field(refusal))
    return redirect(url_for("portal.count", count_id=count_id), 303)


@route(blueprint, "/counts/<int:count_id>/decision", permission=APPROVE, methods=["POST"])
def decide_count(visit: Visit, count_id: int) -> ResponseReturnValue:
    found = queries.own_count(visit.session, visit.identity, APPROVE, count_id, lock=True)
    try:
        if request.form.get("act") == "post":
            counting.post_count(visit.session, visit.identity, found)
        else:
            counting.discard_count(visit.session, visit.identity, found, request.form.get("why", ""))
    except DomainError as refusal:
        visit.session.rollback()
        return _count(visit, count_id, fault_by_field(refusal))
    return redirect(url_for("portal.count", count_id=count_id), 303)


def _correct(visit: Visit, found: Any, form: dict[str, str]) -> None:
    """Fields are called `quantity-<product>`; what stands as it was is left alone."""
    for row in queries.counted_lines(visit.session, found.id):
        field = f"{CORRECTED}{row.product.id}"
        if field in form:
            milli = typed_quantity(form[field], row.product.unit, field)
            if milli != row.counted_milli:
                counting.correct_count(visit.session, visit.identity, found, row.product.id, milli)


def _counts(visit: Visit, faults: dict[str, DomainError] | None = None) -> ResponseReturnValue:
    shop = own_shop(visit, COUNT)
    branches: dict[int, Any] = {branch.id: branch for branch in own_branches(visit, shop, COUNT)}
    before = request.args.get("before", 0, type=int)
    found = queries.counts_page(visit.session, branches, before=before, limit=A_PAGE + 1)
    return page(
        "goods/counts.html",
        active=HERE,
        faults=faults,
        shop=shop,
        branches=branches,
        groups=goods.groups_of(visit.session, shop.id),
        counts=found[:A_PAGE],
        people=queries.names_of_people(visit.session, {one.counted_by for one in found}),
        older=url_for(HERE, merchant=shop.id, before=found[A_PAGE - 1].id) if len(found) > A_PAGE else None,
        newer=url_for(HERE, merchant=shop.id) if before else None,
    )


def _count(
    visit: Visit, count_id: int, faults: dict[str, DomainError] | None = None, wrong: list[LineFault] | None = None
) -> ResponseReturnValue:
    found = queries.own_count(visit.session, visit.identity, COUNT, count_id)
    branch = queries.own_branch(visit.session, visit.identity, COUNT, found.branch_id)
    is_counter = found.counted_by == visit.identity.person_id
    may_approve = visit.identity.can(APPROVE, shop_of(visit, COUNT, branch.merchant_id).organisation_id)
    return page(
        "goods/count.html",
        active=HERE,
        faults=faults,
        count=found,
        branch=branch,
        group=goods.own_group(visit.session, branch.merchant_id, found.group_id) if found.group_id else None,
        rows=queries.counted_lines(visit.session, found.id),
        people=queries.names_of_people(visit.session, {person for person in (found.counted_by, found.decided_by) if person}),
        may_count=is_counter and found.state == CountState.COUNTING,
        may_decide=may_approve and not is_counter and found.state == CountState.COUNTED,
        may_discard=(is_counter or may_approve) and found.state in counting.OPEN,
        shows_books=may_approve and (found.state == CountState.POSTED or (found.state == CountState.COUNTED and not is_counter)),
        wrong=told(wrong or [])[:A_PAGE],
        reader=reader_origin(),
        readers=tags.readers_of(visit.session, [found.branch_id]),
        sweeps=tags.sweeps_of(visit.session, count_id=found.id),
    )
