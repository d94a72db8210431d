"""Who left with the money. Amounts are whole Rial, above 0; no name but that of a bank account's holder."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key
from merchants.leaving.rules import PREFIX


class Leaving(Base):
    """`payout_state`: none (cash, a gift), waiting for a settlement, sent with `batch_id`, accepted or returned by the bank.

    `sheba` and `holder_name` are forgotten some years after the bank has answered.
    """

    __tablename__ = "leaving"
    __table_args__ = (
        UniqueConstraint("business_date", "entry_id"),
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("way IN ('cash', 'sheba', 'gift')", name="way"),
        CheckConstraint("(way = 'gift') = (receiver_id IS NOT NULL)", name="receiver_given"),
        CheckConstraint("way = 'sheba' OR payout_state = 'none'", name="payout_of_sheba"),
        CheckConstraint("payout_state IN ('none', 'waiting', 'sent', 'accepted', 'returned')", name="payout_state"),
        CheckConstraint("(payout_state IN ('none', 'waiting')) = (batch_id IS NULL)", name="batch_given"),
        Index("ix_leaving_wallet_id", "wallet_id"),
        Index("ix_leaving_batch_id", "batch_id"),
        Index("ix_leaving_waiting", "id", postgresql_where=text("payout_state = 'waiting'")),
        Index("ix_leaving_account_kept", "answered_at", postgresql_where=text("sheba IS NOT NULL")),
    )

    id: Mapped[Key]
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"))
    wallet_id: Mapped[int] = mapped_column(BigInteger)
    way: Mapped[str] = mapped_column(String(6))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    left_at: Mapped[datetime]
    business_date: Mapped[date] = mapped_column(Date)
    entry_id: Mapped[int] = mapped_column(BigInteger)
    receiver_id: Mapped[int | None] = mapped_column(ForeignKey("receiver.merchant_id"))
    sheba: Mapped[str | None] = mapped_column(String(26))
    holder_name: Mapped[str | None] = mapped_column(String(70))
    payout_state: Mapped[str] = mapped_column(String(8), server_default="none")
    batch_id: Mapped[int | None] = mapped_column(ForeignKey("settlement_batch.id"))
    answered_at: Mapped[datetime | None]
    answer: Mapped[str | None] = mapped_column(String(200))

    @property
    def reference(self) -> str:
        """What the payout file and the bank's answer call it."""
        return f"{PREFIX}{self.id:010d}"
