"""What a claim may say. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from identity import rules
from identity.claims.errors import UnknownClaimKind, WrongLastDay, WrongName
from identity.errors import WrongDayOfBirth
from kernel.errors import BadInput
from kernel.languages import LANGUAGES

NAME = (2, 80)
LONGEST_WHY = 200
OLDEST = timedelta(days=366 * 120)
LONGEST_PASSPORT = timedelta(days=366 * 20)


class Kind(StrEnum):
    PASSPORT = "passport"
    NATIONAL_ID = "national_id"
    FOREIGN_CODE = "foreign_code"
    NAMES = "names"
    BIRTH_DATE = "birth_date"


DOCUMENTS = (Kind.PASSPORT, Kind.NATIONAL_ID, Kind.FOREIGN_CODE)


class State(StrEnum):
    ASKED = "asked"
    CONFIRMED = "confirmed"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Said(Struct, frozen=True, omit_defaults=True):
    """What is claimed, checked: a document (Iranian ones are of country IRN), names by language, or a day of birth.

    `replaces` is the own document that the new one takes the place of; a passport's printed lines say the day of birth as well.
    """

    number: str = ""
    country: str = ""
    expires_on: date | None = None
    replaces: int | None = None
    names: dict[str, str] = {}
    born: date | None = None


def said(kind: str, typed: Mapping[str, str], today: date, replaces: int | None = None) -> Said:
    """What a form claims. Raises UnknownClaimKind, WrongPassportNumber, WrongPassportCountry, WrongLastDay, WrongNationalId,
    WrongForeignCode, WrongName, WrongDayOfBirth.
    """
    match kind:
        case Kind.PASSPORT:
            return _passport(typed, today, replaces)
        case Kind.NATIONAL_ID:
            return Said(rules.national_id(typed.get("number", "")), "IRN")
        case Kind.FOREIGN_CODE:
            return Said(rules.foreign_code(typed.get("number", "")), "IRN")
        case Kind.NAMES:
            return Said(names=_names(typed))
        case Kind.BIRTH_DATE:
            return Said(born=_born(typed.get("born", ""), today))
    raise UnknownClaimKind(field="kind")


def _passport(typed: Mapping[str, str], today: date, replaces: int | None) -> Said:
    """Printed lines say the last day themselves, by their check digits; what is typed by hand says it beside."""
    read = rules.travel_document(typed.get("number", ""), typed.get("country", ""), today)
    expires_on = read.expires_on or rules.typed_day(typed.get("expires_on", ""))
    if expires_on is None or not today <= expires_on <= today + LONGEST_PASSPORT:
        raise WrongLastDay(field="expires_on")
    return Said(read.number, read.country, expires_on, replaces, born=read.birth_date)


def _names(typed: Mapping[str, str]) -> dict[str, str]:
    """The spellings that were given; a language that is left empty keeps its own."""
    given = {language: " ".join(typed.get(f"name_{language}", "").split()) for language in LANGUAGES}
    names = {language: name for language, name in given.items() if name}
    least, most = NAME
    for language, name in names.items():
        if not (least <= len(name) <= most and any(letter.isalpha() for letter in name)):
            raise WrongName(field=f"name_{language}")
    if not names:
        raise WrongName(field=f"name_{next(iter(LANGUAGES))}")
    return names


def _born(typed: str, today: date) -> date:
    born = rules.typed_day(typed)
    if born is None or not today - OLDEST < born < today:
        raise WrongDayOfBirth(field="born")
    return born


def typed_why(typed: str) -> str:
    """Raises BadInput."""
    text = " ".join(typed.split())
    if not 0 < len(text) <= LONGEST_WHY:
        raise BadInput(field="refusal")
    return text
