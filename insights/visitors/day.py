"""One counted day of a city at a glance, and what may be told of the day that is still open. Reads only.

The figures are those of `insights.visitors.queries`: two pages that tell of one day tell the same.
"""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from insights.rules import rounded_count, rounded_rial
from insights.visitors.models import VisitorCell, VisitorCount
from insights.visitors.rules import REST, Told

HOURS = range(24)
OPEN_DAY_TO = 100


class Part(Struct, frozen=True):
    """Purchases of an hour, a zone or a kind of shop; the key REST is what is not told apart."""

    key: str
    purchases: int
    amount_rial: int


class CityDay(Struct, frozen=True):
    """Figures are None where the day is not counted yet, or may not be told. Hours are those of the zones that are told, added up."""

    day: date
    is_counted: bool
    is_invented: bool
    people: int | None
    purchases: int | None
    amount_rial: int | None
    hours: tuple[Part, ...]
    zones: tuple[Part, ...]
    kinds: tuple[Part, ...]

    @property
    def peak(self) -> Part | None:
        """The busiest hour that is told."""
        busiest = max(self.hours, key=lambda one: one.purchases)
        return busiest if busiest.purchases else None


def city_day(session: Session, city_id: int, day: date) -> CityDay:
    """Two queries, by the primary key."""
    count = session.get(VisitorCount, day)
    tables = (Told.DAY, Told.ZONE, Told.KIND, Told.HOUR)
    of_day = select(VisitorCell).where(VisitorCell.city_id == city_id, VisitorCell.day == day, VisitorCell.told_by.in_(tables))
    cells = session.scalars(of_day).all()
    whole = next((cell for cell in cells if cell.told_by == Told.DAY), None)
    hours = dict.fromkeys(HOURS, (0, 0))
    for cell in cells:
        if cell.told_by == Told.HOUR and cell.key != REST:
            purchases, amount_rial = hours[int(cell.key)]
            hours[int(cell.key)] = purchases + cell.purchases, amount_rial + cell.amount_rial
    return CityDay(
        day=day,
        is_counted=count is not None and count.age >= 0,
        is_invented=count is not None and count.is_invented,
        people=rounded_count(whole.people) if whole else None,
        purchases=rounded_count(whole.purchases) if whole else None,
        amount_rial=rounded_rial(whole.amount_rial) if whole else None,
        hours=tuple(_part(str(hour), *of_hour) for hour, of_hour in hours.items()),
        zones=_parts(cells, Told.ZONE),
        kinds=_parts(cells, Told.KIND),
    )


def _parts(cells: Sequence[VisitorCell], table: Told) -> tuple[Part, ...]:
    """The largest first, the rest last."""
    parts = [_part(cell.key, cell.purchases, cell.amount_rial) for cell in cells if cell.told_by == table]
    return tuple(sorted(parts, key=lambda part: (part.key == REST, -part.amount_rial)))


def _part(key: str, purchases: int, amount_rial: int) -> Part:
    return Part(key, rounded_count(purchases), rounded_rial(amount_rial))


# By day and terminal: what no till took has no city.
_SO_FAR = text("""
    SELECT count(*) FROM ledger.entry e
    WHERE e.business_date = :day AND e.kind = 1 AND e.terminal_id IN (
        SELECT t.id FROM terminal t JOIN branch b ON b.id = t.branch_id JOIN place p ON p.id = b.place_id WHERE p.city_id = :city_id
    )
""")


def purchases_so_far(session: Session, city_id: int, day: date) -> int:
    """Purchases of a day that is open, to the nearest hundred. One query.

    No amount, and no zone: what is read twice can be subtracted, so a finer figure of an open day tells each purchase as it is made.
    """
    found: int = session.execute(_SO_FAR, {"city_id": city_id, "day": day}).scalar_one()
    return (found + OPEN_DAY_TO // 2) // OPEN_DAY_TO * OPEN_DAY_TO
