"""How long a page may be said to be updated, and who may say that it is not any more. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from kernel.languages import LANGUAGES
from places.pages.errors import WrongUpdate

MOST_DAYS = 14
LONGEST_NOTE = 200


class Side(StrEnum):
    """Who says that a page is being updated, from the one who may least."""

    SHOP = "shop"
    UNION = "union"
    MUNICIPALITY = "municipality"


_ORDER = tuple(Side)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`last_on` is the last day on which the page says so."""

    last_on: date
    note: dict[str, str]


def check_last_day(last_on: date, today: date) -> None:
    """Raises WrongUpdate."""
    if not today <= last_on < today + timedelta(MOST_DAYS):
        raise WrongUpdate(field="last_on", most=MOST_DAYS)


def typed_note(typed: Mapping[str, str]) -> dict[str, str]:
    """`note_fa` and so on, in the languages that were written. Raises WrongUpdate."""
    given = {one: " ".join(typed.get(f"note_{one}", "").split()) for one in LANGUAGES}
    for one, text in given.items():
        if len(text) > LONGEST_NOTE:
            raise WrongUpdate(field=f"note_{one}", fault="note", most=LONGEST_NOTE)
    return {one: text for one, text in given.items() if text}


def may_change(side: Side, standing: Side) -> bool:
    """What a union or municipality looks into is not called finished by those it looks into."""
    return _ORDER.index(side) >= _ORDER.index(standing)
