"""Tables of letters. `people` are the recipients that were settled on, `parts` the SMS and `mails` the e-mails that they come to."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Letter(Base):
    """`key` is that of the form it was written on. Nobody in particular is written to where `group_id` is null: it was one person.

    `channel` is `chosen` where each reader's own choice decides. `subjects` are of e-mails, by language.
    """

    __tablename__ = "letter"
    __table_args__ = (
        CheckConstraint("purpose IN ('service', 'offer')", name="purpose"),
        CheckConstraint("channel IN ('sms', 'email', 'chosen')", name="channel"),
        CheckConstraint("state IN ('proposed', 'scheduled', 'sending', 'done', 'stopped', 'refused')", name="state"),
        CheckConstraint("decided_by <> written_by", name="two_people"),
        Index("ix_letter_organisation_id", "organisation_id", "id"),
        Index("ix_letter_due", "send_at", postgresql_where=text("state IN ('scheduled', 'sending')")),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    key: Mapped[str] = mapped_column(String(36), unique=True)
    group_id: Mapped[int | None] = mapped_column(ForeignKey("customer_group.id"))
    purpose: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(6), server_default="sms")
    subjects: Mapped[dict[str, str]] = mapped_column(JSONB, server_default="{}")
    texts: Mapped[dict[str, str]] = mapped_column(JSONB)
    people: Mapped[int] = mapped_column(Integer)
    parts: Mapped[int] = mapped_column(Integer)
    mails: Mapped[int] = mapped_column(Integer, server_default="0")
    state: Mapped[str] = mapped_column(String(10))
    written_by: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    written_at: Mapped[datetime]
    send_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    decided_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class LetterRecipient(Base):
    """What became of the message itself is asked of the messages, by its key."""

    __tablename__ = "letter_recipient"
    __table_args__ = (
        CheckConstraint("state IN ('due', 'written', 'left_out', 'stopped')", name="state"),
        Index("ix_letter_recipient_due", "letter_id", "person_id", postgresql_where=text("state = 'due'")),
    )

    letter_id: Mapped[int] = mapped_column(ForeignKey("letter.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(8), server_default="due")
