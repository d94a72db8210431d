"""The list of shops, a merchant's sales, and the list of merchants for those who look after them."""

from datetime import timedelta
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from cardbank.ledger.types import EntryKind
from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import TEHRAN, end_of_day, local_day
from kernel.errors import BadInput, NotFound
from kernel.web.routes import route
from merchants.complaints.queries import ordered_refunds
from merchants.discounts.queries import cash_sales_between
from merchants.instalments.queries import terms_of_branches
from merchants.queries import (
    branch_names_of_terminals,
    branch_of_terminal,
    merchants_of_organisations,
    merchants_page,
    shop_names,
)
from merchants.sales.queries import shop_sales, shop_totals
from merchants.shops_on_map import shops_page
from portal.blueprint import blueprint
from portal.instalment_words import terms_sentences
from portal.routes.goods.shop import own_branches
from portal.routes.me import receipt_of_address, receipt_page
from portal.routes.shops_map import overviews

VIEW = Permission.MERCHANTS_SALES_VIEW
A_PAGE = 20


@route(blueprint, "/shops", signed_in=True)
def shops(visit: Visit) -> ResponseReturnValue:
    after = request.args.get("after", 0, type=int)
    found = shops_page(visit.session, after=after, limit=A_PAGE + 1)
    return render_template(
        "shops.html",
        active="portal.shops",
        shops=found[:A_PAGE],
        total=overviews.now(visit.session).shops,
        terms=terms_of_branches(visit.session, [shop.branch_id for shop in found[:A_PAGE]], clock.now()),
        terms_sentences=terms_sentences,
        after=after,
        older=found[A_PAGE - 1].branch_id if len(found) > A_PAGE else None,
    )


@route(blueprint, "/sales", permission=VIEW)
def sales(visit: Visit) -> ResponseReturnValue:
    merchants = _own_merchants(visit)
    if not merchants:
        raise NotFound
    asked = request.args.get("merchant", merchants[0].id, type=int)
    merchant = next((one for one in merchants if one.id == asked), None)
    if merchant is None:
        raise NotFound
    day, before = local_day(clock.now()), request.args.get("before")
    own = own_branches(visit, merchant, VIEW)
    branch_id = request.args.get("branch", type=int)
    if branch_id is not None and branch_id not in {one.id for one in own}:
        raise NotFound
    bound = visit.identity.branches(merchant.organisation_id, VIEW) if branch_id is None else {branch_id}
    try:
        page = shop_sales(visit.session, merchant.wallet_id, day, branches=bound, before=before, most=A_PAGE)
    except ValueError:
        raise BadInput(field="before") from None
    totals = shop_totals(visit.session, merchant.wallet_id, day, branches=bound)
    since = end_of_day(day - timedelta(days=1), TEHRAN)
    in_cash = cash_sales_between(visit.session, merchant.id, since, clock.now(), branches=bound)
    terminals = {line.terminal_id for line in page.lines if line.terminal_id is not None}
    return render_template(
        "sales.html",
        active="portal.sales",
        day=day,
        page=page,
        before=before,
        merchants=merchants,
        merchant=merchant,
        own_branches=own,
        branch_id=branch_id,
        shop_names=shop_names(visit.session, [one.wallet_id for one in merchants]) if len(merchants) > 1 else {},
        purchases=totals.get(EntryKind.PURCHASE, (0, 0)),
        returned=[sum(pair) for pair in zip(*(totals.get(kind, (0, 0)) for kind in _RETURNS), strict=True)],
        branches=branch_names_of_terminals(visit.session, terminals) if terminals else {},
        in_cash=in_cash,
        ordered=ordered_refunds(
            visit.session, [(line.business_date, line.entry_id) for line in page.lines if line.kind is EntryKind.REFUND]
        ),
    )


_RETURNS = (EntryKind.REVERSAL, EntryKind.REFUND, EntryKind.VOID)


@route(blueprint, "/sales/<day>/<int:entry_id>", permission=VIEW)
def sale_receipt(visit: Visit, day: str, entry_id: int) -> ResponseReturnValue:
    found = receipt_of_address(visit.session, day, entry_id)
    merchant = next((one for one in _own_merchants(visit) if one.wallet_id == found.line.shop_id), None)
    if merchant is None:
        raise NotFound
    bound = visit.identity.branches(merchant.organisation_id, VIEW)
    if bound is not None and branch_of_terminal(visit.session, found.line.terminal_id) not in bound:
        raise NotFound
    return receipt_page(visit.session, found, active="portal.sales", is_shop_copy=True)


@route(blueprint, "/merchants", permission=Permission.MERCHANTS_MERCHANT_LIST)
def merchants(visit: Visit) -> ResponseReturnValue:
    """A union sees its own members, the municipality and the city's manager the shops of their city, the operator all."""
    after = request.args.get("after", 0, type=int)
    reached = visit.identity.organisations(Permission.MERCHANTS_MERCHANT_LIST)
    found = merchants_page(visit.session, reached, after=after, limit=A_PAGE + 1)
    return render_template(
        "merchants.html",
        active="portal.merchants",
        merchants=found[:A_PAGE],
        after=after,
        older=found[A_PAGE - 1].merchant_id if len(found) > A_PAGE else None,
    )


def _own_merchants(visit: Visit) -> list[Any]:
    organisations = visit.identity.organisations(VIEW)
    return merchants_of_organisations(visit.session, organisations or ())
