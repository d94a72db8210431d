"""Pilgrims who say before the journey that they come, so that a desk has their card ready in one step.

Anybody may say so, and is told the same whoever is on record. What they say stays sealed until a desk puts them on record, and is
forgotten a month after the day on which they wanted to arrive. No faith is asked for, and no telephone number: whoever knows a
passport could put their own there, and sign in by it later.
"""

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import cast

import msgspec
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from identity import rules
from identity.enrolment import check_pilgrim, known_or_enrolled
from identity.errors import ComingNotFound, WrongDayOfArrival, WrongDayOfBirth
from identity.models import Coming, Person
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.languages import LANGUAGES
from kernel.sealing import open_sealed, seal
from kernel.settings import load_settings
from kernel.text import latin_digits

PURPOSE = "coming pilgrim"
FURTHEST = timedelta(days=366)
OLDEST = timedelta(days=366 * 120)
KEPT = timedelta(days=30)  # after the day of arrival
OF_ONE_DOCUMENT = 3  # who says it again has mistyped something; the newest is right
CODE_DIGITS = 8
DAYS_COUNTED = 14
BY_THEMSELVES = Actor.system("pre-registration")


class Said(msgspec.Struct, frozen=True):
    """What the pilgrim said, checked."""

    called: str
    number: str
    country: str
    born: date


@dataclass(frozen=True, slots=True)
class Expected:
    """Somebody who comes, as the desk sees them."""

    id: int
    code: str
    arrives_on: date
    language: str
    said: Said


def check_said(typed: Mapping[str, str]) -> tuple[dict[str, DomainError], Said | None]:
    """What is wrong in the form, by field; and what it says where nothing is. A read passport knows its day of birth."""
    faults, facts = check_pilgrim({**typed, "kind": "passport", "mobile": ""})
    today, born = local_day(clock.now()), facts.get("birth_date") or rules.typed_day(typed.get("born", ""))
    if not isinstance(born, date) or not today - OLDEST < born < today:
        faults["born"] = WrongDayOfBirth(field="born")
    arrives_on = rules.typed_day(typed.get("arrives_on", ""))
    if arrives_on is None or not today <= arrives_on <= today + FURTHEST:
        faults["arrives_on"] = WrongDayOfArrival(field="arrives_on")
    if faults:
        return faults, None
    country, number = cast("tuple[str, str]", facts["passport"])
    return {}, Said(" ".join(typed["called"].split()), number, country, cast("date", born))


def announce(session: Session, typed: Mapping[str, str], language: str) -> Coming:
    """Keep what a pilgrim says who comes; the code is for the desk. Raises the first fault of the form."""
    faults, said = check_said(typed)
    if said is None:
        raise next(iter(faults.values()))
    code = f"{secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)) + 10 ** (CODE_DIGITS - 1)}"
    made = Coming(
        code=code, country=said.country, language=language if language in LANGUAGES else "en", arrives_on=rules.typed_day(typed["arrives_on"]),
        sealed=seal(PURPOSE, msgspec.json.encode(said).decode(), code), document_digest=_digest(said.number), made_at=clock.now(),
    )  # fmt: skip
    session.add(made)
    session.flush()
    older = (
        select(Coming.id).where(Coming.document_digest == made.document_digest).order_by(Coming.id.desc()).offset(OF_ONE_DOCUMENT)
    )
    _forget(session, older.scalar_subquery())
    audit.record(session, BY_THEMSELVES, "announce", "coming", made.id)
    return made


def find_coming(session: Session, typed: str) -> list[Expected]:
    """Who gave this code or has a passport of this number, the newest first."""
    text = "".join(latin_digits(typed).split()).upper()
    try:
        number = rules.travel_document(text, "XXX", local_day(clock.now())).number
    except BadInput:
        number = text
    is_theirs = (Coming.code == text) | (Coming.document_digest == _digest(number))
    rows = session.scalars(
        select(Coming).where(is_theirs, Coming.sealed.is_not(None)).order_by(Coming.id.desc()).limit(OF_ONE_DOCUMENT)
    )
    return [_opened(row) for row in rows]


def expected(session: Session, coming_id: int) -> Expected:
    """Raises ComingNotFound, also for who is on record by now."""
    row = session.scalar(select(Coming).where(Coming.id == coming_id, Coming.sealed.is_not(None)))
    if row is None:
        raise ComingNotFound
    return _opened(row)


def receive(session: Session, actor: Actor, coming_id: int) -> Person:
    """Put who has come on record, or find who is already; what they said is forgotten. Raises ComingNotFound."""
    row = session.scalar(select(Coming).where(Coming.id == coming_id, Coming.sealed.is_not(None)).with_for_update())
    if row is None:
        raise ComingNotFound
    said = _opened(row).said
    person_id = known_or_enrolled(session, actor, said.called, row.language, "passport", said.country, said.number)
    person = session.get_one(Person, person_id)
    person.birth_date = person.birth_date or said.born
    row.sealed = row.document_digest = None
    row.person_id = person_id
    audit.record(session, actor, "receive", "coming", coming_id, after={"person_id": person_id})
    session.flush()
    return person


def expected_days(session: Session, today: date) -> list[tuple[date, int]]:
    """How many have said that they come, for the coming two weeks."""
    until = today + timedelta(days=DAYS_COUNTED)
    wanted = select(Coming.arrives_on, func.count()).where(
        Coming.arrives_on >= today, Coming.arrives_on < until, Coming.sealed.is_not(None)
    )
    return [(day, count) for day, count in session.execute(wanted.group_by(Coming.arrives_on).order_by(Coming.arrives_on))]


def forget_coming(session: Session) -> None:
    """What was said by who did not come, a month after their day."""
    overdue = select(Coming.id).where(Coming.arrives_on < local_day(clock.now()) - KEPT, Coming.sealed.is_not(None))
    _forget(session, overdue.scalar_subquery())


def _forget(session: Session, ids: object) -> None:
    session.execute(update(Coming).where(Coming.id.in_(ids)).values(sealed=None, document_digest=None))  # type: ignore[arg-type]


def _opened(row: Coming) -> Expected:
    said = msgspec.json.decode(open_sealed(PURPOSE, row.sealed or b"", row.code), type=Said)
    return Expected(row.id, row.code, row.arrives_on, row.language, said)


def _digest(number: str) -> bytes:
    return hmac.digest(load_settings().secret_key.encode(), f"coming {number}".encode(), "sha256")
