"""Batches of gift cards. Their cards are rows of `card`, each with its batch."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Integer, String
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class GiftBatch(Base):
    """`key` is the form's: sent twice, it is one batch. `exported_at`: its numbers left for the printer, once."""

    __tablename__ = "gift_batch"
    __table_args__ = (CheckConstraint("cards > 0", name="cards"),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    note: Mapped[str] = mapped_column(String(120))
    cards: Mapped[int] = mapped_column(Integer)
    made_at: Mapped[datetime]
    exported_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
