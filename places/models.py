"""Tables of places. Positions are points of longitude and latitude, SRID 4326."""

from datetime import datetime
from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key
from places.hours.models import OpeningRule


class City(Base):
    """`prayer_minutes` is by how many minutes its own timetable moves single times of prayer."""

    __tablename__ = "city"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(16), unique=True)
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    time_zone: Mapped[str] = mapped_column(String(40))
    position: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    prayer_method: Mapped[str] = mapped_column(String(12), server_default="geophysics")
    prayer_minutes: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")


class Zone(Base):
    """`version` grows with each change, so that nobody writes over what another one drew meanwhile."""

    __tablename__ = "zone"
    __table_args__ = (
        UniqueConstraint("city_id", "code"),
        Index("ix_zone_area", "area", postgresql_using="gist"),
    )

    id: Mapped[Key]
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    code: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    area: Mapped[Any] = mapped_column(Geometry("POLYGON", srid=4326, spatial_index=False), nullable=False)
    version: Mapped[int] = mapped_column(Integer, server_default="1")


class CityOffice(Base):
    """The city that an office looks after: what its people may see ends there."""

    __tablename__ = "city_office"
    __table_args__ = (Index("ix_city_office_city_id", "city_id"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))


class Place(Base):
    """`code` names it once within its city; `category` says more than `kind`: which trade, which service. `parent_id` is the
    place it is a part of, as a gate is of a shrine. `earns`, `spends`, `discounts` (for paying at once) and
    `instalments` are what a shop's contract says; `night_rial` is the least that a night costs in the coming month.

    `confirmed_at` is when somebody last said that hours and facts are right; from `closed_at` on it is there no more.
    """

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("city_id", "code"),
        CheckConstraint("wheelchair IN ('yes', 'limited', 'no')", name="wheelchair"),
        CheckConstraint("parent_id <> id", name="parent"),
        Index("ix_place_position", "position", postgresql_using="gist"),
        Index("ix_place_zone_id", "zone_id", "id"),
        Index("ix_place_city_id_kind", "city_id", "kind", "id"),
        Index("ix_place_city_id_category", "city_id", "category", "id", postgresql_where=text("category IS NOT NULL")),
        Index("ix_place_handicraft", "city_id", "id", postgresql_where=text("is_handicraft")),
        Index("ix_place_parent_id", "parent_id", postgresql_where=text("parent_id IS NOT NULL")),
        Index(
            "ix_place_rule_id_position",
            "rule_id",
            "position",
            postgresql_using="gist",
            postgresql_where=text("rule_id IS NOT NULL"),
        ),
        Index("ix_place_search_text", text("to_tsvector('simple', search_text)"), postgresql_using="gin"),
    )

    id: Mapped[Key]
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    category: Mapped[str | None] = mapped_column(String(24))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    about: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    search_text: Mapped[str] = mapped_column(Text, server_default="")
    position: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    wheelchair: Mapped[str | None] = mapped_column(String(7))
    has_women_area: Mapped[bool] = mapped_column(Boolean, server_default="false")
    is_handicraft: Mapped[bool] = mapped_column(Boolean, server_default="false")
    earns: Mapped[bool] = mapped_column(Boolean, server_default="false")
    spends: Mapped[bool] = mapped_column(Boolean, server_default="false")
    discounts: Mapped[bool] = mapped_column(Boolean, server_default="false")
    instalments: Mapped[bool] = mapped_column(Boolean, server_default="false")
    night_rial: Mapped[int | None] = mapped_column(BigInteger)
    languages: Mapped[list[str]] = mapped_column(ARRAY(String(2)), server_default="{}")
    rule_id: Mapped[int | None] = mapped_column(ForeignKey(OpeningRule.id))
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(40))
    confirmed_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
