"""Tables of shops' own fields. Values are texts in one form (a day as 2026-11-26, yes or no in English), by the field's id."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class ShopField(Base):
    """What is said in a field of products stands in the product, of the page in `BranchField`."""

    __tablename__ = "shop_field"
    __table_args__ = (
        CheckConstraint("subject IN ('product', 'page')", name="subject"),
        CheckConstraint("kind IN ('text', 'number', 'date', 'choice', 'yes_no')", name="kind"),
        CheckConstraint("(kind = 'choice') = (choices <> '{}')", name="choices"),
        Index("ix_shop_field_merchant_id", "merchant_id", "id"),
    )

    id: Mapped[Key]
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    subject: Mapped[str] = mapped_column(String(7))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    kind: Mapped[str] = mapped_column(String(6))
    choices: Mapped[list[str]] = mapped_column(ARRAY(String(40)), server_default="{}")
    is_public: Mapped[bool] = mapped_column(Boolean)
    is_on_label: Mapped[bool] = mapped_column(Boolean, server_default="false")
    added_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class BranchField(Base):
    """What a shop says of one of its branches."""

    __tablename__ = "branch_field"

    branch_id: Mapped[int] = mapped_column(ForeignKey("branch.id"), primary_key=True, autoincrement=False)
    fields: Mapped[dict[str, str]] = mapped_column(JSONB)
