"""Versions of kinds of card. Whole Rial; micrometres; null = no limit, or not said."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Date,
    Integer,
    SmallInteger,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class CardKind(Base):
    """One version. `art` names the printer's file; `is_open` False = no new holder gets one, though old cards are replaced."""

    __tablename__ = "card_kind"
    __table_args__ = (
        UniqueConstraint("code", "version", name="uq_card_kind_version"),
        CheckConstraint("technology IN ('chip', 'barcode', 'qr', 'magnetic')", name="technology"),
        CheckConstraint("valid_months BETWEEN 1 AND 120", name="valid_months"),
        CheckConstraint("most_per_person > 0", name="most_per_person"),
        CheckConstraint("purchase_limit_rial > 0", name="purchase_limit_rial"),
        CheckConstraint("thickness_um > 0", name="thickness_um"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(20))
    version: Mapped[int] = mapped_column(Integer)
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    starts_on: Mapped[date] = mapped_column(Date)
    valid_months: Mapped[int] = mapped_column(SmallInteger)
    technology: Mapped[str] = mapped_column(String(8))
    allows_anonymous: Mapped[bool] = mapped_column(Boolean)
    is_open: Mapped[bool] = mapped_column(Boolean)
    holds_money: Mapped[bool] = mapped_column(Boolean, server_default="true")
    most_per_person: Mapped[int | None] = mapped_column(SmallInteger)
    purchase_limit_rial: Mapped[int | None] = mapped_column(BigInteger)
    thickness_um: Mapped[int | None] = mapped_column(Integer)
    art: Mapped[str | None] = mapped_column(String(120))
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]
