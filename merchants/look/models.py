"""The table of shops' looks."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class ShopLook(Base):
    """`logo` is the random name of a stored WebP file; null is the platform's colour, and no logo."""

    __tablename__ = "shop_look"
    __table_args__ = (
        CheckConstraint(
            "accent IN ('lapis', 'pistachio', 'pomegranate', 'rose', 'saffron', 'turquoise', 'violet', 'walnut')", name="accent"
        ),
    )

    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"), primary_key=True, autoincrement=False)
    accent: Mapped[str | None] = mapped_column(String(12))
    logo: Mapped[str | None] = mapped_column(String(32), unique=True)
