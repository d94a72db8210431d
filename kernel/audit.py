"""Every change by a person: who, what, before, after, why; written in the same transaction."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, String, and_, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, Session, mapped_column

from kernel.db import Base, Key


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a signed-in account, or the system itself (`account_id` None) with a name for the reader."""

    account_id: int | None
    name: str

    @classmethod
    def system(cls, name: str) -> "Actor":
        return cls(account_id=None, name=name)


class AuditEntry(Base):
    __tablename__ = "audit_entry"
    __table_args__ = (Index("ix_audit_entry_account_id_id", "account_id", "id"),)

    id: Mapped[Key]
    at: Mapped[datetime] = mapped_column(server_default=func.now())
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    actor: Mapped[str] = mapped_column(String(80))
    act: Mapped[str] = mapped_column(String(80))
    subject: Mapped[str] = mapped_column(String(80))
    subject_id: Mapped[str] = mapped_column(String(80))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    why: Mapped[str | None] = mapped_column(String(400))


def record(
    session: Session,
    actor: Actor,
    act: str,
    subject: str,
    subject_id: object,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    why: str | None = None,
) -> None:
    """Write one line of audit. `before` and `after` never hold card numbers, keys, PINs or passwords."""
    session.add(
        AuditEntry(
            account_id=actor.account_id,
            actor=actor.name,
            act=act,
            subject=subject,
            subject_id=str(subject_id),
            before=before,
            after=after,
            why=why,
        )
    )


def acts_of(
    session: Session,
    account_id: int,
    seen: Mapping[str, Collection[str] | None],
    *,
    after: int = 0,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[AuditEntry]:
    """What an account did, newest first: to these subjects, of each only those acts where it names some. One query."""
    whole = AuditEntry.subject.in_([subject for subject, acts in seen.items() if acts is None])
    parts = [and_(AuditEntry.subject == subject, AuditEntry.act.in_(acts)) for subject, acts in seen.items() if acts is not None]
    wanted = select(AuditEntry).where(AuditEntry.account_id == account_id, AuditEntry.id > after, or_(whole, *parts))
    if before is not None:
        wanted = wanted.where(AuditEntry.id < before)
    return session.scalars(wanted.order_by(AuditEntry.id.desc()).limit(limit)).all()
