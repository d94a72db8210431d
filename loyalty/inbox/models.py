"""The table of texts. What was written and the number itself are not kept."""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, DateTime, Identity, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class CustomerText(Base):
    """`key` is the provider's number of the text, with the provider's name before it."""

    __tablename__ = "customer_text"
    __table_args__ = (
        CheckConstraint("command IN ('balance', 'stop', 'start', 'unknown')", name="command"),
        Index("ix_customer_text_from_digest_at", "from_digest", "at"),
    )

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)
    from_digest: Mapped[bytes] = mapped_column(LargeBinary)
    command: Mapped[str] = mapped_column(String(8))
    is_answered: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
