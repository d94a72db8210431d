"""Campaigns of a city: read by everybody, published and called off by its municipality, which sees who joined and what they sold."""

from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from identity.permissions import Identity, Permission
from identity.visits import OpenVisit, Visit
from insights.campaigns import change_by_campaign
from insights.reports.rules import LEAST_SHOPS
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput
from kernel.web.routes import route
from merchants.campaigns import queries, services
from merchants.campaigns.errors import WrongCampaign
from merchants.campaigns.rules import LONGEST_TEXT, LONGEST_TITLE, Standing, Wanted, days_counted, wrong_day
from merchants.onboarding.errors import WrongDay
from merchants.onboarding.rules import typed_day
from merchants.outages.rules import texts_of
from places.queries import city_by_code, zones_of_city
from portal import directory_words, words
from portal.blueprint import blueprint
from portal.routes.municipality.office import Office, office_of
from portal.routes.onboarding import forms

PUBLISH = Permission.MERCHANTS_CAMPAIGN_PUBLISH
OWN, HERE, HOME = "portal.own_campaigns", "portal.campaigns", "mashhad"
A_PAGE, SHOPS_A_PAGE = 10, 50
LIVE = (Standing.COMING, Standing.RUNNING)


@route(blueprint, "/campaigns", public=True)
def campaigns(visit: OpenVisit) -> ResponseReturnValue:
    city, today, before = (
        city_by_code(visit.session, request.args.get("city", HOME)),
        local_day(clock.now()),
        request.args.get("before", type=int),
    )
    past = queries.past_campaigns(visit.session, city.id, today, before=before, limit=A_PAGE + 1)
    return render_template(
        "municipality/campaigns.html", active=HERE, city=city, today=today, past=past[:A_PAGE], before=before,
        live=queries.live_campaigns(visit.session, city.id, today), older=past[A_PAGE - 1].campaign.id if len(past) > A_PAGE else None,
    )  # fmt: skip


@route(blueprint, "/campaigns/<int:campaign_id>", public=True)
def campaign(visit: OpenVisit, campaign_id: int) -> ResponseReturnValue:
    told, after = queries.campaign_by_id(visit.session, campaign_id), request.args.get("after", 0, type=int)
    shops = queries.shops_of_campaign(visit.session, campaign_id, after=after, limit=SHOPS_A_PAGE + 1)
    return render_template(
        "municipality/campaign.html", active=HERE, told=told, today=local_day(clock.now()), shops=shops[:SHOPS_A_PAGE], after=after,
        next=shops[SHOPS_A_PAGE - 1].merchant_id if len(shops) > SHOPS_A_PAGE else None,
    )  # fmt: skip


@route(blueprint, "/own-campaigns", permission=PUBLISH)
def own_campaigns(visit: Visit) -> ResponseReturnValue:
    return _own(visit, office_of(visit, PUBLISH))


@route(blueprint, "/own-campaigns", permission=PUBLISH, methods=["POST"])
def publish_campaign(visit: Visit) -> ResponseReturnValue:
    identity: Identity = visit.identity
    office = office_of(visit, PUBLISH)
    try:
        services.publish_campaign(visit.session, identity, office.municipality_id, office.city.id, forms.form_key(), _wanted())
    except WrongCampaign as refusal:
        visit.session.rollback()
        return _own(visit, office, refusal)
    return redirect(url_for(OWN, city=office.city.code), 303)


@route(blueprint, "/own-campaigns/<int:campaign_id>", permission=PUBLISH)
def own_campaign(visit: Visit, campaign_id: int) -> ResponseReturnValue:
    offices = visit.identity.organisations(PUBLISH) or frozenset()
    told, today, after = (
        queries.campaign_by_id(visit.session, campaign_id, offices),
        local_day(clock.now()),
        request.args.get("after", 0, type=int),
    )
    days = days_counted(told.campaign.starts_on, told.campaign.ends_on, told.called_off_on, today)
    shops = queries.shops_of_campaign(visit.session, campaign_id, after=after, limit=SHOPS_A_PAGE + 1)
    return render_template(
        "municipality/own_campaign.html", active=OWN, told=told, today=today, shops=shops[:SHOPS_A_PAGE], after=after, least=LEAST_SHOPS,
        next=shops[SHOPS_A_PAGE - 1].merchant_id if len(shops) > SHOPS_A_PAGE else None,
        change=change_by_campaign(visit.session, campaign_id, *days) if days else None,
        is_live=told.standing(today) in LIVE,
    )  # fmt: skip


@route(blueprint, "/own-campaigns/<int:campaign_id>/calling-off", permission=PUBLISH, methods=["POST"])
def call_off_campaign(visit: Visit, campaign_id: int) -> ResponseReturnValue:
    offices = visit.identity.organisations(PUBLISH) or frozenset()
    told = queries.campaign_by_id(visit.session, campaign_id, offices)
    services.call_off_campaign(visit.session, visit.identity, told.campaign.organisation_id, campaign_id)
    return redirect(url_for("portal.own_campaign", campaign_id=campaign_id), 303)


def _wanted() -> Wanted:
    """Raises WrongCampaign."""
    typed = forms.typed()
    return Wanted(
        titles=texts_of(typed, WrongCampaign, LONGEST_TITLE, "title"),
        texts=texts_of(typed, WrongCampaign, LONGEST_TEXT),
        starts_on=_day("starts_on"),
        ends_on=_day("ends_on"),
        zone_id=request.form.get("zone", type=int),
        shop_kind=request.form.get("kind") or None,
    )


def _day(field: str) -> date:
    try:
        return typed_day(request.form.get(field, ""), field)
    except WrongDay:
        raise wrong_day(field) from None


def _own(visit: Visit, office: Office, refusal: BadInput | None = None) -> ResponseReturnValue:
    today, before = local_day(clock.now()), request.args.get("before", type=int)
    past = queries.past_campaigns(visit.session, office.city.id, today, before=before, limit=A_PAGE + 1)
    page = render_template(
        "municipality/own_campaigns.html",
        active=OWN,
        office=office,
        today=today,
        live=queries.live_campaigns(visit.session, office.city.id, today),
        past=past[:A_PAGE],
        older=past[A_PAGE - 1].campaign.id if len(past) > A_PAGE else None,
        before=before,
        zones=zones_of_city(visit.session, office.city.id),
        kinds=directory_words.trades(),
        typed=request.form,
        faults={str(refusal.facts["field"]): words.error_sentence(refusal.code, refusal.facts)} if refusal else {},
        key=request.form.get("key") or forms.new_key(),
        longest={"title": LONGEST_TITLE, "text": LONGEST_TEXT},
    )
    return page, refusal.status if refusal else 200
