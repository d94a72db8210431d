"""The table of works notices."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class WorksNotice(Base):
    """`key` is of the form that published it. `told_of` and `told_to` are of `merchants.telling`."""

    __tablename__ = "works_notice"
    __table_args__ = (
        CheckConstraint("kind IN ('road', 'station', 'water', 'power', 'gate', 'other')", name="kind"),
        CheckConstraint("severity IN ('little', 'much', 'closed')", name="severity"),
        CheckConstraint("told_of IN ('begin', 'waiting', 'end', 'done')", name="told_of"),
        CheckConstraint("ends_at > starts_at", name="period"),
        CheckConstraint("place_id IS NULL OR zone_id IS NULL", name="one_where"),
        CheckConstraint("(called_off_at IS NULL) = (called_off_by IS NULL)", name="called_off"),
        Index("ix_works_notice_city_id_ends_at", "city_id", "ends_at", postgresql_where=text("called_off_at IS NULL")),
        Index("ix_works_notice_telling", "id", postgresql_where=text("told_of IN ('begin', 'end')")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    kind: Mapped[str] = mapped_column(String(8))
    severity: Mapped[str] = mapped_column(String(6))
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    published_at: Mapped[datetime]
    published_by: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    called_off_at: Mapped[datetime | None]
    called_off_by: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    tells_by_sms: Mapped[bool] = mapped_column(Boolean)
    told_of: Mapped[str] = mapped_column(String(8), server_default="begin")
    told_to: Mapped[int] = mapped_column(BigInteger, server_default="0")
