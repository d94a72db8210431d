"""Tables of tags. Numbers are upper-case hex; instants of reads are the reader's own, those of arrival are ours."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class TagReader(Base):
    """`place` says where in the branch it stands. A stopped reader's key is refused from its next event on."""

    __tablename__ = "tag_reader"
    __table_args__ = (
        CheckConstraint("kind IN ('handheld', 'door', 'till', 'ceiling')", name="kind"),
        Index("ix_tag_reader_branch_id", "branch_id"),
    )

    id: Mapped[Key]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[str] = mapped_column(String(10))
    place: Mapped[str] = mapped_column(String(80))
    key_digest: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    opened_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]


class Tag(Base):
    """`branch_id`, `reader_id` and `seen_at` are where and when it was last seen; `left_at` is when its item left the shop."""

    __tablename__ = "tag"
    __table_args__ = (
        CheckConstraint("scheme IN ('sgtin96', 'nfc')", name="scheme"),
        UniqueConstraint("merchant_id", "number"),
        Index("ix_tag_product_id", "product_id", "id"),
        Index("ix_tag_branch_id", "branch_id", postgresql_where=text("left_at IS NULL")),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    scheme: Mapped[str] = mapped_column(String(8))
    number: Mapped[str] = mapped_column(String(24))
    bound_at: Mapped[datetime]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    reader_id: Mapped[int | None] = mapped_column(ForeignKey("tag_reader.id"))
    seen_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]


class TagEvent(Base):
    """One message of a reader; `event_id` is the reader's own number for it."""

    __tablename__ = "tag_event"

    reader_id: Mapped[int] = mapped_column(ForeignKey("tag_reader.id"), primary_key=True)
    event_id: Mapped[str] = mapped_column(UUID(as_uuid=False), primary_key=True)
    sweep_id: Mapped[int | None] = mapped_column(ForeignKey("tag_sweep.id"))
    numbers: Mapped[int] = mapped_column(Integer)
    unknown: Mapped[int] = mapped_column(Integer)
    read_at: Mapped[datetime]
    received_at: Mapped[datetime]


class TagSweep(Base):
    """What a reader collects for a delivery or for a stocktake, exactly one of the two."""

    __tablename__ = "tag_sweep"
    __table_args__ = (
        CheckConstraint("num_nonnulls(delivery_id, count_id) = 1", name="one_purpose"),
        Index("ix_tag_sweep_delivery_id", "delivery_id", unique=True, postgresql_where=text("closed_at IS NULL")),
        Index("ix_tag_sweep_count_id", "count_id", unique=True, postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[Key]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    reader_id: Mapped[int] = mapped_column(ForeignKey("tag_reader.id"))
    delivery_id: Mapped[int | None] = mapped_column(ForeignKey("delivery.id"))
    count_id: Mapped[int | None] = mapped_column(ForeignKey("stock_count.id"))
    begun_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class TagSweepRead(Base):
    """A number once in a sweep; `product_id` is null where no item of the shop bears it."""

    __tablename__ = "tag_sweep_read"

    sweep_id: Mapped[int] = mapped_column(ForeignKey("tag_sweep.id"), primary_key=True)
    number: Mapped[str] = mapped_column(String(24), primary_key=True)
    product_id: Mapped[int | None] = mapped_column(ForeignKey("product.id"))
