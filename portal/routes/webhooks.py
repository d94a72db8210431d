"""A shop's endpoints: added with a secret that is shown once, tried, removed; what was sent to them, and dead ones sent again."""

from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Permission
from identity.visits import Visit
from kernel.errors import BadInput, DomainError
from kernel.web.routes import route
from merchants.webhooks import services
from merchants.webhooks.rules import CHOSEN, USUAL
from portal import webhook_words, words
from portal.blueprint import blueprint
from portal.own_shop import own_shop, own_shops

MANAGE = Permission.MERCHANTS_WEBHOOK_MANAGE
A_PAGE = 20


@route(blueprint, "/webhooks", permission=MANAGE, methods=["GET", "POST"])
def webhooks(visit: Visit) -> ResponseReturnValue:
    """POST adds an endpoint: its name is looked up first, outside of any lock."""
    shop = own_shop(visit, MANAGE)
    if request.method == "GET":
        return _list(visit, shop)
    address, events = request.form.get("address", ""), request.form.getlist("events")
    try:
        services.sender().check(address)
        endpoint, secret = services.add_endpoint(visit.session, visit.identity.actor, shop.id, address, events)
    except DomainError as refusal:
        visit.session.rollback()
        return _list(visit, shop, refusal), refusal.status
    return _page("secret", endpoint=endpoint, secret=secret), 201


@route(blueprint, "/webhooks/<int:endpoint_id>", permission=MANAGE, methods=["POST"])
def change_webhook(visit: Visit, endpoint_id: int) -> ResponseReturnValue:
    """`ping` sends a test event, `remove` ends it with all that was on its way."""
    acts = {"ping": services.ping, "remove": services.remove_endpoint}
    own = own_shops(visit, MANAGE)
    services.check_own_endpoint(visit.session, [shop.id for shop in own], endpoint_id)
    if request.form.get("act") not in acts:
        raise BadInput(field="act")
    acts[request.form["act"]](visit.session, visit.identity.actor, [shop.id for shop in own], endpoint_id)
    return redirect(_address(), 303)


@route(blueprint, "/webhooks/deliveries/<int:delivery_id>/resend", permission=MANAGE, methods=["POST"])
def resend_delivery(visit: Visit, delivery_id: int) -> ResponseReturnValue:
    services.resend(visit.session, visit.identity.actor, [shop.id for shop in own_shops(visit, MANAGE)], delivery_id)
    return redirect(_address(), 303)


def _list(visit: Visit, shop: Any, refusal: DomainError | None = None) -> str:
    before = request.args.get("before", type=int)
    found = services.deliveries_of(visit.session, shop.id, before=before, limit=A_PAGE + 1)
    return _page(
        "webhooks",
        shop=shop,
        endpoints=services.endpoints_of(visit.session, shop.id),
        most=services.MOST_ENDPOINTS,
        deliveries=found[:A_PAGE],
        before=before,
        older=found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        events=[event.value for event in CHOSEN],
        chosen=request.form.getlist("events") if refusal else [event.value for event in USUAL],
        typed=request.form.get("address", "") if refusal else "",
        fault=words.error_sentence(refusal.code, refusal.facts) if refusal else "",
        fault_field=refusal.facts.get("field", "") if refusal else "",
    )


def _address() -> str:
    asked = request.args.get("merchant", type=int)
    return url_for("portal.webhooks", merchant=asked)


def _page(name: str, **facts: Any) -> str:
    return render_template(f"webhooks/{name}.html", active="portal.webhooks", told=webhook_words, **facts)
