"""Tables of quotas. All amounts are whole thousandths of the goods' unit, never negative; prices are whole Rial for one unit."""

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
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Quota(Base):
    """`key` is of the form that entered it. `price_rial` is the official price of one unit, null where none is fixed."""

    __tablename__ = "quota"
    __table_args__ = (
        CheckConstraint("unit IN ('kilogram', 'litre', 'sack', 'cylinder', 'pack', 'piece')", name="unit"),
        CheckConstraint("whole > 0", name="whole"),
        CheckConstraint("price_rial > 0", name="price_rial"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        Index("ix_quota_union_id_id", "union_id", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    unit: Mapped[str] = mapped_column(String(10))
    whole: Mapped[int] = mapped_column(BigInteger)
    price_rial: Mapped[int | None] = mapped_column(BigInteger)
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    entered_at: Mapped[datetime]


class QuotaRound(Base):
    """What was shared out at once. `told_to` is the last person who was told, null once everybody is; `fallen_at` is null while the
    window is not over.
    """

    __tablename__ = "quota_round"
    __table_args__ = (
        CheckConstraint("way IN ('equal', 'size', 'amount')", name="way"),
        CheckConstraint("until >= opens_on", name="window"),
        Index("ix_quota_round_quota_id", "quota_id", "id"),
        Index("ix_quota_round_untold", "id", postgresql_where=text("told_to IS NOT NULL")),
        Index("ix_quota_round_open", "until", "id", postgresql_where=text("fallen_at IS NULL")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    quota_id: Mapped[int] = mapped_column(ForeignKey("quota.id"))
    way: Mapped[str] = mapped_column(String(8))
    opens_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    made_at: Mapped[datetime]
    told_to: Mapped[int | None] = mapped_column(BigInteger, server_default="0")
    fallen_at: Mapped[datetime | None]


class QuotaShare(Base):
    """A shop's part of a round; `left_out` says why it has none."""

    __tablename__ = "quota_share"
    __table_args__ = (
        UniqueConstraint("round_id", "merchant_id"),
        CheckConstraint("handed >= 0 AND fallen >= 0 AND handed + fallen <= amount", name="adds_up"),
        CheckConstraint("(amount > 0) = (left_out IS NULL)", name="left_out_of"),
        CheckConstraint("left_out IN ('suspended', 'closed', 'licence_ended', 'too_small')", name="left_out"),
        Index("ix_quota_share_quota_id", "quota_id", "id"),
        Index("ix_quota_share_merchant_id", "merchant_id", "id"),
    )

    id: Mapped[Key]
    quota_id: Mapped[int] = mapped_column(ForeignKey("quota.id"))
    round_id: Mapped[int] = mapped_column(ForeignKey("quota_round.id"))
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    handed: Mapped[int] = mapped_column(BigInteger, server_default="0")
    fallen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    left_out: Mapped[str | None] = mapped_column(String(14))


class QuotaHandOut(Base):
    """`document` is the number of the shop's paper where that confirms it; else `decided_by` is who of the shop did."""

    __tablename__ = "quota_hand_out"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        CheckConstraint("state IN ('given', 'confirmed', 'taken_back')", name="state"),
        CheckConstraint("(state = 'given') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'taken_back') = (why IS NOT NULL)", name="taken_back"),
        Index("ix_quota_hand_out_share_id", "share_id", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    share_id: Mapped[int] = mapped_column(ForeignKey("quota_share.id"))
    amount: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(80))
    state: Mapped[str] = mapped_column(String(10))
    document: Mapped[str | None] = mapped_column(String(40))
    why: Mapped[str | None] = mapped_column(String(200))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(String(80))


class QuotaList(Base):
    """A list of sizes or amounts as it was typed, until it becomes a round."""

    __tablename__ = "quota_list"
    __table_args__ = (CheckConstraint("way IN ('size', 'amount')", name="way"),)

    id: Mapped[Key]
    quota_id: Mapped[int] = mapped_column(ForeignKey("quota.id"))
    way: Mapped[str] = mapped_column(String(8))
    total: Mapped[int | None] = mapped_column(BigInteger)
    step: Mapped[int] = mapped_column(BigInteger)
    opens_on: Mapped[date] = mapped_column(Date)
    until: Mapped[date] = mapped_column(Date)
    rows: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    begun_at: Mapped[datetime]
    round_id: Mapped[int | None] = mapped_column(ForeignKey("quota_round.id"), unique=True)
