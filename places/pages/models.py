"""The table of what pages say about themselves."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class PlacePage(Base):
    """A place without a row was never changed since it was taken up. `updating_by` is the side that says that it is being updated."""

    __tablename__ = "place_page"
    __table_args__ = (
        CheckConstraint("updating_by IN ('shop', 'union', 'municipality')", name="updating_by"),
        CheckConstraint("num_nonnulls(updating_since, updating_until, updating_by) IN (0, 3)", name="updating"),
    )

    place_id: Mapped[int] = mapped_column(ForeignKey("place.id"), primary_key=True, autoincrement=False)
    told_at: Mapped[datetime | None]
    priced_at: Mapped[datetime | None]
    updating_since: Mapped[datetime | None]
    updating_until: Mapped[datetime | None]
    updating_by: Mapped[str | None] = mapped_column(String(12))
    updating_note: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
