"""Offers of cash limits. Whole Rial; null = the shop takes no cash for cards."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class CashOffer(Base):
    """`offered_by` and `answered_by` are persons; rows are answered once and never edited."""

    __tablename__ = "cash_offer"
    __table_args__ = (
        CheckConstraint("state IN ('offered', 'signed', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("limit_rial > 0", name="limit_rial"),
        CheckConstraint("(state = 'signed') = (contract_id IS NOT NULL)", name="signed_in_a_contract"),
        CheckConstraint("(state = 'offered') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("state <> 'signed' OR answered_by <> offered_by", name="two_sides"),
        Index("ix_cash_offer_merchant_id", "merchant_id", "id"),
        Index("uq_cash_offer_open", "merchant_id", unique=True, postgresql_where=text("state = 'offered'")),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    limit_rial: Mapped[int | None] = mapped_column(BigInteger)
    starts_on: Mapped[date] = mapped_column(Date)
    why: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(10))
    contract_id: Mapped[int | None] = mapped_column(ForeignKey("contract.id"))
    offered_by: Mapped[int] = mapped_column(BigInteger)
    offered_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(BigInteger)
    answered_at: Mapped[datetime | None]
