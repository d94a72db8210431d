"""Campaigns from the side of a shop: what it may join, and what it takes part in."""

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.visits import Visit
from kernel import clock
from kernel.calendar import local_day
from kernel.web.routes import route
from merchants.campaigns import queries, services
from merchants.campaigns.errors import CampaignBegun
from portal import words
from portal.blueprint import blueprint

JOIN = Permission.MERCHANTS_CAMPAIGN_JOIN
HERE = "portal.shop_campaigns"


@route(blueprint, "/shop-campaigns", permission=JOIN)
def shop_campaigns(visit: Visit) -> ResponseReturnValue:
    return _page(visit)


@route(blueprint, "/shop-campaigns/<int:campaign_id>/<int:merchant_id>", permission=JOIN, methods=["POST"])
def join_campaign(visit: Visit, campaign_id: int, merchant_id: int) -> ResponseReturnValue:
    services.join_campaign(visit.session, _person(visit), merchant_id, campaign_id)
    return redirect(url_for(HERE), 303)


@route(blueprint, "/shop-campaigns/<int:campaign_id>/<int:merchant_id>/leaving", permission=JOIN, methods=["POST"])
def leave_campaign(visit: Visit, campaign_id: int, merchant_id: int) -> ResponseReturnValue:
    try:
        services.leave_campaign(visit.session, _person(visit), merchant_id, campaign_id)
    except CampaignBegun as refusal:
        visit.session.rollback()
        return _page(visit, refusal)
    return redirect(url_for(HERE), 303)


def _person(visit: Visit) -> Identity:
    identity: Identity = visit.identity
    return identity


def _page(visit: Visit, fault: CampaignBegun | None = None) -> ResponseReturnValue:
    today = local_day(clock.now())
    rows = queries.offered(visit.session, _person(visit), today)
    page = render_template(
        "municipality/shop_campaigns.html", active=HERE, rows=rows, today=today, has_shops=len({row.merchant_id for row in rows}) > 1,
        fault=words.error_sentence(fault.code, fault.facts) if fault else "",
    )  # fmt: skip
    return page, fault.status if fault else 200
