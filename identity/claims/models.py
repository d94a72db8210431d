"""Claims. `decided_by` is the clerk's person; `why` the reason of a refusal, for the person to read."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

ASKED = text("state = 'asked'")


class Claim(Base):
    """`key` binds what is sealed to this row."""

    __tablename__ = "claim"
    __table_args__ = (
        CheckConstraint("kind IN ('passport', 'national_id', 'foreign_code', 'names', 'birth_date')", name="kind"),
        CheckConstraint("state IN ('asked', 'confirmed', 'refused', 'withdrawn')", name="state"),
        CheckConstraint("(state = 'asked') = (sealed IS NOT NULL)", name="forgotten_when_decided"),
        CheckConstraint("(state = 'asked') = (decided_at IS NULL)", name="decided"),
        CheckConstraint("(state = 'refused') = (why IS NOT NULL)", name="refused_says_why"),
        Index("uq_claim_person_id_kind_asked", "person_id", "kind", unique=True, postgresql_where=ASKED),
        Index("ix_claim_id_asked", "id", postgresql_where=ASKED),
        Index("ix_claim_person_id", "person_id", "id"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(32))
    sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    why: Mapped[str | None] = mapped_column(String(200))
