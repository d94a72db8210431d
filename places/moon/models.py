"""Tables of lunar months."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class LunarMonth(Base):
    """A month whose first day was announced."""

    __tablename__ = "lunar_month"
    __table_args__ = (CheckConstraint("month BETWEEN 1 AND 12", name="month"),)

    year: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    month: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    starts_on: Mapped[date] = mapped_column(Date)


class LunarMove(Base):
    """The first day of a month was `was` and became `became`. `undoes_id` is the move that this one takes back."""

    __tablename__ = "lunar_move"
    __table_args__ = (
        Index("ix_lunar_move_year_month", "year", "month", "id"),
        Index("uq_lunar_move_undoes_id", "undoes_id", unique=True),
        CheckConstraint("was <> became", name="moves"),
    )

    id: Mapped[Key]
    year: Mapped[int] = mapped_column(SmallInteger)
    month: Mapped[int] = mapped_column(SmallInteger)
    was: Mapped[date] = mapped_column(Date)
    became: Mapped[date] = mapped_column(Date)
    moved_at: Mapped[datetime]
    actor: Mapped[str] = mapped_column(String(80))
    why: Mapped[str] = mapped_column(String(200))
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("lunar_move.id"))
