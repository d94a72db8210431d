"""All that pages tell of a city, over every span and filter, subtracted from each other: nobody is found, and no shop.

The figures are those of the page of a day, of the page of visitors by day, week, month and season, of its sheets (the same
tables), and of an office's report by day and by month. Each must say what the purchases say that it is believed to stand for.
"""

from datetime import date, timedelta
from random import Random

from sqlalchemy.orm import Session

from insights.reports.queries import told
from insights.reports.rules import Asked, By, Report, Scope
from insights.rules import rounded_count, rounded_rial
from insights.visitors.day import city_day
from insights.visitors.models import VisitorCount
from insights.visitors.queries import Filter, visitors
from insights.visitors.rules import Period, Span, Told, kept_of, period_of
from insights.visitors.services import keep_day
from places.services import open_city_office
from tests import factories
from tests.insights.visitors.attack import (
    WITHOUT_AMOUNT,
    Bought,
    Group,
    Named,
    counted,
    dominated_groups,
    groups_of,
    small_groups,
    stands_for,
)
from tests.insights.visitors.test_rules import KINDS, city

FIRST = date(2026, 9, 18)  # the last days of a week, a month and a season
DAYS = [FIRST + timedelta(days=number) for number in range(8)]
SPANS = list(dict.fromkeys(period_of(span, day) for span in Span for day in DAYS))
ORIGINS = ("IRN", "IRQ", "PAK")


class Read:
    """What the attacker has read: the purchases that each figure stands for."""

    def __init__(self, purchases: list[Bought], by_day: dict[date, dict[Named, Group]]) -> None:
        self.purchases, self.by_day = purchases, by_day
        self.counts: set[Group] = set()
        self.amounts: set[Group] = set()

    def stands_for(self, period: Period, *names: Named) -> Group:
        days = (
            self.by_day.get(period.first + timedelta(days=number), {}) for number in range((period.last - period.first).days + 1)
        )
        return frozenset().union(*(day[name] for day in days for name in names if name in day))

    def note(self, group: Group, purchases: int, amount_rial: int | None = None) -> None:
        assert purchases == rounded_count(len(group))
        self.counts.add(group)
        if amount_rial is not None:
            assert amount_rial == rounded_rial(sum(self.purchases[place].rial for place in group))
            self.amounts.add(group)


def test_nothing_is_found_by_subtracting_any_two_figures_of_any_pages(session: Session) -> None:
    purchases = city(Random(19), 60, days=len(DAYS))
    place, office = factories.city(session), factories.organisation(session, "city_office")
    open_city_office(session, factories.ACTOR, office.id, place.id)
    read = Read(purchases, {day: _keep(session, place.id, day, number, purchases) for number, day in enumerate(DAYS)})
    session.flush()
    for day in DAYS:
        _read_day(read, session, place.id, period_of(Span.DAY, day))
    for period in SPANS:
        _read_period(read, session, place.id, period)
    for by in (By.DAY, By.MONTH):
        _read_report(read, session, office.id, by)
    whole = {read.stands_for(period, (Told.DAY, "", "")) for period in SPANS}
    assert len(read.counts) > 3 * len(whole) > len(whole) > len(DAYS), "much is told"
    assert small_groups(read.counts, purchases) == set()
    assert dominated_groups(read.amounts, purchases) == set()


def _keep(session: Session, city_id: int, day: date, number: int, purchases: list[Bought]) -> dict[Named, Group]:
    """Kept as a counted day is. What its figures stand for, as places in the list of all purchases."""
    places = [place for place, one in enumerate(purchases) if one.day == number]
    own = [purchases[place] for place in places]
    groups = groups_of(own)
    kept = kept_of(counted(groups, own))
    count = VisitorCount(day=day)
    session.add(count)
    keep_day(session, count, 22, {city_id: kept})
    return {name: frozenset(places[one] for one in group) for name, group in stands_for(kept, groups).items()}


def _read_day(read: Read, session: Session, city_id: int, period: Period) -> None:
    told_of = city_day(session, city_id, period.first)
    read.note(read.stands_for(period, (Told.DAY, "", "")), told_of.purchases or 0, told_of.amount_rial or 0)
    for table, parts in ((Told.ZONE, told_of.zones), (Told.KIND, told_of.kinds)):
        for part in parts:
            read.note(read.stands_for(period, (table, "", part.key)), part.purchases, part.amount_rial)
    for hour in told_of.hours:
        read.note(read.stands_for(period, *((Told.HOUR, zone, hour.key) for zone in KINDS)), hour.purchases, hour.amount_rial)


def _read_period(read: Read, session: Session, city_id: int, period: Period) -> None:
    seen = visitors(session, city_id, period, Filter())
    for table, parts in seen.tables.items():
        for part in parts:
            group = read.stands_for(period, (table, part.within, part.key))
            read.note(group, part.purchases, None if table in WITHOUT_AMOUNT else part.amount_rial)
    for zone in KINDS:
        _read_filtered(read, session, city_id, period, Filter(Told.ZONE, zone), (Told.ZONE, "", zone))
    for kind in {kind for kinds in KINDS.values() for kind in kinds}:
        _read_filtered(read, session, city_id, period, Filter(Told.KIND, kind), (Told.KIND, "", kind))
    for origin in ORIGINS:
        _read_filtered(
            read,
            session,
            city_id,
            period,
            Filter(Told.STANDING, origin),
            *((Told.STANDING, standing, origin) for standing in ("arrived", "here", "home")),
        )


def _read_filtered(read: Read, session: Session, city_id: int, period: Period, asked: Filter, *names: Named) -> None:
    """Its bars by day are those of days, which are read as a span of their own."""
    if period.span is Span.DAY:
        return
    seen = visitors(session, city_id, period, asked)
    read.note(read.stands_for(period, *names), seen.purchases or 0, seen.amount_rial or 0)


def _read_report(read: Read, session: Session, organisation_id: int, by: By) -> None:
    asked = Asked(Report.SALES, DAYS[0], DAYS[-1], by)
    for group in told(session, asked, Scope(organisation_id, is_pooled=True)).groups:
        assert isinstance(group.key, date)
        period = period_of(Span.DAY if by is By.DAY else Span.MONTH, group.key)
        read.note(read.stands_for(period, (Told.DAY, "", "")), *group.values)
