"""The table of texts. The number itself is not kept."""

from datetime import datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class CustomerText(Base):
    """`key` is the provider's number of the text, with the provider's name before it. `words_sealed` are those that are no command;
    `person_id` is whose number it is, where it is one person's alone.
    """

    __tablename__ = "customer_text"
    __table_args__ = (
        CheckConstraint("command IN ('balance', 'stop', 'start', 'unknown')", name="command"),
        CheckConstraint("words_sealed IS NULL OR command = 'unknown'", name="words_of_no_command"),
        Index("ix_customer_text_from_digest_at", "from_digest", "at"),
        Index("ix_customer_text_words", "id", postgresql_where=text("words_sealed IS NOT NULL")),
        Index("ix_customer_text_person_id", "person_id", postgresql_where=text("person_id IS NOT NULL")),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(120), unique=True)
    from_digest: Mapped[bytes] = mapped_column(LargeBinary)
    command: Mapped[str] = mapped_column(String(8))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    words_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    is_answered: Mapped[bool] = mapped_column(Boolean)
    at: Mapped[datetime]
