"""Tables of what is kept of places by hand."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class PlacePhoto(Base):
    """A picture as JPEG in two sizes, without what the camera wrote into it; `small` is for lists, `tiny`, a WebP, for packs.

    `tiny` is null for photos from before, until packs are made.
    """

    __tablename__ = "place_photo"
    __table_args__ = (Index("ix_place_photo_place_id", "place_id", "id"),)

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    caption: Mapped[str] = mapped_column(String(160))
    source: Mapped[str] = mapped_column(String(120))
    licence: Mapped[str] = mapped_column(String(40))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    added_at: Mapped[datetime]
    large: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    small: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    tiny: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class CrowdNote(Base):
    """How crowded a place was when somebody looked; the newest one counts, until its time is over. Rows are only added."""

    __tablename__ = "crowd_note"
    __table_args__ = (
        CheckConstraint("level IN ('calm', 'busy', 'full')", name="level"),
        Index("ix_crowd_note_place_id", "place_id", text("id DESC")),
    )

    id: Mapped[Key]
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    level: Mapped[str] = mapped_column(String(4))
    told_at: Mapped[datetime]
    holds_until: Mapped[datetime]


class PlaceWay(Base):
    """A way on foot between two places, walked in both directions; `low_id` is the smaller id of the two."""

    __tablename__ = "place_way"
    __table_args__ = (
        UniqueConstraint("low_id", "high_id"),
        CheckConstraint("low_id < high_id", name="order"),
        CheckConstraint("metres > 0", name="metres"),
        Index("ix_place_way_high_id", "high_id"),
    )

    id: Mapped[Key]
    low_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    high_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    metres: Mapped[int] = mapped_column(Integer)
    has_steps: Mapped[bool] = mapped_column(Boolean)
    for_women: Mapped[bool] = mapped_column(Boolean)
    source: Mapped[str] = mapped_column(String(200))
