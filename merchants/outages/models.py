"""The table of outages."""

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
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Outage(Base):
    """`told_of` is what owners of shops are being told, and `told_to` the last person who was: they are told in order of their ids."""

    __tablename__ = "outage"
    __table_args__ = (
        CheckConstraint("kind IN ('outage', 'maintenance')", name="kind"),
        CheckConstraint("audience IN ('all', 'shops', 'pilgrims')", name="audience"),
        CheckConstraint("told_of IN ('begin', 'waiting', 'end', 'done')", name="told_of"),
        CheckConstraint("ends_at > starts_at", name="period"),
        Index("ix_outage_live", "starts_at", postgresql_where=text("ended_at IS NULL")),
        Index("ix_outage_telling", "id", postgresql_where=text("told_of <> 'done'")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(36), unique=True)
    kind: Mapped[str] = mapped_column(String(12))
    parts: Mapped[list[str]] = mapped_column(JSONB)
    cities: Mapped[list[str]] = mapped_column(JSONB)
    audience: Mapped[str] = mapped_column(String(8))
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    announced_at: Mapped[datetime]
    announced_by: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    tells_by_sms: Mapped[bool] = mapped_column(Boolean)
    told_of: Mapped[str] = mapped_column(String(8), server_default="begin")
    told_to: Mapped[int] = mapped_column(BigInteger, server_default="0")
