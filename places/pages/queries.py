"""Reads of what pages say about themselves."""

from dataclasses import dataclass
from datetime import datetime

from places.pages.models import PlacePage
from places.pages.rules import Side


@dataclass(frozen=True, slots=True)
class Updating:
    """That a page is being updated; `until` is the first instant at which it is not any more."""

    until: datetime
    by: Side
    note: dict[str, str]


def updating_of(page: PlacePage | None, now: datetime) -> Updating | None:
    """None where nobody said so, and once its time is over."""
    if page is None or page.updating_until is None or page.updating_until <= now:
        return None
    return Updating(page.updating_until, Side(page.updating_by or ""), page.updating_note)
