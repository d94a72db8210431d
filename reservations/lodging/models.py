"""Tables of lodging. Amounts are whole Rial for one room or one bed and one night; days are evenings of the city."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import DATERANGE, JSONB, Range
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


def _made_at() -> Mapped[datetime]:
    return mapped_column(server_default=func.now())


class Lodging(Base):
    """A property. `terms` are the cancellation terms that bookings made now are held to; older ones keep their own."""

    __tablename__ = "lodging"
    __table_args__ = (
        CheckConstraint("kind IN ('hotel', 'apartment', 'guesthouse', 'hostel')", name="kind"),
        CheckConstraint("grade BETWEEN 0 AND 5", name="grade"),
        CheckConstraint("deposit_basis_points BETWEEN 0 AND 10000", name="deposit"),
        Index("ix_lodging_merchant_id", "merchant_id"),
        Index("ix_lodging_city_id", "city_id"),
        Index("ix_lodging_authority_id", "authority_id"),
        Index("ix_lodging_place_id", "place_id"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    authority_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    kind: Mapped[str] = mapped_column(String(12))
    grade: Mapped[int] = mapped_column(SmallInteger)
    deposit_basis_points: Mapped[int] = mapped_column(Integer, server_default="10000")
    terms: Mapped[dict[str, Any]] = mapped_column(JSONB)
    is_open: Mapped[bool] = mapped_column(Boolean, server_default="true")


class Licence(Base):
    """Permission to lodge people from `starts_on` to `ends_on`, both included, unless revoked."""

    __tablename__ = "lodging_licence"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("(revoked_on IS NULL) = (why IS NULL)", name="revoked_says_why"),
        Index("ix_lodging_licence_lodging_id", "lodging_id"),
    )

    id: Mapped[Key]
    lodging_id: Mapped[int] = mapped_column(ForeignKey("lodging.id"))
    number: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    revoked_on: Mapped[date | None] = mapped_column(Date)
    why: Mapped[str | None] = mapped_column(String(400))
    made_at: Mapped[datetime] = _made_at()


class LodgingClass(Base):
    """Rooms that are let whole to `people` at most, or beds that are let one by one. `for_whom` says who may sleep there."""

    __tablename__ = "lodging_class"
    __table_args__ = (
        CheckConstraint("lets IN ('room', 'bed')", name="lets"),
        CheckConstraint("for_whom IN ('anyone', 'men', 'women', 'family')", name="for_whom"),
        CheckConstraint("people BETWEEN 1 AND 20 AND (lets = 'room' OR people = 1)", name="people"),
        Index("ix_lodging_class_lodging_id", "lodging_id"),
    )

    id: Mapped[Key]
    lodging_id: Mapped[int] = mapped_column(ForeignKey("lodging.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    lets: Mapped[str] = mapped_column(String(4))
    for_whom: Mapped[str] = mapped_column(String(6))
    people: Mapped[int] = mapped_column(SmallInteger)
    is_accessible: Mapped[bool] = mapped_column(Boolean, server_default="false")


class Unit(Base):
    """One room. `beds` is 1 where the room is let whole; `closed_on` is the first night it is let no more."""

    __tablename__ = "lodging_unit"
    __table_args__ = (
        UniqueConstraint("lodging_id", "code"),
        CheckConstraint("beds BETWEEN 1 AND 60", name="beds"),
        Index("ix_lodging_unit_class_id", "class_id"),
    )

    id: Mapped[Key]
    lodging_id: Mapped[int] = mapped_column(ForeignKey("lodging.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("lodging_class.id"))
    code: Mapped[str] = mapped_column(String(12))
    beds: Mapped[int] = mapped_column(SmallInteger)
    closed_on: Mapped[date | None] = mapped_column(Date)


class RoomCeiling(Base):
    """The most that a night may cost in lodgings of one kind and grade. Rows are only added."""

    __tablename__ = "room_ceiling"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        Index("ix_room_ceiling_authority_id_kind_grade_lets_people", "authority_id", "kind", "grade", "lets", "people"),
    )

    id: Mapped[Key]
    authority_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(12))
    grade: Mapped[int] = mapped_column(SmallInteger)
    lets: Mapped[str] = mapped_column(String(4))
    people: Mapped[int] = mapped_column(SmallInteger)
    nights: Mapped[Range[date]] = mapped_column(DATERANGE)
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    made_at: Mapped[datetime] = _made_at()


class RateSheet(Base):
    """A lodging's prices for a period, as handed in; they count once the authority has approved them."""

    __tablename__ = "rate_sheet"
    __table_args__ = (
        CheckConstraint("state IN ('handed_in', 'approved', 'refused')", name="state"),
        CheckConstraint("(state = 'handed_in') = (decided_at IS NULL)", name="decided"),
        Index("ix_rate_sheet_lodging_id", "lodging_id"),
    )

    id: Mapped[Key]
    lodging_id: Mapped[int] = mapped_column(ForeignKey("lodging.id"))
    nights: Mapped[Range[date]] = mapped_column(DATERANGE)
    state: Mapped[str] = mapped_column(String(10), server_default="handed_in")
    made_at: Mapped[datetime] = _made_at()
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))
    why: Mapped[str | None] = mapped_column(String(400))


class Rate(Base):
    """The price of one class on a sheet."""

    __tablename__ = "rate"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        Index("ix_rate_class_id", "class_id"),
    )

    sheet_id: Mapped[int] = mapped_column(ForeignKey("rate_sheet.id"), primary_key=True, autoincrement=False)
    class_id: Mapped[int] = mapped_column(ForeignKey("lodging_class.id"), primary_key=True, autoincrement=False)
    amount_rial: Mapped[int] = mapped_column(BigInteger)
