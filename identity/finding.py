"""Somebody by what a clerk types: a document in any of its forms, or a mobile number. What fits several ways is looked for in all."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session

from identity import rules
from identity.models import Document, Membership
from identity.permissions import Role
from identity.queries import people_with_mobile
from kernel import clock
from kernel.calendar import local_day
from kernel.errors import BadInput

NEWEST = 50


def documents_of_typed(typed: str, today: date) -> list[tuple[str, str]]:
    """(kind, number) of every document that this may be. A passport's number is looked for in every country that issued it."""
    found = []
    readings: dict[str, Callable[[str], str]] = {"national_id": rules.national_id, "foreign_code": rules.foreign_code}
    for kind, read in readings.items():
        with suppress(BadInput):
            found.append((kind, read(typed)))
    with suppress(BadInput):
        if "<" in typed:
            found.append(("passport", rules.travel_document(typed, "", today).number))
        elif any(letter.isalpha() for letter in typed):
            found.append(("passport", rules.passport_number(typed)))
    return found


def people_of_typed(session: Session, typed: str, most: int = 10) -> list[int]:
    """Who is on record with this document or mobile number, by id. Two queries at most."""
    documents = documents_of_typed(typed, local_day(clock.now()))
    named = tuple_(Document.kind, Document.number).in_(documents)
    found = set(session.scalars(select(Document.person_id).where(named).limit(most))) if documents else set()
    with suppress(BadInput):
        found |= set(people_with_mobile(session, rules.mobile_number(typed), most))
    return sorted(found)[:most]


def newest_people(session: Session, *, before: int | None = None, limit: int = NEWEST) -> list[int]:
    """Pilgrims who were put on record last, the newest first; `before` is the id of the last one seen."""
    page = select(Membership.person_id).where(Membership.role == Role.PILGRIM).order_by(Membership.person_id.desc()).limit(limit)
    return list(session.scalars(page.where(Membership.person_id < before) if before else page))
