"""Tables of visitors: which days were counted, and the cells of each day in each city."""

from datetime import date, datetime

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
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base
from places.models import City


class VisitorCount(Base):
    """A closed business day. `age` is how many days had been closed after it when it was last counted, -1 before the first time."""

    __tablename__ = "visitor_count"
    __table_args__ = (CheckConstraint("(age < 0) = (counted_at IS NULL)", name="counted"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    age: Mapped[int] = mapped_column(SmallInteger, server_default="-1")
    counted_at: Mapped[datetime | None]
    is_invented: Mapped[bool] = mapped_column(Boolean, server_default="false")


class VisitorCell(Base):
    """One group of a day: `told_by` is the table that it belongs to, `key` which group it is, `within` the group that it is a part of.

    An empty key is the rest. People of the rest of a table of purchases are counted in each of its groups.
    """

    __tablename__ = "visitor_cell"
    __table_args__ = (CheckConstraint("people >= 10", name="people"), Index("ix_visitor_cell_day", "day"))

    city_id: Mapped[int] = mapped_column(ForeignKey(City.id), primary_key=True, autoincrement=False)
    told_by: Mapped[str] = mapped_column(String(12), primary_key=True)
    day: Mapped[date] = mapped_column(ForeignKey("visitor_count.day"), primary_key=True)
    within: Mapped[str] = mapped_column(String(20), primary_key=True)
    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    people: Mapped[int] = mapped_column(Integer)
    purchases: Mapped[int] = mapped_column(Integer)
    amount_rial: Mapped[int] = mapped_column(BigInteger)
