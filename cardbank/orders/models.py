"""Price lists and orders of cards. All amounts are whole Rial and not negative."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class CardPriceList(Base):
    """What cards of a kind cost from a day on; rows are only added. `setup_rial` is for preparing a picture, once for an order."""

    __tablename__ = "card_price_list"
    __table_args__ = (
        UniqueConstraint("kind", "starts_on", name="uq_card_price_list_kind_starts_on"),
        CheckConstraint("setup_rial >= 0", name="setup_rial"),
    )

    id: Mapped[Key]
    kind: Mapped[str] = mapped_column(String(20))
    starts_on: Mapped[date] = mapped_column(Date)
    setup_rial: Mapped[int] = mapped_column(BigInteger)
    made_by: Mapped[str] = mapped_column(String(80))
    made_at: Mapped[datetime]


class CardPriceTier(Base):
    __tablename__ = "card_price_tier"
    __table_args__ = (CheckConstraint("least > 0 AND unit_rial > 0", name="positive"),)

    list_id: Mapped[int] = mapped_column(ForeignKey("card_price_list.id"), primary_key=True, autoincrement=False)
    least: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    unit_rial: Mapped[int] = mapped_column(BigInteger)


class CardOrder(Base):
    """`key` is the form's, so that it is asked once. `receipt` is the bank's number of the payment, `due_on` the day that was promised."""

    __tablename__ = "card_order"
    __table_args__ = (
        Index("ix_card_order_organisation_id", "organisation_id", "id"),
        Index("ix_card_order_state", "state", "id"),
        CheckConstraint("state IN ('asked', 'confirmed', 'producing', 'delivered', 'closed', 'called_off')", name="state"),
        CheckConstraint("cards > 0 AND unit_rial > 0 AND setup_rial >= 0", name="amounts"),
        CheckConstraint("(receipt IS NULL) = (paid_at IS NULL)", name="paid_by_a_receipt"),
        CheckConstraint("state <> 'closed' OR paid_at IS NOT NULL", name="closed_is_paid"),
        CheckConstraint("(state = 'called_off') = (why IS NOT NULL)", name="called_off_with_a_reason"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(String(20))
    cards: Mapped[int] = mapped_column(Integer)
    design: Mapped[str] = mapped_column(String(60))
    note: Mapped[str] = mapped_column(String(200))
    unit_rial: Mapped[int] = mapped_column(BigInteger)
    setup_rial: Mapped[int] = mapped_column(BigInteger)
    state: Mapped[str] = mapped_column(String(10))
    asked_by: Mapped[str] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    due_on: Mapped[date | None] = mapped_column(Date)
    numbers_taken_at: Mapped[datetime | None]
    delivered_at: Mapped[datetime | None]
    receipt: Mapped[str | None] = mapped_column(String(30))
    paid_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(200))


class CardOrderArt(Base):
    """The picture for the front, as it was brought: PNG or JPEG."""

    __tablename__ = "card_order_art"

    order_id: Mapped[int] = mapped_column(ForeignKey("card_order.id"), primary_key=True, autoincrement=False)
    media_type: Mapped[str] = mapped_column(String(20))
    wide: Mapped[int] = mapped_column(Integer)
    high: Mapped[int] = mapped_column(Integer)
    content: Mapped[bytes] = mapped_column(LargeBinary)
