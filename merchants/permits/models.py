"""Tables of permits. Days are calendar days of the city, the last one included."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

GRANTED = text("state = 'granted'")


class Permit(Base):
    """`key` is of the form that asked, `secret` what the code on its paper says. `why` is of a refusal or a withdrawal.

    `noticed_days` is the last reminder that was given, by how many days before the end.
    """

    __tablename__ = "permit"
    __table_args__ = (
        CheckConstraint("kind IN ('stall', 'pavement', 'station', 'market', 'signage')", name="kind"),
        CheckConstraint("state IN ('asked', 'granted', 'refused', 'withdrawn', 'given_up')", name="state"),
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state IN ('refused', 'withdrawn')) = (why IS NOT NULL)", name="why_given"),
        Index("ix_permit_municipality_id_state_id", "municipality_id", "state", "id"),
        Index("ix_permit_organisation_id_id", "organisation_id", "id"),
        Index("ix_permit_branch_id", "branch_id", postgresql_where=GRANTED),
        Index("ix_permit_ends_on", "ends_on", postgresql_where=GRANTED),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(UUID(as_uuid=False), unique=True)
    secret: Mapped[str] = mapped_column(String(24), unique=True)
    city_id: Mapped[int] = mapped_column(ForeignKey("city.id"))
    municipality_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    branch_id: Mapped[int | None] = mapped_column(ForeignKey("branch.id"))
    kind: Mapped[str] = mapped_column(String(10))
    words: Mapped[str] = mapped_column(String(500))
    spot: Mapped[str] = mapped_column(String(200))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(10), server_default="asked")
    conditions: Mapped[str] = mapped_column(String(1000), server_default="")
    why: Mapped[str | None] = mapped_column(String(400))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    decided_at: Mapped[datetime | None]
    noticed_days: Mapped[int | None] = mapped_column(SmallInteger)


class PermitPaper(Base):
    """A document that came with the request: `name` is random and names the stored file."""

    __tablename__ = "permit_paper"
    __table_args__ = (Index("ix_permit_paper_permit_id", "permit_id"),)

    id: Mapped[Key]
    permit_id: Mapped[int] = mapped_column(ForeignKey("permit.id"))
    name: Mapped[str] = mapped_column(String(64), unique=True)
    media_type: Mapped[str] = mapped_column(String(40))
    size_bytes: Mapped[int] = mapped_column(Integer)
    sha256: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime]
