"""Tables of groups of customers."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
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


class CustomerGroup(Base):
    """`asked` is the question of a group that is found anew each time; null where its members are listed."""

    __tablename__ = "customer_group"
    __table_args__ = (
        Index("uq_customer_group_name", "organisation_id", "name", unique=True, postgresql_where=text("removed_at IS NULL")),
    )

    id: Mapped[Key]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str] = mapped_column(String(60))
    asked: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    made_at: Mapped[datetime]
    removed_at: Mapped[datetime | None]


class GroupMember(Base):
    """A mobile number that the organisation put in. `number_sealed` is kept until somebody with it is on record."""

    __tablename__ = "group_member"
    __table_args__ = (
        UniqueConstraint("group_id", "number_digest"),
        CheckConstraint("(person_id IS NULL) = (number_sealed IS NOT NULL)", name="number_kept"),
        Index("ix_group_member_person_id", "person_id"),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("customer_group.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    called: Mapped[str] = mapped_column(String(80))
    shown: Mapped[str] = mapped_column(String(20))
    number_digest: Mapped[bytes] = mapped_column(LargeBinary)
    number_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    added_at: Mapped[datetime]


class GroupMove(Base):
    """`numbers` that came into a group in one act, or left it (negative); rows are only added.

    Their sum is how many numbers are in the group. `sign_in_id` is null where somebody left for good and nobody took them out.
    """

    __tablename__ = "group_move"
    __table_args__ = (
        CheckConstraint("numbers <> 0", name="numbers"),
        Index("ix_group_move_at", "at"),
        Index("ix_group_move_group_id_at", "group_id", "at"),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("customer_group.id"))
    numbers: Mapped[int] = mapped_column(Integer)
    sign_in_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in.id"))
    at: Mapped[datetime]


class GroupList(Base):
    """A list while it is being repaired, sealed, for it holds numbers; finished, only its length is kept."""

    __tablename__ = "group_list"
    __table_args__ = (
        CheckConstraint("(finished_at IS NULL) = (rows_sealed IS NOT NULL)", name="rows_kept"),
        Index("ix_group_list_group_id", "group_id"),
    )

    id: Mapped[Key]
    group_id: Mapped[int] = mapped_column(ForeignKey("customer_group.id"))
    sign_in_id: Mapped[int] = mapped_column(ForeignKey("sign_in.id"))
    rows: Mapped[int] = mapped_column(Integer)
    rows_sealed: Mapped[bytes | None] = mapped_column(LargeBinary)
    begun_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
