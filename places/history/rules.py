"""What a statement about a place's past may be. Pure; today is given."""

import re
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any

from msgspec import Struct

from kernel.languages import LANGUAGES
from kernel.text import latin_digits
from places.history.errors import WrongStatement

LONGEST_TEXT, LONGEST_SOURCE, LONGEST_LICENCE = 400, 200, 40
LUNAR_YEAR = 0.970224  # of a solar one
HIJRA = 621.57


class StatementKind(StrEnum):
    FOUNDED = "founded"
    REBUILT = "rebuilt"
    FORMER_NAME = "former_name"
    MAKERS = "makers"
    EVENT = "event"


class YearOf(StrEnum):
    """The calendar of a year."""

    SOLAR = "solar"
    LUNAR = "lunar"
    GREGORIAN = "gregorian"


class Statement(Struct, frozen=True):
    """As somebody says it; `year` with its `calendar`, or neither."""

    kind: StatementKind
    texts: dict[str, str]
    source: str
    licence: str
    year: int | None = None
    calendar: YearOf | None = None
    is_about: bool = False

    @property
    def year_ce(self) -> int | None:
        return None if self.year is None or self.calendar is None else gregorian(self.year, self.calendar)


def gregorian(year: int, calendar: YearOf) -> int:
    """The year of the Gregorian calendar in which most of it lies."""
    match calendar:
        case YearOf.SOLAR:
            return year + 621
        case YearOf.LUNAR:
            return round(year * LUNAR_YEAR + HIJRA)
    return year


def typed_statement(typed: Mapping[str, str], today: date) -> Statement:
    """The fields `history_…` of a form. Raises WrongStatement."""
    kind = typed.get("history_kind", "")
    if kind not in set(StatementKind):
        raise WrongStatement(field="history_kind")
    texts = {one: " ".join(typed.get(f"history_text_{one}", "").split()) for one in LANGUAGES}
    for one, text in texts.items():
        if len(text) > LONGEST_TEXT:
            raise WrongStatement(field=f"history_text_{one}", fault="text", most=LONGEST_TEXT)
    given = {one: text for one, text in texts.items() if text}
    if not given:
        raise WrongStatement(field="history_text_fa", fault="text", most=LONGEST_TEXT)
    year, calendar = _year(typed, today)
    source, licence = " ".join(typed.get("history_source", "").split()), typed.get("history_licence", "").strip()
    if not 0 < len(source) <= LONGEST_SOURCE:
        raise WrongStatement(field="history_source", fault="source")
    if not 0 < len(licence) <= LONGEST_LICENCE:
        raise WrongStatement(field="history_licence", fault="licence")
    return Statement(StatementKind(kind), given, source, licence, year, calendar, is_about=typed.get("history_about") == "1")


def _year(typed: Mapping[str, str], today: date) -> tuple[int | None, YearOf | None]:
    """Raises WrongStatement for what is no year, or one to come."""
    text = latin_digits(typed.get("history_year", "")).strip()
    if not text:
        return None, None
    calendar = typed.get("history_calendar", "")
    if calendar not in set(YearOf):
        raise WrongStatement(field="history_calendar")
    if not re.fullmatch("[0-9]{1,4}", text) or not 0 < gregorian(int(text), YearOf(calendar)) <= today.year or int(text) < 1:
        raise WrongStatement(field="history_year")
    return int(text), YearOf(calendar)


def statements_of_tags(tags: Mapping[str, Any], source: str, licence: str) -> list[Statement]:
    """What OpenStreetMap's tags tell of the past: `start_date` and `old_name` with its languages."""
    found = []
    begun = re.match(r"\s*(~|before |after |early |mid |late )?([0-9]{3,4})\b", str(tags.get("start_date") or ""))
    if begun is not None:
        year = int(begun[2])
        texts = {"fa": "ساخته یا گشوده شد", "en": "Built or opened", "ar": "بُني أو افتُتح", "ur": "تعمیر ہوا یا کھلا"}
        found.append(
            Statement(StatementKind.FOUNDED, texts, source, licence, year, YearOf.GREGORIAN, is_about=begun[1] is not None)
        )
    plain = str(tags.get("old_name") or "").strip()
    names = ({"fa": plain} if plain else {}) | {
        one: str(tags[f"old_name:{one}"]).strip() for one in LANGUAGES if tags.get(f"old_name:{one}")
    }
    if named := {one: name[:LONGEST_TEXT] for one, name in names.items() if name}:
        found.append(Statement(StatementKind.FORMER_NAME, named, source, licence))
    return found
