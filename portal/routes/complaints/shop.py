"""A shop's side of complaints: what is said of it, its answer, the orders it is under."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel import clock
from kernel.errors import DomainError
from kernel.settings import load_settings
from kernel.web.routes import route
from merchants.complaints import queries
from merchants.complaints.rules import OrderState, Party, may_appeal
from merchants.complaints.services import handling
from portal.blueprint import blueprint
from portal.routes.onboarding import forms

ANSWER = Permission.MERCHANTS_COMPLAINT_ANSWER
HERE = "portal.shop_complaints"
A_PAGE = 20


@route(blueprint, "/shop-complaints", permission=ANSWER)
def shop_complaints(visit: Visit) -> ResponseReturnValue:
    after = request.args.get("after", 0, type=int)
    found = queries.complaints_of_shop(visit.session, visit.identity, after=after, limit=A_PAGE + 1)
    return render_template(
        "complaints/of_shop.html",
        active=HERE,
        rows=found[:A_PAGE],
        older=found[A_PAGE - 1].complaint.id if len(found) > A_PAGE else None,
        after=after,
    )


@route(blueprint, "/shop-complaints/<int:complaint_id>", permission=ANSWER)
def shop_complaint(visit: Visit, complaint_id: int) -> ResponseReturnValue:
    return _page(visit, complaint_id)


@route(blueprint, "/shop-complaints/<int:complaint_id>", permission=ANSWER, methods=["POST"])
def answer_complaint(visit: Visit, complaint_id: int) -> ResponseReturnValue:
    queries.of_shop(visit.session, visit.identity, complaint_id)
    try:
        handling.answer_for_shop(visit.session, visit.identity, complaint_id, forms.form_key(), request.form.get("words", ""))
    except DomainError as refusal:
        return refused_to_shop(visit, complaint_id, refusal)
    return redirect(url_for("portal.shop_complaint", complaint_id=complaint_id), 303)


def refused_to_shop(visit: Visit, complaint_id: int, refusal: DomainError) -> ResponseReturnValue:
    if refusal.status == 404:
        raise refusal
    visit.session.rollback()
    return _page(visit, complaint_id, refusal)


def _page(visit: Visit, complaint_id: int, fault: DomainError | None = None) -> ResponseReturnValue:
    found = queries.of_shop(visit.session, visit.identity, complaint_id)
    order, days = queries.order_of(visit.session, found.id), load_settings().refund_appeal_days
    may = (
        order is not None
        and order.confirmed_by is not None
        and may_appeal(OrderState(order.state), order.paid_at, clock.now(), days)
    )
    page = render_template(
        "complaints/shop_page.html",
        active=HERE,
        complaint=found,
        shop=queries.shop_names(visit.session, found),
        lines=queries.lines_of(found),
        notes=queries.notes_of(visit.session, found.id, Party.SHOP),
        order=order,
        may_appeal=may and found.municipality_id is not None,
        days=days,
        typed=request.form,
        key=request.form.get("key") or forms.new_key(),
        faults=forms.sentences({str(fault.facts.get("field", "act")): fault}) if fault else {},
    )
    return page, fault.status if fault else 200
