"""Tables of maps."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class MapShape(Base):
    """A line or an area of a city's map; `code` names it once within its city, as the file does."""

    __tablename__ = "map_shape"
    __table_args__ = (
        UniqueConstraint("city_id", "code"),
        Index("ix_map_shape_shape", "shape", postgresql_using="gist"),
    )

    id: Mapped[Key]
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    code: Mapped[str] = mapped_column(String(40))
    sort: Mapped[str] = mapped_column(String(8))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    shape: Mapped[Any] = mapped_column(Geometry("GEOMETRY", srid=4326, spatial_index=False), nullable=False)
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(40))


class CityMap(Base):
    """The newest map of a city for phones that keep no pack, compressed; `version` is the digest of what is in it."""

    __tablename__ = "city_map"

    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"), primary_key=True, autoincrement=False)
    version: Mapped[str] = mapped_column(String(16))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    made_at: Mapped[datetime]
