"""A person's own view of themselves, and the language they are spoken to in."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from identity.models import Person, SignIn
from identity.permissions import Identity
from identity.queries import person_cards
from kernel import audit
from kernel.errors import BadInput
from kernel.languages import LANGUAGES, in_language


@dataclass(frozen=True, slots=True)
class OwnProfile:
    """Of numbers the ends alone: a phone is read over shoulders. The export holds them whole."""

    person_id: int
    name: str
    language: str
    mobile_end: str
    birth_date: date | None
    documents: tuple[tuple[str, str, str], ...]


def profile_of(session: Session, identity: Identity) -> OwnProfile | None:
    person, sign_in = session.get(Person, identity.person_id), session.get(SignIn, identity.sign_in_id)
    if person is None or sign_in is None:
        return None
    [card] = person_cards(session, [person.id])
    return OwnProfile(
        person.id, in_language(person.names, sign_in.language), sign_in.language, card.mobile_end, person.birth_date, card.documents
    )


def choose_language(session: Session, identity: Identity, language: str) -> None:
    """The language of messages and pages from now on. Raises BadInput."""
    if language not in LANGUAGES:
        raise BadInput(field="language")
    sign_in, person = session.get_one(SignIn, identity.sign_in_id), session.get_one(Person, identity.person_id)
    before = {"language": sign_in.language}
    sign_in.language = person.language = language
    session.flush()
    audit.record(session, identity.actor, "choose_language", "sign_in", sign_in.id, before=before, after={"language": language})
