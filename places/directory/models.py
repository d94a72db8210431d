"""Tables of what people tell the directory, and of the packs it gives out."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class PlaceSuggestion(Base):
    """What a person says is missing (`place_id` null), wrong or gone. `told` holds the fields as they should be."""

    __tablename__ = "place_suggestion"
    __table_args__ = (
        CheckConstraint("kind IN ('missing', 'wrong', 'gone')", name="kind"),
        CheckConstraint("state IN ('open', 'accepted', 'refused')", name="state"),
        CheckConstraint("(kind = 'missing') = (place_id IS NULL) OR state = 'accepted'", name="place_given"),
        CheckConstraint("(state = 'open') = (decided_at IS NULL)", name="decided"),
        Index("ix_place_suggestion_open", "city_id", "id", postgresql_where=text("state = 'open'")),
        Index("ix_place_suggestion_sign_in_id", "sign_in_id", "id"),
        Index("ix_place_suggestion_place_id", "place_id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    kind: Mapped[str] = mapped_column(String(8))
    told: Mapped[dict[str, Any]] = mapped_column(JSONB)
    note: Mapped[str] = mapped_column(String(400))
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    told_at: Mapped[datetime]
    answer_by: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8), server_default="open")
    answer: Mapped[str | None] = mapped_column(String(400))
    decided_at: Mapped[datetime | None]


class PlacePack(Base):
    """The newest pack of a city (`zone_id` null) or of a zone, compressed; `version` is the digest of what is in it."""

    __tablename__ = "place_pack"
    __table_args__ = (Index("uq_place_pack_city_id_zone_id", "city_id", text("coalesce(zone_id, 0)"), unique=True),)

    id: Mapped[Key]
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    version: Mapped[str] = mapped_column(String(16))
    places: Mapped[int] = mapped_column(BigInteger)
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
