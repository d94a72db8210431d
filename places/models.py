"""Tables of places. Positions are points of longitude and latitude, SRID 4326."""

from typing import Any

from geoalchemy2 import Geometry
from sqlalchemy import BigInteger, ForeignKey, Identity, Index, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class City(Base):
    """`prayer_minutes` is by how many minutes its own timetable moves single times of prayer."""

    __tablename__ = "city"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    time_zone: Mapped[str] = mapped_column(String(40))
    position: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    prayer_method: Mapped[str] = mapped_column(String(12), server_default="geophysics")
    prayer_minutes: Mapped[dict[str, int]] = mapped_column(JSONB, server_default="{}")


class Zone(Base):
    __tablename__ = "zone"
    __table_args__ = (
        UniqueConstraint("city_id", "code"),
        Index("ix_zone_area", "area", postgresql_using="gist"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    code: Mapped[str] = mapped_column(String(16))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    area: Mapped[Any] = mapped_column(Geometry("POLYGON", srid=4326, spatial_index=False), nullable=False)


class CityOffice(Base):
    """The city that an office looks after: what its people may see ends there."""

    __tablename__ = "city_office"
    __table_args__ = (Index("ix_city_office_city_id", "city_id"),)

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))


class Place(Base):
    """`kind`: shrine, metro_station, shop, office. `code` names it once within its city."""

    __tablename__ = "place"
    __table_args__ = (
        UniqueConstraint("city_id", "code"),
        Index("ix_place_position", "position", postgresql_using="gist"),
        Index("ix_place_zone_id", "zone_id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    zone_id: Mapped[int | None] = mapped_column(ForeignKey("zone.id"))
    code: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    position: Mapped[Any] = mapped_column(Geometry("POINT", srid=4326, spatial_index=False), nullable=False)
    source: Mapped[str] = mapped_column(String(200))
    licence: Mapped[str] = mapped_column(String(40))
