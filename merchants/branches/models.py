"""The table of branches that shops ask for. Positions are degrees of WGS 84."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

ASKED = text("state = 'asked'")
STANDS = text("state IN ('asked', 'approved')")


class BranchWish(Base):
    """`key` is of the form that asked; `paper` names the stored picture of the licence."""

    __tablename__ = "branch_wish"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'approved', 'refused', 'given_up')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'approved') = (branch_id IS NOT NULL)", name="branch_made"),
        CheckConstraint("(state = 'refused') = (why IS NOT NULL)", name="why_given"),
        Index("ix_branch_wish_merchant_id_id", "merchant_id", "id"),
        Index("ix_branch_wish_union_id_asked", "union_id", "id", postgresql_where=ASKED),
        Index("ix_branch_wish_union_id_id", "union_id", "id"),
        Index("uq_branch_wish_licence_number", "licence_number", unique=True, postgresql_where=STANDS),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    names: Mapped[dict[str, str]] = mapped_column(JSONB)
    address: Mapped[str] = mapped_column(String(300))
    lon: Mapped[float] = mapped_column(Float)
    lat: Mapped[float] = mapped_column(Float)
    licence_number: Mapped[str] = mapped_column(String(10))
    licence_expires_on: Mapped[date] = mapped_column(Date)
    paper: Mapped[str] = mapped_column(String(64), unique=True)
    paper_type: Mapped[str] = mapped_column(String(40))
    state: Mapped[str] = mapped_column(String(10), server_default="asked")
    why: Mapped[str | None] = mapped_column(String(400))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
