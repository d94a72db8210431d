"""Campaigns of a city: what its municipality announces for some days, in which shops take part."""

from datetime import date
from typing import Literal

from msgspec import Struct

from kernel import clock
from kernel.calendar import local_day
from kernel.languages import in_language
from kernel.web.visit import Visit
from merchants.campaigns.queries import CampaignTold, live_campaigns
from mobile_api.contract import operation
from mobile_api.shapes import Typed
from places.errors import CityNotFound
from places.queries import city_by_code

TAG = "Places"
HOME = "mashhad"
SHARED_SECONDS = 60


class AskedCampaigns(Struct):
    city: Typed = HOME


class Campaign(Struct):
    """It runs from `first_day` to the end of `last_day`; `where` is null for the whole city, `shop_kind` for shops of every kind."""

    campaign: int
    standing: Literal["coming", "running"]
    title: str
    text: str
    where: str | None
    shop_kind: str | None
    first_day: date
    last_day: date
    shops: int


class CampaignsOfCity(Struct):
    campaigns: list[Campaign]


_CAMPAIGNS = CampaignsOfCity(
    [Campaign(3, "running", "جشنوارهٔ زعفران", "فروشگاه‌های پیرامون حرم تا یلدا میزبان زائرانند.", "محدودهٔ حرم", "saffron", date(2026, 11, 22), date(2026, 12, 21), 14)]
)  # fmt: skip


@operation("GET", "/campaigns", tag=TAG, permission=None, errors=(CityNotFound,), shared_seconds=SHARED_SECONDS, gives=_CAMPAIGNS)
def campaigns_now(visit: Visit, query: AskedCampaigns) -> CampaignsOfCity:
    """What runs and what is to come, the first to begin first."""
    today = local_day(clock.now())
    found = live_campaigns(visit.session, city_by_code(visit.session, query.city).id, today)
    return CampaignsOfCity([_told(one, visit.language, today) for one in found])


def _told(told: CampaignTold, language: str, today: date) -> Campaign:
    one = told.campaign
    return Campaign(
        one.id, told.standing(today).value, in_language(one.titles, language), in_language(one.texts, language),  # type: ignore[arg-type] # live: coming or running
        in_language(told.zone, language) if told.zone else None, one.shop_kind, one.starts_on, one.ends_on, told.shops,
    )  # fmt: skip
