"""Campaigns of a city: what its municipality announces for some days, and the shops that take part."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from msgspec import Meta, Struct

from kernel import clock
from kernel.calendar import local_day
from kernel.languages import in_language
from kernel.web.visit import Visit
from merchants.campaigns.errors import CampaignNotFound
from merchants.campaigns.queries import (
    CampaignTold,
    ShopTold,
    campaign_by_id,
    live_campaigns,
    running_at_place,
    shops_of_campaign,
)
from mobile_api.contract import operation
from mobile_api.shapes import Id, Instant, Typed
from places.directory.queries import PlaceCard, cards_of
from places.errors import CityNotFound
from places.queries import all_cities, city_by_code

TAG = "Places"
HOME = "mashhad"
SHARED_SECONDS = 60
A_PAGE = 25


class AskedCampaigns(Struct):
    city: Typed = HOME
    place: Annotated[Id | None, Meta(description="Those that run and in which the shop at this place takes part.")] = None


class Campaign(Struct):
    """It runs from `first_day` to the end of `last_day`; `where` is null for the whole city, `shop_kind` for shops of every kind."""

    campaign: int
    city: str
    standing: Literal["coming", "running", "over", "called_off"]
    title: str
    text: str
    where: str | None
    shop_kind: str | None
    first_day: date
    last_day: date
    shops: int


class CampaignsOfCity(Struct):
    campaigns: list[Campaign]


class CampaignShop(Struct):
    """`place` and what follows it are null where the shop has no branch there any more; it is open so until `changes_at`."""

    shop: str
    kind: str
    place: int | None
    geo: str | None
    is_open: bool | None
    changes_at: Instant | None


class AskedShops(Struct):
    after: Annotated[int, Meta(ge=0, description="`next` of the page before.")] = 0


class CampaignWithShops(Struct):
    campaign: Campaign
    shops: list[CampaignShop]
    next: int | None


_SAFFRON = Campaign(3, "mashhad", "running", "جشنوارهٔ زعفران", "فروشگاه‌های پیرامون حرم تا یلدا میزبان زائرانند.", "محدودهٔ حرم", "saffron", date(2026, 11, 22), date(2026, 12, 21), 14)  # fmt: skip
_SHOP = CampaignShop("زعفران نمونه", "saffron", 19, "geo:36.288000,59.615700", True, datetime(2026, 11, 22, 17, 30, tzinfo=UTC))


@operation(
    "GET",
    "/campaigns",
    tag=TAG,
    permission=None,
    errors=(CityNotFound,),
    shared_seconds=SHARED_SECONDS,
    gives=CampaignsOfCity([_SAFFRON]),
)
def campaigns_now(visit: Visit, query: AskedCampaigns) -> CampaignsOfCity:
    """What runs and what is to come, the first to begin first."""
    today = local_day(clock.now())
    if query.place is not None:
        found = running_at_place(visit.session, query.place, today)
    else:
        found = live_campaigns(visit.session, city_by_code(visit.session, query.city).id, today)
    cities = _cities(visit) if found else {}
    return CampaignsOfCity([_told(one, cities, visit.language, today) for one in found])


@operation(
    "GET", "/campaigns/{campaign_id}", tag=TAG, permission=None, errors=(CampaignNotFound,), shared_seconds=SHARED_SECONDS,
    gives=CampaignWithShops(_SAFFRON, [_SHOP], None),
)  # fmt: skip
def one_campaign(visit: Visit, campaign_id: Id, query: AskedShops) -> CampaignWithShops:
    """A campaign, one that is over too, with the shops that take part."""
    told = campaign_by_id(visit.session, campaign_id)
    found = shops_of_campaign(visit.session, campaign_id, after=query.after, limit=A_PAGE + 1)
    page = found[:A_PAGE]
    cards = {one.place_id: one for one in cards_of(visit.session, [shop.place_id for shop in page if shop.place_id])}
    shops = [_shop(one, cards.get(one.place_id or 0), visit.language) for one in page]
    campaign = _told(told, _cities(visit), visit.language, local_day(clock.now()))
    return CampaignWithShops(campaign, shops, page[-1].merchant_id if len(found) > A_PAGE else None)


def _cities(visit: Visit) -> dict[int, str]:
    return {one.id: one.code for one in all_cities(visit.session)}


def _told(told: CampaignTold, cities: dict[int, str], language: str, today: date) -> Campaign:
    one = told.campaign
    return Campaign(
        one.id, cities[one.city_id], told.standing(today).value, in_language(one.titles, language), in_language(one.texts, language),
        in_language(told.zone, language) if told.zone else None, one.shop_kind, one.starts_on, one.ends_on, told.shops,
    )  # fmt: skip


def _shop(told: ShopTold, card: PlaceCard | None, language: str) -> CampaignShop:
    state = card.state if card else None
    return CampaignShop(
        in_language(told.names, language), told.kind, card.place_id if card else None, card.geo if card else None,
        state.is_open if state else None, state.changes_at if state else None,
    )  # fmt: skip
