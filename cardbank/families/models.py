"""Tables of families. Limits are whole Rial, null = none.

`wallet_id` is ledger.wallet.id. What binds at the till are the limits in the ledger, written in the same transaction.
"""

from datetime import datetime

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Index, LargeBinary, String
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from kernel.db import Base


class Family(Base):
    """`head_id` is the head's member of the wallet."""

    __tablename__ = "family"

    wallet_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    head_id: Mapped[int] = mapped_column(ForeignKey("member.id"), unique=True)
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class FamilyMember(Base):
    """`kinds` are the kinds of shops the member may spend in, none = all; their meaning is known higher up."""

    __tablename__ = "family_member"
    __table_args__ = (
        Index("ix_family_member_wallet_id", "wallet_id"),
        CheckConstraint("day_rial > 0", name="day_rial"),
        CheckConstraint("month_rial > 0", name="month_rial"),
        CheckConstraint("NOT is_child OR shows_lines", name="child_is_seen"),
    )

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, autoincrement=False)
    wallet_id: Mapped[int] = mapped_column(ForeignKey("family.wallet_id"))
    is_child: Mapped[bool] = mapped_column(Boolean)
    shows_lines: Mapped[bool] = mapped_column(Boolean)
    day_rial: Mapped[int | None] = mapped_column(BigInteger)
    month_rial: Mapped[int | None] = mapped_column(BigInteger)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    joined_at: Mapped[datetime]


class FamilyCode(Base):
    """With this code a person joins, once."""

    __tablename__ = "family_code"

    code_digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    wallet_id: Mapped[int] = mapped_column(ForeignKey("family.wallet_id"))
    usable_until: Mapped[datetime]
    used_at: Mapped[datetime | None]
