"""Tables of inspections. Fines are whole Rial and above zero; each becomes a due of its shop."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB, UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key
from merchants.complaints.models import Picture

BY_COMPLAINTS = text("state = 'planned' AND reason = 'complaints'")


class Inspection(Base):
    """`key` is of the form that planned it. `inspector_id` is null while nobody was named; `marks` is item of the checklist → mark."""

    __tablename__ = "inspection"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'done', 'called_off')", name="state"),
        CheckConstraint("reason IN ('planned', 'complaints', 'follow_up')", name="reason"),
        CheckConstraint("outcome IN ('nothing', 'warning', 'fine')", name="outcome"),
        CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="done_with_outcome"),
        CheckConstraint("(state = 'planned') = (over_at IS NULL)", name="over"),
        CheckConstraint("(outcome IS NOT DISTINCT FROM 'fine') = (fine_rial IS NOT NULL)", name="fine_given"),
        CheckConstraint("fine_rial > 0", name="fine_rial"),
        Index("uq_inspection_merchant_id_complaints", "merchant_id", unique=True, postgresql_where=BY_COMPLAINTS),
        Index("ix_inspection_union_id_state_planned_on", "union_id", "state", "planned_on", "id"),
        Index("ix_inspection_merchant_id_planned_on", "merchant_id", "planned_on"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    union_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    merchant_id: Mapped[int] = mapped_column(ForeignKey("merchant.id"))
    inspector_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12), server_default="planned")
    planned_on: Mapped[date] = mapped_column(Date)
    task: Mapped[str] = mapped_column(String(1000), server_default="")
    marks: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    findings: Mapped[str | None] = mapped_column(String(1000))
    outcome: Mapped[str | None] = mapped_column(String(10))
    fine_rial: Mapped[int | None] = mapped_column(BigInteger)
    follow_up_on: Mapped[date | None] = mapped_column(Date)
    over_at: Mapped[datetime | None]


class InspectionPicture(Picture, Base):
    """What the inspector photographed."""

    __tablename__ = "inspection_picture"
    __table_args__ = (Index("ix_inspection_picture_inspection_id", "inspection_id"),)

    id: Mapped[Key]
    inspection_id: Mapped[int] = mapped_column(ForeignKey("inspection.id"))
