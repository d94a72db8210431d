"""Limits, issues and exceptions. `asked_by` and `answered_by` are persons, `branch_id` is branch.id, `account_id` sign_in.id."""

from datetime import datetime

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base, Key


class IssuingLimit(Base):
    """`kind` null = cards of all kinds together. Holds from `starts_at` until before `ends_at`."""

    __tablename__ = "issuing_limit"
    __table_args__ = (
        CheckConstraint("subject IN ('person', 'branch', 'operator', 'network')", name="subject"),
        CheckConstraint("period IN ('day', 'month', 'ever')", name="period"),
        CheckConstraint("period <> 'ever' OR subject = 'person'", name="ever_is_of_persons"),
        CheckConstraint("most > 0", name="most"),
        Index(
            "uq_issuing_limit_in_force", "subject", "kind", "period", unique=True, postgresql_nulls_not_distinct=True,
            postgresql_where=text("ends_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[Key]
    subject: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str | None] = mapped_column(String(20))
    period: Mapped[str] = mapped_column(String(5))
    most: Mapped[int] = mapped_column(Integer)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime | None]
    set_by: Mapped[str] = mapped_column(String(80))


class IssuingException(Base):
    """Asked for one person and kind; usable until `usable_until` once it is allowed, by one card."""

    __tablename__ = "issuing_exception"
    __table_args__ = (
        CheckConstraint("state IN ('asked', 'allowed', 'refused', 'used')", name="state"),
        CheckConstraint("(state = 'asked') = (answered_by IS NULL)", name="answered"),
        CheckConstraint("answered_by <> asked_by", name="two_persons"),
        CheckConstraint("(state = 'used') = (card_id IS NOT NULL)", name="used_by_a_card"),
        Index("uq_issuing_exception_asked", "person_id", "kind", unique=True, postgresql_where=text("state = 'asked'")),
        Index("ix_issuing_exception_person_id", "person_id", "id"),
    )

    id: Mapped[Key]
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str] = mapped_column(String(20))
    why: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(8))
    asked_by: Mapped[int] = mapped_column(ForeignKey("person.id"))
    asked_at: Mapped[datetime]
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    usable_until: Mapped[datetime | None]
    card_id: Mapped[int | None] = mapped_column(BigInteger, ForeignKey("card.id"))


class CardIssue(Base):
    """One card that was handed out; rows are only added."""

    __tablename__ = "card_issue"
    __table_args__ = (
        Index("ix_card_issue_at", "at"),
        Index("ix_card_issue_person_id", "person_id", "at"),
        Index("ix_card_issue_branch_id", "branch_id", "at"),
        Index("ix_card_issue_account_id", "account_id", "at"),
    )

    card_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("card.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"))
    branch_id: Mapped[int | None] = mapped_column(BigInteger)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    at: Mapped[datetime]
