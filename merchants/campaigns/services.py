"""Use cases of campaigns: publish one, call it off; join one, and leave it before it begins."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from merchants.campaigns.errors import CampaignBegun, CampaignNotFound, WrongCampaign
from merchants.campaigns.models import CampaignShop, CityCampaign
from merchants.campaigns.queries import does_fit, is_own_shop, lock_live_campaign
from merchants.campaigns.rules import Wanted, check_wanted
from places.models import Zone


def publish_campaign(
    session: Session, identity: Identity, municipality_id: int, city_id: int, key: str, said: Wanted
) -> CityCampaign:
    """Tell the city of a campaign that shops may join; the same key again is the same campaign. Raises WrongCampaign."""
    now = clock.now()
    check_wanted(said, local_day(now))
    if said.zone_id is not None and session.scalar(select(Zone.city_id).where(Zone.id == said.zone_id)) != city_id:
        raise WrongCampaign(field="zone")
    facts = {
        "key": key, "city_id": city_id, "organisation_id": municipality_id, "titles": dict(said.titles), "texts": dict(said.texts),
        "zone_id": said.zone_id, "shop_kind": said.shop_kind, "starts_on": said.starts_on, "ends_on": said.ends_on,
        "published_at": now, "published_by": identity.sign_in_id,
    }  # fmt: skip
    made = session.scalar(insert(CityCampaign).values(facts).on_conflict_do_nothing().returning(CityCampaign.id))
    if made is None:
        return session.scalars(
            select(CityCampaign).where(CityCampaign.key == key, CityCampaign.organisation_id == municipality_id)
        ).one()
    after = {name: facts[name] for name in ("city_id", "titles", "zone_id", "shop_kind")} | {
        "days": f"{said.starts_on}/{said.ends_on}"
    }
    audit.record(session, identity.actor, "publish", "campaign", made, after=after)
    return session.get_one(CityCampaign, made)


def call_off_campaign(session: Session, identity: Identity, municipality_id: int, campaign_id: int) -> None:
    """It ends today, or never begins. Raises CampaignNotFound, for another municipality's and for one that is over too."""
    now = clock.now()
    campaign = lock_live_campaign(session, campaign_id, local_day(now))
    if campaign.organisation_id != municipality_id:
        raise CampaignNotFound
    campaign.called_off_at, campaign.called_off_by = now, identity.sign_in_id
    audit.record(session, identity.actor, "call off", "campaign", campaign_id)


def join_campaign(session: Session, identity: Identity, merchant_id: int, campaign_id: int) -> None:
    """The shop takes part; again it changes nothing. Raises CampaignNotFound, for a campaign that the shop does not fit too."""
    now = clock.now()
    _hold(session, identity, merchant_id, campaign_id, local_day(now))
    if not does_fit(session, campaign_id, merchant_id):
        raise CampaignNotFound
    if session.get(CampaignShop, (campaign_id, merchant_id)) is not None:
        return
    session.add(CampaignShop(campaign_id=campaign_id, merchant_id=merchant_id, joined_at=now, joined_by=identity.sign_in_id))
    audit.record(session, identity.actor, "join", "campaign", campaign_id, after={"merchant_id": merchant_id})


def leave_campaign(session: Session, identity: Identity, merchant_id: int, campaign_id: int) -> None:
    """The shop takes no part; again it changes nothing. Raises CampaignNotFound, CampaignBegun."""
    today = local_day(clock.now())
    campaign = _hold(session, identity, merchant_id, campaign_id, today)
    part = session.get(CampaignShop, (campaign_id, merchant_id))
    if part is None and not does_fit(session, campaign_id, merchant_id):
        raise CampaignNotFound
    if part is None:
        return
    if campaign.starts_on <= today:
        raise CampaignBegun
    session.delete(part)
    audit.record(session, identity.actor, "leave", "campaign", campaign_id, before={"merchant_id": merchant_id})


def _hold(session: Session, identity: Identity, merchant_id: int, campaign_id: int, today: date) -> CityCampaign:
    """Lock a live campaign for a shop of the person's own. Raises CampaignNotFound, for somebody else's shop too."""
    if not is_own_shop(session, identity, merchant_id):
        raise CampaignNotFound
    return lock_live_campaign(session, campaign_id, today)
