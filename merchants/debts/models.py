"""Tables of the book of debts. All amounts are whole Rial and above zero."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Debt(Base):
    """`key` is of the form that entered it. A debt without `forgiven_why` that is closed is paid."""

    __tablename__ = "debt"
    __table_args__ = (
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("customer <> ''", name="customer"),
        CheckConstraint("forgiven_why IS NULL OR closed_at IS NOT NULL", name="forgiven_is_closed"),
        Index("ix_debt_branch_id_open", "branch_id", "due_on", "id", postgresql_where=text("closed_at IS NULL")),
        Index("ix_debt_branch_id_id", "branch_id", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    customer: Mapped[str] = mapped_column(String(80))
    card_id: Mapped[int | None] = mapped_column(ForeignKey("card.id"))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    due_on: Mapped[date] = mapped_column(Date)
    note: Mapped[str] = mapped_column(String(200))
    entered_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    forgiven_why: Mapped[str | None] = mapped_column(String(200))


class DebtPayment(Base):
    """`way` is cash or card. Of a payment by card `key` is the first key of the sale that asks for it."""

    __tablename__ = "debt_payment"
    __table_args__ = (
        CheckConstraint("way IN ('cash', 'card')", name="way"),
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        Index("ix_debt_payment_debt_id", "debt_id", "id"),
        Index("ix_debt_payment_shift_id", "shift_id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    debt_id: Mapped[int] = mapped_column(ForeignKey("debt.id"))
    shift_id: Mapped[int] = mapped_column(ForeignKey("till_shift.id"))
    way: Mapped[str] = mapped_column(String(4))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
