"""A person's own view of themselves, the language they are spoken to in, and the calendar they read dates in."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from identity.claims.queries import OwnDocument, documents_of
from identity.models import Person, SignIn
from identity.permissions import Identity
from identity.queries import SHOWN_DIGITS
from kernel import audit
from kernel.calendar import Calendar
from kernel.errors import BadInput
from kernel.languages import LANGUAGES, in_language


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """Of numbers the ends alone: a phone is read over shoulders. The export holds them whole."""

    person_id: int
    name: str
    names: dict[str, str]
    language: str
    calendar: Calendar | None
    mobile_end: str
    birth_date: date | None
    documents: tuple[OwnDocument, ...]


def profile_of(session: Session, identity: Identity) -> OwnProfile | None:
    person, sign_in = session.get(Person, identity.person_id), session.get(SignIn, identity.sign_in_id)
    if person is None or sign_in is None:
        return None
    return OwnProfile(
        person.id, in_language(person.names, sign_in.language), person.names, sign_in.language, _calendar(person), (person.mobile or "")[-SHOWN_DIGITS:],
        person.birth_date, tuple(documents_of(session, person.id)),
    )  # fmt: skip


def choose_language(session: Session, identity: Identity, language: str) -> None:
    """The language of messages and pages from now on. Raises BadInput."""
    if language not in LANGUAGES:
        raise BadInput(field="language")
    sign_in, person = session.get_one(SignIn, identity.sign_in_id), session.get_one(Person, identity.person_id)
    before = {"language": sign_in.language}
    sign_in.language = person.language = language
    session.flush()
    audit.record(session, identity.actor, "choose_language", "sign_in", sign_in.id, before=before, after={"language": language})


def choose_calendar(session: Session, identity: Identity, calendar: str | None) -> Calendar | None:
    """The calendar of dates from now on; None goes by the language again. Raises BadInput."""
    if calendar is not None and calendar not in set(Calendar):
        raise BadInput(field="calendar")
    person = session.get_one(Person, identity.person_id)
    before = {"calendar": person.calendar}
    person.calendar = calendar
    session.flush()
    audit.record(session, identity.actor, "choose_calendar", "person", person.id, before=before, after={"calendar": calendar})
    return _calendar(person)


def _calendar(person: Person) -> Calendar | None:
    return Calendar(person.calendar) if person.calendar else None
