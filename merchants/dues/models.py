"""Tables of dues. Amounts are whole Rial and above zero; what is left of a due is its amount less its payments."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key
from merchants.inspections.models import Inspection
from merchants.models import Merchant


class Due(Base):
    """`what` is empty for the fine of an inspection, which says it itself; `closed_at` is set by the last payment or by striking out.

    `told_days` is the last notice that the shop was given, by the days before `due_on`.
    """

    __tablename__ = "shop_due"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("(what = '') = (inspection_id IS NOT NULL)", name="what"),
        CheckConstraint("struck_why IS NULL OR closed_at IS NOT NULL", name="struck_out"),
        Index("ix_shop_due_open", "creditor_id", "due_on", "id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_shop_due_to_tell", "due_on", "id", postgresql_where=text("closed_at IS NULL AND told_days IS DISTINCT FROM 0")),
        Index("ix_shop_due_creditor_id_id", "creditor_id", "id"),
        Index("ix_shop_due_merchant_id_id", "merchant_id", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey(Merchant.id))
    creditor_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    inspection_id: Mapped[int | None] = mapped_column(ForeignKey(Inspection.id), unique=True)
    what: Mapped[str] = mapped_column(String(120))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date] = mapped_column(Date)
    entered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    struck_why: Mapped[str | None] = mapped_column(String(200))
    told_days: Mapped[int | None] = mapped_column(SmallInteger)


class DuePayment(Base):
    """`receipt` is the number of the receipt of what was paid outside; `by` is who wrote it down, or who of the shop wanted it."""

    __tablename__ = "shop_due_payment"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("way IN ('outside', 'settlement')", name="way"),
        CheckConstraint("(way = 'outside') = (receipt IS NOT NULL)", name="receipt"),
        Index("ix_shop_due_payment_due_id", "due_id", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    due_id: Mapped[int] = mapped_column(ForeignKey("shop_due.id"))
    way: Mapped[str] = mapped_column(String(10))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    receipt: Mapped[str | None] = mapped_column(String(40))
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class DueCollector(Base):
    """The merchant under which settlements pay a creditor."""

    __tablename__ = "due_collector"

    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), primary_key=True, autoincrement=False)
    merchant_id: Mapped[int] = mapped_column(ForeignKey(Merchant.id), unique=True)
