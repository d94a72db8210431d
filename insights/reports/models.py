"""Tables of reports: what people saved of their questions, and the long files that are made for them."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class SavedView(Base):
    """What a person asked for, under a name of theirs; `asked` are the fields of the form."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "name"),)

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    name: Mapped[str] = mapped_column(String(60))
    report: Mapped[str] = mapped_column(String(16))
    asked: Mapped[dict[str, str]] = mapped_column(JSONB)


class ReportFile(Base):
    """A long file. `asked` and `words` are all that a worker needs; `after_date` and `after_id` are how far it has read.

    `organisation_id` is that of the scope, null for the whole platform. One of the same `digest` is made at a time for a person.
    """

    __tablename__ = "report_file"
    __table_args__ = (
        CheckConstraint("state IN ('making', 'done', 'failed')", name="state"),
        CheckConstraint("form IN ('csv', 'xlsx')", name="form"),
        CheckConstraint("(state = 'done') = (content IS NOT NULL)", name="content_given"),
        Index("uq_report_file_making", "person_id", "digest", unique=True, postgresql_where=text("state = 'making'")),
        Index("ix_report_file_person_id", "person_id", "id"),
        Index("ix_report_file_making", "id", postgresql_where=text("state = 'making'")),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    form: Mapped[str] = mapped_column(String(4))
    language: Mapped[str] = mapped_column(String(2))
    asked: Mapped[dict[str, str]] = mapped_column(JSONB)
    words: Mapped[dict[str, str]] = mapped_column(JSONB)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(8), server_default="making")
    rows_done: Mapped[int] = mapped_column(Integer, server_default="0")
    rows_total: Mapped[int] = mapped_column(Integer)
    after_date: Mapped[date | None] = mapped_column(Date)
    after_id: Mapped[int | None] = mapped_column(BigInteger)
    tries: Mapped[int] = mapped_column(Integer, server_default="0")
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class ReportPiece(Base):
    """The rows of one turn, until the file is put together."""

    __tablename__ = "report_piece"

    file_id: Mapped[int] = mapped_column(ForeignKey("report_file.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    rows: Mapped[list[list[Any]]] = mapped_column(JSONB)


class CardFigure(Base):
    """How many cards that came into being on a day are of a kind and in a state, and of how many it is their holder's first.

    Told three ways: `all`; by the `branch` that handed them out, whose id is the `key`; by the `operator` who issued them.
    """

    __tablename__ = "card_figure"
    __table_args__ = (
        UniqueConstraint("way", "day", "key", "product", "status", name="uq_card_figure_alike", postgresql_nulls_not_distinct=True),
        Index("ix_card_figure_day", "day"),
        CheckConstraint("way IN ('all', 'branch', 'operator')", name="way"),
    )

    id: Mapped[Key]
    day: Mapped[date] = mapped_column(Date)
    way: Mapped[str] = mapped_column(String(8))
    key: Mapped[str | None] = mapped_column(String(80))
    product: Mapped[str] = mapped_column(String(20))
    status: Mapped[str] = mapped_column(String(10))
    cards: Mapped[int] = mapped_column(Integer)
    holders: Mapped[int] = mapped_column(Integer)


class CardDay(Base):
    """When the cards of a day were counted last."""

    __tablename__ = "card_day"
    __table_args__ = (Index("ix_card_day_counted_at", "counted_at"),)

    day: Mapped[date] = mapped_column(Date, primary_key=True)
    counted_at: Mapped[datetime]
