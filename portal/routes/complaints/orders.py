"""Refund orders on the pages of the office and of the shop: order, confirm, consent, take back, appeal."""

from collections.abc import Callable

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.complaints import queries
from merchants.complaints.services import ordering
from merchants.complaints.services.ordering import Asked
from portal.blueprint import blueprint
from portal.routes.complaints.office import HANDLE, office_of, refused
from portal.routes.complaints.shop import refused_to_shop
from portal.routes.till.forms import amount_of

ANSWER = Permission.MERCHANTS_COMPLAINT_ANSWER


@route(blueprint, "/complaints/<int:complaint_id>/orders", permission=HANDLE, methods=["POST"])
def order_refund(visit: Visit, complaint_id: int) -> ResponseReturnValue:
    queries.handled(visit.session, office_of(visit), complaint_id)
    try:
        asked = Asked(request.form.get("order_key", ""), amount_of("amount"), request.form.get("why", ""))
        ordering.order_refund(visit.session, visit.identity, complaint_id, asked)
    except DomainError as refusal:
        return refused(visit, complaint_id, refusal)
    return redirect(url_for("portal.complaint", complaint_id=complaint_id), 303)


@route(blueprint, "/complaints/orders/<int:order_id>", permission=HANDLE, methods=["POST"])
def decide_order(visit: Visit, order_id: int) -> ResponseReturnValue:
    """Confirmed or taken back by the union; upheld or overturned by the municipality."""
    words = request.form.get("order_words", "")
    acts: dict[str, Callable[[], object]] = {
        "confirm": lambda: ordering.confirm_order(visit.session, visit.identity, order_id),
        "withdraw": lambda: ordering.withdraw_order(visit.session, visit.identity, order_id, words),
        "uphold": lambda: ordering.answer_appeal(visit.session, visit.identity, order_id, is_upheld=True, words=words),
        "overturn": lambda: ordering.answer_appeal(visit.session, visit.identity, order_id, is_upheld=False, words=words),
    }
    complaint_id = queries.complaint_of_order(visit.session, order_id)
    queries.handled(visit.session, office_of(visit), complaint_id)
    act = acts.get(request.form.get("act", ""))
    if act is None:
        raise BadInput(field="act")
    try:
        act()
    except DomainError as refusal:
        return refused(visit, complaint_id, refusal)
    return redirect(url_for("portal.complaint", complaint_id=complaint_id), 303)


@route(blueprint, "/shop-complaints/orders/<int:order_id>", permission=ANSWER, methods=["POST"])
def answer_order(visit: Visit, order_id: int) -> ResponseReturnValue:
    """The shop pays at once, or appeals after it was paid without its consent."""
    complaint_id = queries.complaint_of_order(visit.session, order_id)
    queries.of_shop(visit.session, visit.identity, complaint_id)
    act = request.form.get("act", "")
    if act not in ("consent", "appeal"):
        raise BadInput(field="act")
    try:
        if act == "consent":
            ordering.consent(visit.session, visit.identity, order_id)
        else:
            ordering.appeal(visit.session, visit.identity, order_id, request.form.get("order_words", ""))
    except DomainError as refusal:
        return refused_to_shop(visit, complaint_id, refusal)
    return redirect(url_for("portal.shop_complaint", complaint_id=complaint_id), 303)
