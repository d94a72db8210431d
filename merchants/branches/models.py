"""The table of what shops ask for their branches. Positions are degrees of WGS 84."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, Float, ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

ASKED = text("state = 'asked'")


class BranchWish(Base):
    """`kind` is to open another branch, or to move one; `branch_id` is the branch that was opened, or that moves. `key` is of the form
    that asked; `paper` names the stored picture of the licence.
    """

    __tablename__ = "branch_wish"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'approved', 'refused', 'given_up')", name="state"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("kind IN ('open', 'move')", name="kind"),
        CheckConstraint("(branch_id IS NOT NULL) = (kind = 'move' OR state = 'approved')", name="branch_named"),
        CheckConstraint("(state = 'refused') = (why IS NOT NULL)", name="why_given"),
        Index("ix_branch_wish_merchant_id_id", "merchant_id", "id"),
        Index("ix_branch_wish_union_id_asked", "union_id", "id", postgresql_where=ASKED),
        Index("ix_branch_wish_union_id_id", "union_id", "id"),
        Index("uq_branch_wish_licence_number", "licence_number", unique=True, postgresql_where=ASKED),
        Index(
            "uq_branch_wish_one_move",
            "branch_id",
            unique=True,
            postgresql_where=text("kind = 'move' AND state = 'asked'"),
        ),
        Index("ix_branch_wish_branch_id", "branch_id", postgresql_where=text("branch_id IS NOT NULL")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    kind: Mapped[str] = mapped_column(String(4), server_default="open")
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
