"""Tables of campaigns. Days are calendar days of the city, the last one included."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class CityCampaign(Base):
    """`key` is of the form that published it. Without a zone it is for the whole city, without a kind for shops of every kind."""

    __tablename__ = "city_campaign"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("(called_off_at IS NULL) = (called_off_by IS NULL)", name="called_off"),
        Index("ix_city_campaign_city_id_ends_on", "city_id", "ends_on"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    titles: Mapped[dict[str, str]] = mapped_column(JSONB)
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    shop_kind: Mapped[str | None] = mapped_column(String(20))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    published_at: Mapped[datetime]
    published_by: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    called_off_at: Mapped[datetime | None]
    called_off_by: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))


class CampaignShop(Base):
    """That a shop takes part. Who leaves has no row any more; the audit keeps that it joined."""

    __tablename__ = "campaign_shop"
    __table_args__ = (Index("ix_campaign_shop_merchant_id", "merchant_id"),)

    campaign_id: Mapped[int] = mapped_column(ForeignKey("city_campaign.id"), primary_key=True, autoincrement=False)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), primary_key=True, autoincrement=False)
    joined_at: Mapped[datetime]
    joined_by: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
