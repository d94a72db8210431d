"""Tables of opening hours. Minutes are counted from 1970-01-01 00:00 UTC."""

from sqlalchemy import Boolean, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.dialects.postgresql import INT4MULTIRANGE
from sqlalchemy.dialects.postgresql.ranges import MultiRange
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class OpeningRule(Base):
    """`minutes` holds those in which the rule is open, from yesterday until before `covered_until`; `places` is counted hourly."""

    __tablename__ = "opening_rule"
    __table_args__ = (
        UniqueConstraint("city_id", "text"),
        Index("ix_opening_rule_minutes", "minutes", postgresql_using="gist"),
        Index("ix_opening_rule_covered_until", "covered_until"),
    )

    id: Mapped[Key]
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    text: Mapped[str] = mapped_column(String(300))
    follows_moon: Mapped[bool] = mapped_column(Boolean)
    minutes: Mapped[MultiRange[int]] = mapped_column(INT4MULTIRANGE)
    covered_until: Mapped[int] = mapped_column(Integer)
    places: Mapped[int] = mapped_column(Integer, server_default="1")
