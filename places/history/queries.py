"""Reads of places' pasts and of the changes of their records. One query each."""

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from kernel.audit import AuditEntry
from places.history.errors import StatementNotFound
from places.history.models import PlaceStatement

SUBJECTS = ("place", "place page", "place history")


class Change(NamedTuple):
    """A line of the audit about a place: who did what when, what it was and became."""

    id: int
    at: datetime
    actor: str
    subject: str
    act: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None
    why: str | None


def statements_of(session: Session, place_ids: Collection[int]) -> dict[int, list[PlaceStatement]]:
    """Place → its statements, the oldest first and those without a year last."""
    found: defaultdict[int, list[PlaceStatement]] = defaultdict(list)
    standing = select(PlaceStatement).where(PlaceStatement.place_id.in_(place_ids), PlaceStatement.removed_at.is_(None))
    for one in session.scalars(standing.order_by(PlaceStatement.place_id, PlaceStatement.year_ce.nulls_last(), PlaceStatement.id)):
        found[one.place_id].append(one)
    return found


def statement_of(session: Session, place_id: int, statement_id: int, *, lock: bool = False) -> PlaceStatement:
    """Raises StatementNotFound, for another place's and for a removed one too."""
    wanted = select(PlaceStatement).where(
        PlaceStatement.id == statement_id, PlaceStatement.place_id == place_id, PlaceStatement.removed_at.is_(None)
    )
    found = session.scalar(wanted.with_for_update() if lock else wanted)
    if found is None:
        raise StatementNotFound
    return found


def changes_of(session: Session, place_id: int, *, before: int = 0, limit: int = 20) -> list[Change]:
    """Of the record of a place, the newest first."""
    about = tuple_(AuditEntry.subject, AuditEntry.subject_id).in_([(subject, str(place_id)) for subject in SUBJECTS])
    page = select(
        AuditEntry.id,
        AuditEntry.at,
        AuditEntry.actor,
        AuditEntry.subject,
        AuditEntry.act,
        AuditEntry.before,
        AuditEntry.after,
        AuditEntry.why,
    ).where(about)
    if before:
        page = page.where(AuditEntry.id < before)
    return [Change(*row) for row in session.execute(page.order_by(AuditEntry.id.desc()).limit(limit))]
