"""Tables of stock. Quantities (`milli`) are thousandths of the product's unit; in a movement + is into the branch."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class StockLevel(Base):
    """How much of a product a branch has. At or below `reorder_milli` it is low; null asks for no warning."""

    __tablename__ = "stock_level"
    __table_args__ = (
        CheckConstraint("reorder_milli >= 0", name="reorder_milli"),
        Index("ix_stock_level_low", "branch_id", postgresql_where=text("milli <= reorder_milli")),
        Index("ix_stock_level_product_id", "product_id"),
    )

    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True, autoincrement=False)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True, autoincrement=False)
    milli: Mapped[int] = mapped_column(BigInteger, server_default="0")
    reorder_milli: Mapped[int | None] = mapped_column(BigInteger)


class StockMovement(Base):
    """One line of the journal; the platform's processes may not change or delete it.

    `key` is of the act that caused it, so that the act counts once; `sale_key` is the key of the sale whose goods come back.
    """

    __tablename__ = "stock_movement"
    __table_args__ = (
        CheckConstraint("kind IN ('intake', 'sale', 'return', 'count', 'loss', 'gift', 'move')", name="kind"),
        CheckConstraint("(kind = 'return') = (sale_key IS NOT NULL)", name="sale_given"),
        CheckConstraint("milli <> 0", name="milli"),
        UniqueConstraint("key", "product_id"),
        Index("ix_stock_movement_branch_id_product_id_id", "branch_id", "product_id", "id"),
        Index("ix_stock_movement_sale_key", "sale_key", postgresql_where=text("sale_key IS NOT NULL")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False))
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    kind: Mapped[str] = mapped_column(String(8))
    milli: Mapped[int] = mapped_column(BigInteger)
    after_milli: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
    sale_key: Mapped[str | None] = mapped_column(UUID(as_uuid=False))
    reference: Mapped[str | None] = mapped_column(String(60))
    sign_in_id: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(80))


class Delivery(Base):
    """A supplier's note: what it should bring to a branch. `received_at` is when its goods were entered."""

    __tablename__ = "delivery"
    __table_args__ = (Index("ix_delivery_branch_id", "branch_id", "id"),)

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    supplier: Mapped[str] = mapped_column(String(120))
    number: Mapped[str] = mapped_column(String(40))
    entered_at: Mapped[datetime]
    sign_in_id: Mapped[int | None] = mapped_column(BigInteger)
    received_at: Mapped[datetime | None]


class DeliveryLine(Base):
    """`received_milli` is null until the delivery is received."""

    __tablename__ = "delivery_line"
    __table_args__ = (
        CheckConstraint("noted_milli > 0", name="noted_milli"),
        CheckConstraint("received_milli >= 0", name="received_milli"),
    )

    delivery_id: Mapped[int] = mapped_column(ForeignKey("delivery.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    noted_milli: Mapped[int] = mapped_column(BigInteger)
    received_milli: Mapped[int | None] = mapped_column(BigInteger)


class StockCount(Base):
    """A blind stocktake of a branch, or of one group of its goods. Persons, not sign-ins, stand in `counted_by` and `decided_by`."""

    __tablename__ = "stock_count"
    __table_args__ = (
        CheckConstraint("state IN ('counting', 'counted', 'posted', 'discarded')", name="state"),
        CheckConstraint("state <> 'posted' OR decided_by <> counted_by", name="four_eyes"),
        Index("ix_stock_count_branch_id", "branch_id", "id"),
        Index("ix_stock_count_one_open", "branch_id", unique=True, postgresql_where=text("state IN ('counting', 'counted')")),
    )

    id: Mapped[Key]
    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("product_group.id"))
    state: Mapped[str] = mapped_column(String(10))
    counted_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    begun_at: Mapped[datetime]
    counted_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    why: Mapped[str | None] = mapped_column(String(200))


class StockCountLine(Base):
    """What was found of a product, and what the books said at that instant: what is sold meanwhile is no difference."""

    __tablename__ = "stock_count_line"
    __table_args__ = (CheckConstraint("counted_milli >= 0", name="counted_milli"),)

    count_id: Mapped[int] = mapped_column(ForeignKey("stock_count.id"), primary_key=True)
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"), primary_key=True)
    counted_milli: Mapped[int] = mapped_column(BigInteger)
    book_milli: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime]
