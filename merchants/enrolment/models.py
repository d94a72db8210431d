"""Enrolments at tills."""

from datetime import date, datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key

PENDING = text("state = 'pending'")


class TillEnrolment(Base):
    """`key_date` and `key` are those of the message that began it, so that a repeat is the same enrolment. `code` is what the till
    confirms it by. `document_digest` is keyed: it only finds the same document again.
    """

    __tablename__ = "till_enrolment"
    __table_args__ = (
        UniqueConstraint("terminal_id", "key_date", "key", name="uq_till_enrolment_once"),
        Index("uq_till_enrolment_card_id_pending", "card_id", unique=True, postgresql_where=PENDING),
        Index("uq_till_enrolment_document_digest_pending", "document_digest", unique=True, postgresql_where=PENDING),
        Index("ix_till_enrolment_terminal_id_begun_at", "terminal_id", "begun_at"),
        Index("ix_till_enrolment_expires_at_pending", "expires_at", postgresql_where=PENDING),
        CheckConstraint("state IN ('pending', 'confirmed', 'expired')", name="state"),
        CheckConstraint("(state = 'pending') = (identity_sealed IS NOT NULL)", name="sealed_while_pending"),
        CheckConstraint("(state = 'pending') = (document_digest IS NOT NULL)", name="digest_while_pending"),
        CheckConstraint("(state = 'confirmed') = (person_id IS NOT NULL)", name="person_when_confirmed"),
    )

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(String(6))
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"))
    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card.id"))
    key_date: Mapped[date] = mapped_column(Date)
    key: Mapped[str] = mapped_column(String(40))
    content_hash: Mapped[int] = mapped_column(BigInteger)
    identity_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    document_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10))
    begun_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
