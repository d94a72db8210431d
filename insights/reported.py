"""Pilgrim counts as authorities reported them, kept beside the code with their sources; never mixed with our own figures."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

from msgspec import Struct

FILE = Path(__file__).parent / "data" / "iran_pilgrim_arrivals_reported.csv"
MODES = ("private_car", "on_foot", "bus", "rail", "air")


class ReportedCount(Struct, frozen=True):
    """One published statement. Persons; None where the source gives no figure or one that cannot be right (see `note`)."""

    id: str
    place: str
    period_jalali: str
    start: date | None
    end: date | None
    total: int
    modes: dict[str, int]
    occupancy_city_pct: int | None
    free_lodging_person_nights: int | None
    note: str
    source: str

    @property
    def modes_agree(self) -> bool:
        """Whether the modes of travel add up to the total, to the person."""
        return set(self.modes) == set(MODES) and sum(self.modes.values()) == self.total


@cache
def reported_counts() -> tuple[ReportedCount, ...]:
    """All statements, latest period first.

    Raises ValueError where a row is not valid: a period that ends before it begins, a share above 100, a mode above the total.
    """
    with FILE.open(encoding="utf-8", newline="") as file:
        counts = [_read(row) for row in csv.DictReader(file)]
    return tuple(sorted(counts, key=lambda count: count.end or date.min, reverse=True))


def latest_by_mode(place: str) -> ReportedCount:
    """The latest statement for a place whose modes of travel add up to its total."""
    return next(count for count in reported_counts() if count.place == place and count.modes_agree)


def _read(row: dict[str, str]) -> ReportedCount:
    count = ReportedCount(
        id=row["id"],
        place=row["place"],
        period_jalali=row["period_jalali"],
        start=_date(row["start"]),
        end=_date(row["end"]),
        total=int(row["total"]),
        modes={mode: int(row[mode]) for mode in MODES if row[mode]},
        occupancy_city_pct=_number(row["occupancy_city_pct"]),
        free_lodging_person_nights=_number(row["free_lodging_person_nights"]),
        note=row["note"],
        source=row["source"],
    )
    if count.start and count.end and count.end < count.start:
        raise ValueError(f"{count.id} ends before it begins")
    if count.occupancy_city_pct is not None and not 0 <= count.occupancy_city_pct <= 100:
        raise ValueError(f"{count.id} has an occupancy outside 0…100 %")
    if any(mode > count.total for mode in count.modes.values()):
        raise ValueError(f"{count.id} has a mode of travel above its total")
    if not count.source:
        raise ValueError(f"{count.id} names no source")
    return count


def _number(text: str) -> int | None:
    return int(text) if text else None


def _date(text: str) -> date | None:
    return date.fromisoformat(text) if text else None
