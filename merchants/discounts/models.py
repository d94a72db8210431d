"""Tables of discounts. All amounts are whole Rial and not negative."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
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


class SaleDiscount(Base):
    """What a till takes off a price, under the ledger's key of the sale. What came of the sale stands in the ledger, not here."""

    __tablename__ = "sale_discount"
    __table_args__ = (CheckConstraint("discount_rial > 0 AND discount_rial < price_rial", name="discount_rial"),)

    key_date: Mapped[date] = mapped_column(Date, primary_key=True)
    source: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    source_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    price_rial: Mapped[int] = mapped_column(BigInteger)
    discount_rial: Mapped[int] = mapped_column(BigInteger)
    basis_points: Mapped[int] = mapped_column(Integer)
    noted_at: Mapped[datetime]


class CashSale(Base):
    """A purchase by a card that holds no money, under the ledger's key of the sale: its holder paid price less discount in cash.

    `taken_back_at` is when the till took it back, wholly; what comes back in part is between shop and customer.
    """

    __tablename__ = "cash_sale"
    __table_args__ = (
        CheckConstraint("discount_rial > 0 AND discount_rial < price_rial", name="discount_rial"),
        Index("ix_cash_sale_merchant_id_sold_at", "merchant_id", "sold_at"),
        Index("ix_cash_sale_card_id_sold_at", "card_id", "sold_at"),
    )

    key_date: Mapped[date] = mapped_column(Date, primary_key=True)
    source: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    source_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    source_key: Mapped[str] = mapped_column(String(60), primary_key=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"))
    card_id: Mapped[int] = mapped_column(ForeignKey("card.id"))
    price_rial: Mapped[int] = mapped_column(BigInteger)
    discount_rial: Mapped[int] = mapped_column(BigInteger)
    sold_at: Mapped[datetime]
    taken_back_at: Mapped[datetime | None]
