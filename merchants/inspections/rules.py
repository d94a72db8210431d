"""What is looked at, what comes of it, and when a visit is due by itself. Pure; days are given."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum

from msgspec import Struct

from merchants.inspections.errors import InspectionDayWrong, ResultIncomplete

MOST_WORDS = 1000
MOST_PICTURES = 8
MOST_AHEAD = timedelta(days=365)
# So many complaints of a shop in so long plan a visit within a week.
REPEATED, REPEATED_WITHIN, VISIT_WITHIN = 3, timedelta(days=30), timedelta(days=7)


class Reason(StrEnum):
    PLANNED = "planned"
    COMPLAINTS = "complaints"
    FOLLOW_UP = "follow_up"


class State(StrEnum):
    PLANNED = "planned"
    DONE = "done"
    CALLED_OFF = "called_off"


class Outcome(StrEnum):
    NOTHING = "nothing"
    WARNING = "warning"
    FINE = "fine"


class Item(StrEnum):
    """The checklist, in the order in which one walks through a shop."""

    LICENCE_SHOWN = "licence_shown"
    PRICES_SHOWN = "prices_shown"
    CEILINGS_KEPT = "ceilings_kept"
    RECEIPTS_GIVEN = "receipts_given"
    TERMINAL_WORKS = "terminal_works"
    DATA_RIGHT = "data_right"
    CLEAN = "clean"


class Mark(StrEnum):
    FINE = "fine"
    WRONG = "wrong"
    NOT_SEEN = "not_seen"


class Result(Struct, frozen=True):
    """`marks` is item → mark, of the whole checklist."""

    marks: dict[Item, Mark]
    findings: str
    outcome: Outcome
    fine_rial: int | None = None
    follow_up_on: date | None = None


def check_day(day: date, today: date, field: str) -> None:
    """Raises InspectionDayWrong."""
    if not today <= day <= today + MOST_AHEAD:
        raise InspectionDayWrong(field=field)


def typed_marks(typed: Mapping[str, str]) -> dict[Item, Mark]:
    """Raises ResultIncomplete where an item of the checklist has no mark."""
    marks = {}
    for item in Item:
        if typed.get(item) not in set(Mark):
            raise ResultIncomplete(field="checklist")
        marks[item] = Mark(typed[item])
    return marks


def check_result(result: Result, today: date) -> None:
    """Raises ResultIncomplete, InspectionDayWrong."""
    if not result.findings or len(result.findings) > MOST_WORDS:
        raise ResultIncomplete(field="findings")
    if (result.outcome is Outcome.FINE) != (result.fine_rial is not None) or (
        result.fine_rial is not None and result.fine_rial <= 0
    ):
        raise ResultIncomplete(field="fine")
    if result.follow_up_on is not None:
        check_day(result.follow_up_on, today + timedelta(days=1), "follow_up_on")


def is_repeated(complaints: int) -> bool:
    """Whether so many complaints of the last month ask for a visit."""
    return complaints >= REPEATED
