"""Cards, their holders within a wallet, their history, and the challenges that terminals were given.

`product` is the code of a kind, `kind_id` its version that the card was issued under. `wallet_id` is ledger.wallet.id, `person_id` is person.id, `gift_batch_id` is gift_batch.id, `order_id` is card_order.id; the foreign keys stand in the migration. Amounts: whole Rial, ≥ 0.
"""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    func,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Member(Base):
    """One holder within a wallet: limits count by member, so that a replaced card keeps them. Who left a shared wallet sees nothing of it."""

    __tablename__ = "member"

    id: Mapped[Key]
    wallet_id: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int | None] = mapped_column(BigInteger)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    left_at: Mapped[datetime | None]


class Card(Base):
    __tablename__ = "card"

    id: Mapped[Key]
    token: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    wallet_id: Mapped[int | None] = mapped_column(BigInteger)
    member_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("member.id"))
    uid: Mapped[bytes | None] = mapped_column(LargeBinary, unique=True)
    key_version: Mapped[int] = mapped_column(Integer)
    number_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    number_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    masked: Mapped[str] = mapped_column(String(19))
    product: Mapped[str] = mapped_column(String(20))
    kind_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("card_kind.id"))
    order_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    gift_batch_id: Mapped[int | None] = mapped_column(BigInteger, index=True)
    status: Mapped[str] = mapped_column(String(10))
    block_reason: Mapped[str | None] = mapped_column(String(10))
    language: Mapped[str] = mapped_column(String(5))
    expires_on: Mapped[date] = mapped_column(Date)
    purchase_limit_rial: Mapped[int | None] = mapped_column(BigInteger)
    holds_money: Mapped[bool] = mapped_column(Boolean, server_default="true")
    replaced_by_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("card.id"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), index=True)


class CardEvent(Base):
    """The history of one card; rows are only added."""

    __tablename__ = "card_event"
    __table_args__ = (Index("ix_card_event_at", "at", postgresql_using="brin"),)

    id: Mapped[Key]
    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card.id"))
    at: Mapped[datetime]
    was: Mapped[str | None] = mapped_column(String(10))
    became: Mapped[str] = mapped_column(String(10))
    actor: Mapped[str] = mapped_column(String(80))
    why: Mapped[str | None] = mapped_column(String(400))


class CardChallenge(Base):
    """Which card a challenge was made for, kept as long as a reversal may name it; the live proof stands elsewhere."""

    __tablename__ = "card_challenge"

    id: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card.id"))
    terminal_id: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
