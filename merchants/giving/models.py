"""Tables of giving. All amounts are whole Rial, above 0."""

from datetime import date, datetime

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class Receiver(Base):
    """A merchant without branches and tills. `about` is one sentence by language: what it does with what it is given."""

    __tablename__ = "receiver"
    __table_args__ = (
        CheckConstraint("cardinality(causes) > 0 AND causes <@ ARRAY['vow', 'endowment', 'charity']::varchar[]", name="causes"),
    )

    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), primary_key=True, autoincrement=False)
    causes: Mapped[list[str]] = mapped_column(ARRAY(String(10)))
    about: Mapped[dict[str, str]] = mapped_column(JSONB)
    registered_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Giving(Base):
    """`wallet_id` is the giver's, in the ledger: no name stands here."""

    __tablename__ = "giving"
    __table_args__ = (
        Index("ix_giving_receiver_id", "receiver_id", "given_at"),
        CheckConstraint("amount_rial > 0", name="amount_rial"),
        CheckConstraint("cause IN ('vow', 'endowment', 'charity')", name="cause"),
    )

    business_date: Mapped[date] = mapped_column(Date, primary_key=True)
    entry_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("receiver.merchant_id"))
    wallet_id: Mapped[int] = mapped_column(BigInteger)
    cause: Mapped[str] = mapped_column(String(10))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    given_at: Mapped[datetime]
