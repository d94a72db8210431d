"""Tables of goods. Prices and ceilings are whole Rial of one unit and above zero; points are of one unit and not negative."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

SOLD = text("retired_at IS NULL")


class ProductGroup(Base):
    """A branch of a shop's tree of goods. `path` is the ids from the root down to this group, so that a group contains its own."""

    __tablename__ = "product_group"
    __table_args__ = (Index("ix_product_group_merchant_id", "merchant_id"),)

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("product_group.id"))
    path: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)


class TradeGroup(Base):
    """A kind of goods whose price a union holds down: `unit` is what its ceilings are of."""

    __tablename__ = "trade_group"
    __table_args__ = (Index("ix_trade_group_union_id", "union_id"),)

    id: Mapped[Key]
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    unit: Mapped[str] = mapped_column(String(10))


class Ceiling(Base):
    """Holds from `starts_at` until before `ends_at`; an empty period is one that was taken back before it began."""

    __tablename__ = "ceiling"
    __table_args__ = (
        ExcludeConstraint(
            ("trade_group_id", "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_ceiling_one_at_a_time",
            using="gist",
        ),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="period"),
        CheckConstraint("amount_rial > 0", name="amount_rial"),
    )

    id: Mapped[Key]
    trade_group_id: Mapped[int] = mapped_column(ForeignKey("trade_group.id"))
    amount_rial: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class Product(Base):
    """`code` is as printed; `code_key` is what a scan is compared with: a GTIN of 14 digits, or the shop's own code.

    `attributes` are the shop's own words (size: S), by which tagged items are found; `fields` what is said in the shop's own fields, by
    their ids. A retired product frees its code.
    """

    __tablename__ = "product"
    __table_args__ = (
        CheckConstraint("code_kind IN ('ean13', 'ean8', 'upca', 'own')", name="code_kind"),
        CheckConstraint("""marks <@ '["iranian", "handicraft", "cultural"]'""", name="marks"),
        CheckConstraint("points >= 0", name="points"),
        Index("uq_product_merchant_id_code_key", "merchant_id", "code_key", unique=True, postgresql_where=SOLD),
        Index("ix_product_merchant_id_search_text", "merchant_id", "search_text", "id"),
        Index("ix_product_trade_group_id", "trade_group_id"),
        Index("ix_product_group_id", "group_id"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("product_group.id"))
    trade_group_id: Mapped[int | None] = mapped_column(ForeignKey("trade_group.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    code: Mapped[str] = mapped_column(String(32))
    code_kind: Mapped[str] = mapped_column(String(6))
    code_key: Mapped[str] = mapped_column(String(32))
    unit: Mapped[str] = mapped_column(String(10))
    points: Mapped[int] = mapped_column(Integer, server_default="0")
    marks: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    attributes: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    fields: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    is_stocked: Mapped[bool] = mapped_column(Boolean, server_default="true")
    search_text: Mapped[str] = mapped_column(String(400))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    retired_at: Mapped[datetime | None]


class Price(Base):
    """Of the whole shop where `branch_id` is null, else of one branch, which goes before it.

    Holds from `starts_at` until before `ends_at`; an empty period is one that was taken back before it began.
    """

    __tablename__ = "price"
    __table_args__ = (
        ExcludeConstraint(
            ("product_id", "="),
            (text("coalesce(branch_id, 0)"), "="),
            (text("tstzrange(starts_at, ends_at)"), "&&"),
            name="ex_price_one_at_a_time",
            using="gist",
        ),
        CheckConstraint("ends_at IS NULL OR ends_at >= starts_at", name="period"),
        CheckConstraint("card_rial > 0 AND card_rial <= list_rial", name="card_price_below_list"),
        Index("ix_price_product_id_starts_at", "product_id", "starts_at"),
    )

    id: Mapped[Key]
    product_id: Mapped[int] = mapped_column(ForeignKey("product.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    list_rial: Mapped[int] = mapped_column(BigInteger)
    card_rial: Mapped[int] = mapped_column(BigInteger)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    sign_in_id: Mapped[int | None] = mapped_column(BigInteger)


class ProductImport(Base):
    """A shop's list of goods as typed, row by row. `finished_at` is when all of it became products."""

    __tablename__ = "product_import"
    __table_args__ = (Index("ix_product_import_merchant_id", "merchant_id"),)

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    rows: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]


class ShopSetting(Base):
    """How a shop keeps its goods. A shop without a row keeps to the defaults of the columns."""

    __tablename__ = "shop_setting"
    __table_args__ = (UniqueConstraint("merchant_id"),)

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    allows_negative_stock: Mapped[bool] = mapped_column(Boolean, server_default="false")
    label_size: Mapped[str] = mapped_column(String(10), server_default="40x30")
    label_has_qr: Mapped[bool] = mapped_column(Boolean, server_default="false")
