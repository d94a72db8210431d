"""PINs of cards, and the clients that tried them."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    String,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class CardPin(Base):
    """`tries` are strangers' wrong ones together since the last right one of a stranger, `wrong_at` is when the last of them came."""

    __tablename__ = "card_pin"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries"),)

    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    pin_hash: Mapped[str] = mapped_column(String(200))
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    wrong_at: Mapped[datetime | None]
    set_at: Mapped[datetime]


class CardPinClient(Base):
    """What one client has tried on one card. `client` is a keyed digest: no address of anybody is kept. `tries` are its wrong ones in a row."""

    __tablename__ = "card_pin_client"
    __table_args__ = (CheckConstraint("tries >= 0", name="tries"),)

    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    client: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    tries: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    is_known: Mapped[bool] = mapped_column(Boolean, default=False, server_default="false")
    tried_at: Mapped[datetime]
