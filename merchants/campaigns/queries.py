"""Reads of campaigns, of who takes part and who could, and the holding of one."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from identity.models import Organisation
from identity.permissions import Identity, Permission
from kernel.calendar import local_day
from merchants.campaigns.errors import CampaignNotFound
from merchants.campaigns.models import CampaignShop, CityCampaign
from merchants.campaigns.rules import Standing, standing
from merchants.models import Branch, Merchant
from places.models import Place, Zone


@dataclass(frozen=True, slots=True)
class CampaignTold:
    """A campaign with the names of its zone, None for the whole city, and how many shops take part."""

    campaign: CityCampaign
    zone: dict[str, str] | None
    shops: int

    def standing(self, today: date) -> Standing:
        return standing(self.campaign.starts_on, self.campaign.ends_on, self.called_off_on, today)

    @property
    def called_off_on(self) -> date | None:
        return local_day(self.campaign.called_off_at) if self.campaign.called_off_at else None


@dataclass(frozen=True, slots=True)
class ShopTold:
    """A shop that takes part; `place_id` is of its first branch where the campaign is, if it still has one there."""

    merchant_id: int
    names: dict[str, str]
    kind: str
    joined_at: datetime
    place_id: int | None


@dataclass(frozen=True, slots=True)
class Offered:
    """A campaign to one of a person's shops, which `has_joined` or may."""

    told: CampaignTold
    merchant_id: int
    shop_names: dict[str, str]
    has_joined: bool


def live_campaigns(session: Session, city_id: int, today: date, *, limit: int = 50) -> list[CampaignTold]:
    """Those that run or are to come, the first to begin first. One query."""
    page = _told().where(CityCampaign.city_id == city_id, _is_live(today))
    return _read(session, page.order_by(CityCampaign.starts_on, CityCampaign.id).limit(limit))


def past_campaigns(
    session: Session, city_id: int, today: date, *, before: int | None = None, limit: int = 20
) -> list[CampaignTold]:
    """Those that are over or were called off, the newest first. One query."""
    page = _told().where(CityCampaign.city_id == city_id, ~_is_live(today)).order_by(CityCampaign.id.desc()).limit(limit)
    return _read(session, page.where(CityCampaign.id < before) if before else page)


def campaign_by_id(session: Session, campaign_id: int, organisation_ids: Collection[int] | None = None) -> CampaignTold:
    """Raises CampaignNotFound, for one of a municipality that is not among these too."""
    page = _told().where(CityCampaign.id == campaign_id)
    found = _read(session, page if organisation_ids is None else page.where(CityCampaign.organisation_id.in_(organisation_ids)))
    if not found:
        raise CampaignNotFound
    return found[0]


def lock_live_campaign(session: Session, campaign_id: int, today: date) -> CityCampaign:
    """Raises CampaignNotFound, for one that is over too."""
    wanted = select(CityCampaign).where(CityCampaign.id == campaign_id, _is_live(today)).with_for_update()
    found = session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise CampaignNotFound
    return found


def shops_of_campaign(session: Session, campaign_id: int, *, after: int = 0, limit: int = 50) -> list[ShopTold]:
    """The active shops that take part, by id. One query."""
    first = (
        select(func.min(Place.id))
        .join(Branch, Branch.place_id == Place.id)
        .where(Branch.merchant_id == Merchant.id, Branch.status == "active", _is_there())
    )
    page = (
        select(
            Merchant.id,
            Organisation.names,
            Merchant.kind,
            CampaignShop.joined_at,
            first.correlate(Merchant, CityCampaign).scalar_subquery(),
        )
        .join(CampaignShop, CampaignShop.merchant_id == Merchant.id)
        .join(CityCampaign, CityCampaign.id == CampaignShop.campaign_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .where(CityCampaign.id == campaign_id, Merchant.status == "active", Merchant.id > after)
    )
    return [ShopTold(*row) for row in session.execute(page.order_by(Merchant.id).limit(limit))]


def running_at_place(session: Session, place_id: int, today: date) -> list[CampaignTold]:
    """The running campaigns in which the shop at a place takes part, where the place is in their city or zone. One query."""
    joined = exists().where(
        CampaignShop.campaign_id == CityCampaign.id, Merchant.id == CampaignShop.merchant_id, Merchant.status == "active",
        Branch.merchant_id == Merchant.id, Place.id == Branch.place_id, Place.id == place_id, _is_there(),
    ).correlate(CityCampaign)  # fmt: skip
    running = _told().where(_is_live(today), CityCampaign.starts_on <= today, joined)
    return _read(session, running.order_by(CityCampaign.id))


def does_fit(session: Session, campaign_id: int, merchant_id: int) -> bool:
    wanted = select(Merchant.id).join(CityCampaign, CityCampaign.id == campaign_id).where(Merchant.id == merchant_id, _fits())
    return session.scalar(wanted) is not None


def is_own_shop(session: Session, identity: Identity, merchant_id: int) -> bool:
    return session.scalar(select(Merchant.id).where(Merchant.id == merchant_id, _own(identity))) is not None


def offered(session: Session, identity: Identity, today: date, *, limit: int = 50) -> list[Offered]:
    """What the person's shops may join or have joined, the last to end first. One query."""
    mine = aliased(CampaignShop)
    page = (
        _told(
            Merchant.id.label("merchant_id"),
            Organisation.names.label("shop_names"),
            mine.joined_at.is_not(None).label("has_joined"),
        )
        .join(Merchant, _own(identity))
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .outerjoin(mine, and_(mine.campaign_id == CityCampaign.id, mine.merchant_id == Merchant.id))
        .where(or_(mine.joined_at.is_not(None), _is_live(today) & _fits()))
        .order_by(CityCampaign.ends_on.desc(), CityCampaign.id.desc(), Merchant.id)
        .limit(limit)
    )
    return [
        Offered(CampaignTold(row.CityCampaign, row.zone, row.shops), row.merchant_id, row.shop_names, row.has_joined)
        for row in session.execute(page)
    ]  # fmt: skip


def _own(identity: Identity) -> ColumnElement[bool]:
    organisations = identity.organisations(Permission.MERCHANTS_CAMPAIGN_JOIN)
    return Merchant.organisation_id.in_(organisations or ())


def _is_live(today: date) -> ColumnElement[bool]:
    return and_(CityCampaign.ends_on >= today, CityCampaign.called_off_at.is_(None))


def _fits() -> ColumnElement[bool]:
    """Whether a merchant sells, is of the campaign's kind, and has a branch where the campaign is."""
    branch = (
        exists()
        .where(
            Branch.merchant_id == Merchant.id,
            Branch.status == "active",
            Place.id == Branch.place_id,
            _is_there(),
        )
        .correlate(Merchant, CityCampaign)
    )
    of_kind = or_(CityCampaign.shop_kind.is_(None), CityCampaign.shop_kind == Merchant.kind)
    return and_(Merchant.status == "active", of_kind, branch)


def _is_there() -> ColumnElement[bool]:
    """Whether a place is in the campaign's zone, or in its city where it names none."""
    in_zone = or_(CityCampaign.zone_id.is_(None), Place.zone_id == CityCampaign.zone_id)
    return and_(Place.city_id == CityCampaign.city_id, in_zone)


def _told(*columns: ColumnElement[Any]) -> Select[*tuple[Any, ...]]:
    counted = (
        select(func.count()).select_from(CampaignShop).where(CampaignShop.campaign_id == CityCampaign.id).correlate(CityCampaign)
    )
    told = select(CityCampaign, Zone.names.label("zone"), counted.scalar_subquery().label("shops"), *columns).select_from(
        CityCampaign
    )
    return told.outerjoin(Zone, Zone.id == CityCampaign.zone_id)


def _read(session: Session, page: Select[*tuple[Any, ...]]) -> list[CampaignTold]:
    return [CampaignTold(row.CityCampaign, row.zone, row.shops) for row in session.execute(page)]
