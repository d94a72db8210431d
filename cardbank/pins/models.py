"""PINs of cards. `tries` are the wrong ones since the last right one."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, DateTime, ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class CardPin(Base):
    __tablename__ = "card_pin"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries"),)

    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    pin_hash: Mapped[str] = mapped_column(String(200))
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    set_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
