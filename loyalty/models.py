"""Tables of programmes. All amounts are whole Rial and not negative; basis points are hundredths of one per cent."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Programme(Base):
    """`id` is the programme's wallet in the ledger; `funder_id` the wallet that pays for its credit."""

    __tablename__ = "programme"
    __table_args__ = (
        CheckConstraint("status IN ('active', 'suspended')", name="status"),
        CheckConstraint("objective IN ('acquire', 'retain')", name="objective"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    code: Mapped[str] = mapped_column(String(24), unique=True)
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    objective: Mapped[str] = mapped_column(String(8))
    funder_id: Mapped[int] = mapped_column(BigInteger)
    status: Mapped[str] = mapped_column(String(10), server_default="active")


class EarnRule(Base):
    """Holds from `starts_at` until before `ends_at`. A trigger refuses every change but setting `ends_at` once."""

    __tablename__ = "earn_rule"
    __table_args__ = (
        CheckConstraint("basis_points BETWEEN 0 AND 10000", name="basis_points"),
        CheckConstraint("fixed_rial >= 0 AND minimum_rial >= 0 AND most_rial > 0", name="amounts"),
        CheckConstraint("basis_points > 0 OR fixed_rial > 0", name="gives_something"),
        CheckConstraint("usable_after_days >= 0 AND valid_days > 0", name="days"),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="period"),
        Index("ix_earn_rule_programme_id", "programme_id"),
    )

    id: Mapped[Key]
    programme_id: Mapped[int] = mapped_column(ForeignKey("programme.id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    basis_points: Mapped[int] = mapped_column(Integer)
    fixed_rial: Mapped[int] = mapped_column(BigInteger)
    most_rial: Mapped[int] = mapped_column(BigInteger)
    minimum_rial: Mapped[int] = mapped_column(BigInteger)
    usable_after_days: Mapped[int] = mapped_column(Integer)
    valid_days: Mapped[int] = mapped_column(Integer)
    sentence: Mapped[dict[str, str]] = mapped_column(JSONB)
