"""What is kept of a city's visitors, for a period that may be shown. Reads only; figures are rounded here, once, after all adding.

People are told of tables that divide people. How many bought in a zone, an hour or a kind of shop is not told: the same person may have
bought in two, and from three such counts one could compute how few did.
"""

from datetime import date, timedelta

from msgspec import Struct
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from insights.rules import rounded_count, rounded_rial
from insights.visitors.models import VisitorCell, VisitorCount
from insights.visitors.rules import NIGHTS, REST, Period, Standing, Told

OF_PEOPLE = (Told.STANDING, Told.SEEN)
OF_STAYS = (Told.STAY, Told.SEEN_STAY)
EACH_TO = 10_000


class Filter(Struct, frozen=True):
    """What figures are asked of: a zone, a kind of shop or an origin; `table` None is the whole city."""

    table: Told | None = None
    key: str = ""

    @property
    def is_of_people(self) -> bool:
        return self.table in (None, Told.STANDING)


class Part(Struct, frozen=True):
    """One row of a table: rounded. The key REST is what is not told apart."""

    within: str
    key: str
    people: int
    purchases: int
    amount_rial: int


class Day(Struct, frozen=True):
    """Arrivals, or purchases where a zone or a kind of shop is asked for; None where the day is not told."""

    day: date
    count: int | None


class Visitors(Struct, frozen=True):
    """A period of a city. `counted` of its days are counted, `hidden` of these had too few people; figures are None where nothing is told."""

    period: Period
    counted: int
    hidden: int
    is_invented: bool
    days: tuple[Day, ...]
    arrivals: int | None
    person_days: int | None
    purchases: int | None
    amount_rial: int | None
    each_rial: int | None  # by person and day, or by purchase
    tables: dict[Told, tuple[Part, ...]]

    @property
    def most(self) -> int:
        return max((day.count or 0 for day in self.days), default=0)

    @property
    def origins(self) -> tuple[Part, ...]:
        """Arrivals by origin, most first, the rest last."""
        by_key: dict[str, int] = {}
        for part in (*self.tables[Told.STANDING], *self.tables[Told.SEEN]):
            if part.within == Standing.ARRIVED:
                by_key[part.key] = by_key.get(part.key, 0) + part.people
        parts = [Part(Standing.ARRIVED, key, people, 0, 0) for key, people in by_key.items()]
        return tuple(sorted(parts, key=lambda part: (part.key == REST, -part.people)))

    @property
    def stays(self) -> tuple[Part, ...]:
        """Arrivals by the least nights of their class, the rest last; a class that nobody can be told of is left out."""
        people = dict.fromkeys((*map(str, NIGHTS), REST), 0)
        for table in OF_STAYS:
            for part in self.tables[table]:
                people[part.key] += part.people
        return tuple(Part(REST, key, count, 0, 0) for key, count in people.items() if count)


def last_counted_day(session: Session) -> date | None:
    return session.scalar(select(func.max(VisitorCount.day)).where(VisitorCount.age >= 0))


def visitors(session: Session, city_id: int, period: Period, asked: Filter) -> Visitors:
    """Three queries, by the primary key."""
    counts = session.execute(
        select(VisitorCount.day, VisitorCount.is_invented, VisitorCell.people.is_not(None))
        .outerjoin(
            VisitorCell, and_(VisitorCell.city_id == city_id, VisitorCell.told_by == Told.DAY, VisitorCell.day == VisitorCount.day)
        )
        .where(VisitorCount.day.between(period.first, period.last), VisitorCount.age >= 0)
    ).all()
    parts = _parts(session, city_id, period, asked)
    exact = {table: [part for told_by, part in parts if told_by is table] for table in Told}
    whole = _whole(exact, asked)
    paid = [part for part in whole if part.purchases]
    amount, purchases = sum(part.amount_rial for part in paid), sum(part.purchases for part in paid)
    divisor = sum(part.people for part in paid) if asked.is_of_people else purchases
    arrived = [part.people for part in whole if part.within == Standing.ARRIVED]
    return Visitors(
        period=period,
        counted=len(counts),
        hidden=sum(not is_told for _, _, is_told in counts),
        is_invented=any(is_invented for _, is_invented, _ in counts),
        days=_days(session, city_id, period, asked),
        arrivals=rounded_count(sum(arrived)) if arrived else None,
        person_days=rounded_count(sum(part.people for part in whole)) if whole and asked.is_of_people else None,
        purchases=rounded_count(purchases) if paid else None,
        amount_rial=rounded_rial(amount) if paid else None,
        each_rial=amount // divisor // EACH_TO * EACH_TO if divisor else None,
        tables={table: tuple(_rounded(part) for part in of_table) for table, of_table in exact.items()},
    )


def _parts(session: Session, city_id: int, period: Period, asked: Filter) -> list[tuple[Told, Part]]:
    """The cells of the period, the days of each added up; hours and moves, which are many, only where they are of what is asked for."""
    many = (Told.HOUR, Told.MOVE)
    tables = [table for table in Told if asked.table in (None, Told.ZONE) or table not in many]
    group = (VisitorCell.told_by, VisitorCell.within, VisitorCell.key)
    sums = (func.sum(VisitorCell.people), func.sum(VisitorCell.purchases), func.sum(VisitorCell.amount_rial))
    added = (
        select(*group, *sums)
        .where(VisitorCell.city_id == city_id, VisitorCell.told_by.in_(tables), VisitorCell.day.between(period.first, period.last))
        .group_by(*group)
        .order_by(*group)
    )
    if asked.table is Told.ZONE:
        of_zone = or_(VisitorCell.within == asked.key, and_(VisitorCell.told_by == Told.MOVE, VisitorCell.key == asked.key))
        added = added.where(or_(VisitorCell.told_by.not_in(many), of_zone))
    return [(Told(told_by), Part(within, key, *map(int, counted))) for told_by, within, key, *counted in session.execute(added)]


def _whole(exact: dict[Told, list[Part]], asked: Filter) -> list[Part]:
    """The parts that make up what is asked for."""
    if asked.table is None or asked.table is Told.STANDING:
        return [
            part
            for table in OF_PEOPLE
            for part in exact[table]
            if asked.table is None or (part.within != REST and part.key == asked.key)
        ]
    return [part for part in exact[asked.table] if part.key == asked.key]


def _days(session: Session, city_id: int, period: Period, asked: Filter) -> tuple[Day, ...]:
    count = VisitorCell.people if asked.is_of_people else VisitorCell.purchases
    by_day = (
        select(VisitorCell.day, func.sum(count))
        .where(VisitorCell.city_id == city_id, VisitorCell.day.between(period.first, period.last), _is_counted_by(asked))
        .group_by(VisitorCell.day)
    )
    told = {day: rounded_count(int(sum_)) for day, sum_ in session.execute(by_day)}
    length = (period.last - period.first).days + 1
    return tuple(Day(day, told.get(day)) for day in (period.first + timedelta(days=number) for number in range(length)))


def _is_counted_by(asked: Filter) -> ColumnElement[bool]:
    """The cells that a day's bar stands for."""
    if asked.table is not None and asked.table is not Told.STANDING:
        return and_(VisitorCell.told_by == asked.table, VisitorCell.within == REST, VisitorCell.key == asked.key)
    arrived = and_(VisitorCell.told_by.in_(OF_PEOPLE), VisitorCell.within == Standing.ARRIVED)
    return arrived if asked.table is None else and_(arrived, VisitorCell.key == asked.key)


def _rounded(part: Part) -> Part:
    return Part(part.within, part.key, rounded_count(part.people), rounded_count(part.purchases), rounded_rial(part.amount_rial))
