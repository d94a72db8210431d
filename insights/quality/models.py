"""Tables of the quality of shops' data: what was found wrong when each shop was last looked at, and how far the looking is."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from insights.rounds import Round
from kernel.db import Base, Key


class KeptQuality(Base):
    """An active shop as it was last found. `faults` is the sum of their bits; `city_ids` are those of its branches.

    Union and cities stand here so that a body finds its shops by index; who may see a shop is asked of the shop itself.
    """

    __tablename__ = "shop_quality"
    __table_args__ = (
        CheckConstraint("score BETWEEN 0 AND 100", name="score"),
        Index("ix_shop_quality_score_merchant_id", "score", "merchant_id", postgresql_include=["faults", "city_ids"]),
        Index("ix_shop_quality_union_id_score_merchant_id", "union_id", "score", "merchant_id", postgresql_include=["faults"]),
    )

    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), primary_key=True, autoincrement=False)
    union_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    city_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    score: Mapped[int] = mapped_column(SmallInteger)
    faults: Mapped[int] = mapped_column(Integer)


class QualitySum(Base):
    """How many shops of a union, with branches in these cities, had these faults when the last whole round ended."""

    __tablename__ = "quality_sum"
    __table_args__ = (
        UniqueConstraint("union_id", "city_ids", "faults", name="uq_quality_sum_alike", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[Key]
    union_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    city_ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    faults: Mapped[int] = mapped_column(Integer)
    shops: Mapped[int] = mapped_column(Integer)


class QualityRound(Round, Base):
    """Of shops."""

    __tablename__ = "quality_round"
