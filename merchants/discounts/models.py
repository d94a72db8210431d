"""Tables of discounts. All amounts are whole Rial and not negative."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, DateTime, Integer, SmallInteger, String
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
    noted_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
