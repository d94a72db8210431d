"""A campaign is published once for its own city; shops that fit join once, and leave before it begins."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import local_day
from merchants.campaigns import queries, services
from merchants.campaigns.errors import CampaignBegun, CampaignNotFound, WrongCampaign
from merchants.campaigns.models import CampaignShop, CityCampaign
from merchants.models import Branch, Merchant
from places.services import draw_zone, found_city
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.meeting import meet_before
from tests.merchants.campaigns.campaigns import publish, said
from tests.merchants.onboarding import files

LON, LAT = factories.SHRINE
AROUND = [(LON - 0.01, LAT - 0.01), (LON + 0.01, LAT - 0.01), (LON + 0.01, LAT + 0.01), (LON - 0.01, LAT + 0.01)]


def shop(session: Session, kind: str = "saffron", lon: float = LON) -> tuple[Merchant, Identity]:
    made = factories.merchant(session, kind=kind)
    till = factories.terminal(session, shop=made)
    session.get_one(Branch, till.branch_id).place_id = factories.place(session, lon=lon).id
    owner, _ = factories.account(session, Role.MERCHANT, organisation_id=made.organisation_id)
    session.flush()
    return made, owner


def test_shops_that_fit_join_until_the_last_day_and_leave_before_the_first(session: Session) -> None:
    town, today = files.town(session), local_day(clock.now())
    zone = draw_zone(session, factories.ACTOR, town.city.id, "inner", {"fa": "درون"}, AROUND)
    fits, owner = shop(session)
    others = [shop(session, kind="books"), shop(session, lon=LON + 0.05)]
    coming = publish(session, town, zone_id=zone.id, shop_kind="saffron", starts_on=today + timedelta(1))
    for other, keeper in others:
        assert queries.offered(session, keeper, today) == []
        with pytest.raises(CampaignNotFound):
            services.join_campaign(session, keeper, other.id, coming.id)
        with pytest.raises(CampaignNotFound):
            services.join_campaign(session, keeper, fits.id, coming.id)
    for _ in range(2):
        services.join_campaign(session, owner, fits.id, coming.id)
    [row] = queries.offered(session, owner, today)
    assert (row.told.shops, row.told.zone, row.has_joined, row.merchant_id) == (1, {"fa": "درون"}, True, fits.id)
    [part] = queries.shops_of_campaign(session, coming.id)
    assert queries.running_at_place(session, part.place_id or 0, today) == [], "it has not begun"
    for _ in range(2):
        services.leave_campaign(session, owner, fits.id, coming.id)
    assert queries.shops_of_campaign(session, coming.id) == []
    running = publish(session, town)
    services.join_campaign(session, owner, fits.id, running.id)
    with pytest.raises(CampaignBegun):
        services.leave_campaign(session, owner, fits.id, running.id)
    assert [told.campaign for told in queries.running_at_place(session, part.place_id or 0, today)] == [running]
    assert [one.campaign.id for one in queries.live_campaigns(session, town.city.id, today)] == [running.id, coming.id]
    after = running.ends_on + timedelta(1)
    assert [one.campaign.id for one in queries.past_campaigns(session, town.city.id, after)] == [running.id, coming.id]
    with pytest.raises(CampaignNotFound):
        queries.lock_live_campaign(session, running.id, after)


def test_a_municipality_publishes_and_calls_off_for_its_own_city(session: Session) -> None:
    town, today = files.town(session), local_day(clock.now())
    qom = files.town(session, found_city(session, factories.ACTOR, "qom", {"fa": "قم"}, 50.87, 34.64, "Asia/Tehran"))
    foreign = draw_zone(session, factories.ACTOR, qom.city.id, "inner", {"fa": "درون"}, [(50.8, 34.6), (50.9, 34.6), (50.9, 34.7)])
    with pytest.raises(WrongCampaign) as refused:
        publish(session, town, zone_id=foreign.id)
    assert refused.value.facts["field"] == "zone"
    key = str(uuid4())
    made = [
        services.publish_campaign(session, town.town_officer, town.municipality.id, town.city.id, key, said()).id for _ in range(2)
    ]
    assert made[0] == made[1]
    with pytest.raises(CampaignNotFound):
        services.call_off_campaign(session, qom.town_officer, qom.municipality.id, made[0])
    assert queries.live_campaigns(session, qom.city.id, today) == []
    fits, owner = shop(session)
    services.call_off_campaign(session, town.town_officer, town.municipality.id, made[0])
    with pytest.raises(CampaignNotFound):
        services.call_off_campaign(session, town.town_officer, town.municipality.id, made[0])
    with pytest.raises(CampaignNotFound):
        services.join_campaign(session, owner, fits.id, made[0])


def without_lock(session: Session, campaign_id: int, today: Any) -> CityCampaign:
    return session.get_one(CityCampaign, campaign_id)


@pytest.mark.parametrize(("is_locked", "ends"), [(False, ["IntegrityError", "done"]), (True, ["done", "done"])])
def test_a_shop_that_presses_twice_at_once_joins_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, ends: list[str]
) -> None:
    campaign = publish(session, files.town(session))
    fits, owner = shop(session)
    session.commit()
    if not is_locked:
        monkeypatch.setattr(services, "lock_live_campaign", without_lock)
    meet_before(monkeypatch, services.audit, "record")
    assert twice(lambda one: services.join_campaign(one, owner, fits.id, campaign.id)) == ends
    assert session.scalar(select(func.count()).select_from(CampaignShop)) == 1
    assert (
        session.scalar(
            select(func.count()).select_from(AuditEntry).where(AuditEntry.act == "join", AuditEntry.subject == "campaign")
        )
        == 1
    )
