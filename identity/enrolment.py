"""A clerk puts a pilgrim on record: one document, one name, and a number if there is one. Known people are shown, never merged."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.orm import Session

from identity import rules
from identity.errors import DocumentTaken, PersonKnown, UnknownDocumentKind
from identity.models import Person
from identity.permissions import Role
from identity.queries import people_with_mobile, person_of_document
from identity.services import add_member, enrol_person
from kernel import clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput, DomainError
from kernel.settings import load_settings

LONGEST_NAME = 80


def check_pilgrim(typed: Mapping[str, str]) -> tuple[dict[str, DomainError], dict[str, object]]:
    """What is wrong in a clerk's form, by field; and what is right, as `enrol_person` takes it."""
    faults: dict[str, DomainError] = {}
    facts: dict[str, object] = {}
    called = " ".join(typed.get("called", "").split())
    if not (2 <= len(called) <= LONGEST_NAME and any(letter.isalpha() for letter in called)):
        faults["called"] = BadInput(field="called")
    try:
        facts |= _document(typed)
    except DomainError as error:
        faults[{"passport": "number", "country": "country"}.get(str(error.facts["field"]), "number")] = error
    if typed.get("mobile", "").strip():
        try:
            facts["mobile"] = rules.mobile_number(typed["mobile"])
        except DomainError as error:
            faults["mobile"] = error
    return faults, facts


def enrol_pilgrim(session: Session, actor: Actor, typed: Mapping[str, str], language: str, *, is_another: bool) -> Person:
    """Put a pilgrim on record from a form that `check_pilgrim` found right.

    Raises DocumentTaken (facts `person_id`), BadInput (language), and PersonKnown for a number that is on record, unless the
    clerk says that this is another person.
    """
    _faults, facts = check_pilgrim(typed)
    birth_date = facts.pop("birth_date", None)
    check_is_new(session, facts, is_another=is_another)
    names = {language: " ".join(typed["called"].split())}
    person = enrol_person(
        session,
        actor,
        names,
        language,
        is_fictional=load_settings().is_laboratory,
        **facts,  # type: ignore[arg-type]
    )
    person.birth_date = birth_date  # type: ignore[assignment]
    add_member(session, actor, person.id, Role.PILGRIM)
    return person


def check_is_new(session: Session, facts: Mapping[str, object], *, is_another: bool) -> None:
    """Nobody on record has this document, nor this number unless `is_another`; and nobody else enrols them until the commit.

    Raises DocumentTaken (facts `person_id`), PersonKnown.
    """
    mobile = str(facts.get("mobile", ""))
    keep_others_away(session, {name: fact for name, fact in facts.items() if name != "birth_date"})
    known = _known_by_document(session, facts)
    if known is not None:
        raise DocumentTaken(field="number", person_id=known, fault="at_desk")
    sharing = people_with_mobile(session, mobile) if mobile else []
    if sharing and not is_another:
        raise PersonKnown(people=tuple(sharing))


def _document(typed: Mapping[str, str]) -> dict[str, object]:
    number = typed.get("number", "")
    match typed.get("kind"):
        case "national_id":
            return {"national_id": rules.national_id(number)}
        case "foreign_code":
            return {"foreign_code": rules.foreign_code(number)}
        case "passport":
            read = rules.travel_document(number, typed.get("country", ""), local_day(clock.now()))
            return {"passport": (read.country, read.number), "birth_date": read.birth_date}
    raise UnknownDocumentKind(field="number")


def keep_others_away(session: Session, facts: Mapping[str, object]) -> None:
    """Two desks that enrol one document or one number at once come one after the other, so that the second sees the first."""
    for key in sorted(f"{name} {value}" for name, value in facts.items()):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"enrol {key}"})


def _known_by_document(session: Session, facts: Mapping[str, object]) -> int | None:
    if isinstance(passport := facts.get("passport"), tuple):
        country, number = passport
        return person_of_document(session, "passport", country, number)
    kind = "national_id" if "national_id" in facts else "foreign_code"
    return person_of_document(session, kind, "IRN", str(facts[kind]))


def known_or_enrolled(session: Session, actor: Actor, called: str, language: str, kind: str, country: str, number: str) -> int:
    """The person of a document, put on record as a pilgrim where nobody is; `number` is normalised. Returns the id."""
    keep_others_away(session, {kind: f"{country} {number}"})
    known = person_of_document(session, kind, country, number)
    if known is not None:
        return known
    document: dict[str, object] = {"passport": (country, number)} if kind == "passport" else {kind: number}
    person = enrol_person(
        session,
        actor,
        {language: called},
        language,
        is_fictional=load_settings().is_laboratory,
        **document,  # type: ignore[arg-type]
    )
    add_member(session, actor, person.id, Role.PILGRIM)
    return person.id
