"""Tables of messages. Addresses and facts are sealed; `to_digest` finds an address again without telling it."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class Message(Base):
    """One notice to one address. While waiting, it is due at `due_at`, which is also the end of a try that never reported.

    `reference` is the provider's, as long as the delivery can be asked for. `fault` is what the last try came to.
    """

    __tablename__ = "message"
    __table_args__ = (
        CheckConstraint("purpose IN ('code', 'service', 'offer')", name="purpose"),
        CheckConstraint("channel IN ('sms', 'email')", name="channel"),
        CheckConstraint("state IN ('waiting', 'sent', 'delivered', 'failed', 'expired', 'refused')", name="state"),
        Index("ix_message_due", "due_at", postgresql_where=text("state = 'waiting'")),
        Index("ix_message_asked", "ask_at", postgresql_where=text("state = 'sent' AND ask_at IS NOT NULL")),
        Index("ix_message_to_digest", "to_digest", "id"),
        Index("ix_message_created_at", "created_at"),
        Index("ix_message_state_id", "state", "id"),
    )

    id: Mapped[Key]
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    notice: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(8))
    channel: Mapped[str] = mapped_column(String(5))
    language: Mapped[str] = mapped_column(String(2))
    to_sealed: Mapped[bytes] = mapped_column(LargeBinary)
    to_digest: Mapped[bytes] = mapped_column(LargeBinary)
    to_shown: Mapped[str] = mapped_column(String(130))
    facts_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(10), server_default="waiting")
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    parts: Mapped[int | None] = mapped_column(SmallInteger)
    provider: Mapped[str | None] = mapped_column(String(120))
    reference: Mapped[str | None] = mapped_column(String(200))
    fault: Mapped[str | None] = mapped_column(String(12))
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    ask_at: Mapped[datetime | None]


class OfferRefusal(Base):
    """An address that wants no offers. Codes and service messages still reach it."""

    __tablename__ = "offer_refusal"

    to_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    at: Mapped[datetime]
