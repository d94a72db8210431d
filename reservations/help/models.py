"""Tables of help cards. `shows` and `shown` are words of `Shows`."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class HelpCard(Base):
    """One a person. `agreed_by` said yes for the holder, who may be the same; `called` is how to address who is lost."""

    __tablename__ = "help_card"
    __table_args__ = (
        CheckConstraint("NOT is_on OR num_nonnulls(agreed_by, agreed_at) = 2", name="agreed"),
        Index("ix_help_card_leader_mobile", "leader_mobile", postgresql_where=text("is_on")),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    is_on: Mapped[bool] = mapped_column(Boolean, server_default="false")
    shows: Mapped[list[str]] = mapped_column(JSONB)
    called: Mapped[str] = mapped_column(String(40))
    leader_name: Mapped[str | None] = mapped_column(String(80))
    leader_mobile: Mapped[str | None] = mapped_column(String(16))
    alert_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    agreed_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    agreed_at: Mapped[datetime | None]


class HelpView(Base):
    """A terminal asked for somebody's help card. `key` is of the request, so that a repeat is one view; `viewer_id` is who
    worked at a web till.
    """

    __tablename__ = "help_view"
    __table_args__ = (
        CheckConstraint("outcome IN ('shown', 'refused', 'too_often')", name="outcome"),
        Index("ix_help_view_person_id", "person_id", "id"),
        Index("ix_help_view_terminal_id_viewed_at", "terminal_id", "viewed_at"),
        Index("ix_help_view_viewer_id", "viewer_id"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    content_hash: Mapped[int] = mapped_column(BigInteger)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    terminal_id: Mapped[int] = mapped_column(ForeignKey("terminal.id"))
    viewer_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    outcome: Mapped[str] = mapped_column(String(10))
    shown: Mapped[list[str]] = mapped_column(JSONB)
    viewed_at: Mapped[datetime]


class HelpAlarm(Base):
    """Somebody on record who is called by a view, until when they have seen it. It goes with the view."""

    __tablename__ = "help_alarm"
    __table_args__ = (Index("ix_help_alarm_person_id", "person_id", "view_id"),)

    view_id: Mapped[int] = mapped_column(ForeignKey("help_view.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, autoincrement=False)
    seen_at: Mapped[datetime | None]
