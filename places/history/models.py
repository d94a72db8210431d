"""The table of what is known of places' pasts."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class PlaceStatement(Base):
    """`year` is of `calendar`; `year_ce` is nearly the same one of the Gregorian calendar, by which statements stand in order.

    A file says at most one thing of a kind about a place, so that reading it again changes what it said before, unless people corrected it.
    """

    __tablename__ = "place_statement"
    __table_args__ = (
        CheckConstraint("kind IN ('founded', 'rebuilt', 'former_name', 'makers', 'event')", name="kind"),
        CheckConstraint("calendar IN ('solar', 'lunar', 'gregorian')", name="calendar"),
        CheckConstraint("num_nonnulls(year, calendar, year_ce) IN (0, 3)", name="dated"),
        CheckConstraint("origin IN ('office', 'told', 'file')", name="origin"),
        Index("ix_place_statement_place_id", "place_id", "year_ce", postgresql_where=text("removed_at IS NULL")),
        Index("uq_place_statement_of_file", "place_id", "kind", unique=True, postgresql_where=text("origin = 'file'")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"))
    kind: Mapped[str] = mapped_column(String(12))
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    year: Mapped[int | None] = mapped_column(Integer)
    calendar: Mapped[str | None] = mapped_column(String(9))
    year_ce: Mapped[int | None] = mapped_column(Integer)
    is_about: Mapped[bool] = mapped_column(Boolean, server_default="false")
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(40))
    origin: Mapped[str] = mapped_column(String(6))
    is_corrected: Mapped[bool] = mapped_column(Boolean, server_default="false")
    written_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]
