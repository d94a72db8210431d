"""What several shops sold or were paid together, by day: for a union of its members, for a city's offices of the city.

A reader chooses the days, and may subtract one answer from another. So a day is told or it is not, whatever is asked around it: three
shops at least, none of which could be computed closely from the sum. A month is the sum of its days that are told. The day that is open
is told when it is over, else each sale could be read as it is made. What a city sold is what its page of visitors says, from the same rows.
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.orm import Session

from insights.reports.errors import TooFewShops
from insights.reports.rules import LEAST_SHOPS, Asked, By, Group, Report, Scope, is_told, jalali_months
from insights.rules import rounded_count, rounded_rial
from insights.visitors.models import VisitorCell, VisitorCount
from insights.visitors.rules import Told
from kernel import clock
from kernel.calendar import local_day
from merchants.models import Merchant
from merchants.queries import cities_in_reach, shops_in_reach
from merchants.settlement.models import PricedLine, SettlementBatch, Statement


def sums_of_days(session: Session, asked: Asked, scope: Scope) -> list[Group]:
    """Two columns, rounded: how many, and Rial. One query, two for sales. Raises TooFewShops where there is something and none of it is told."""
    whose = [scope.organisation_id or 0]
    cities = session.scalars(cities_in_reach(whose)).all() if asked.report is Report.SALES else []
    days = session.execute(_of_cities(asked, cities) if cities else _of_shops(asked, whose)).all()
    told = days if cities else [day for day in days if is_told(day.shops, day.amount_rial, day.largest_rial)]
    if days and not told:
        raise TooFewShops(least=LEAST_SHOPS)
    months = {day: first for first, last in jalali_months(asked.first, asked.last) for day in _days(first, last)}
    return _grouped(told, {day.day: months[day.day] if asked.by is By.MONTH else day.day for day in told})


def _grouped(days: Iterable[Row[Any]], keys: dict[date, date]) -> list[Group]:
    by_key: dict[date, tuple[int, int]] = {}
    for day in days:
        count, amount_rial = by_key.get(keys[day.day], (0, 0))
        by_key[keys[day.day]] = count + int(day.entries), amount_rial + int(day.amount_rial)
    return [Group(key, (rounded_count(count), rounded_rial(rial))) for key, (count, rial) in sorted(by_key.items())]


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _of_cities(asked: Asked, city_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    return (
        select(
            VisitorCell.day,
            func.sum(VisitorCell.purchases).label("entries"),
            func.sum(VisitorCell.amount_rial).label("amount_rial"),
        )
        .join(VisitorCount, VisitorCount.day == VisitorCell.day)
        .where(VisitorCell.city_id.in_(city_ids), VisitorCell.told_by == Told.DAY, VisitorCell.day.between(asked.first, asked.last))
        .where(~VisitorCount.is_invented)  # a report is of the ledger
        .group_by(VisitorCell.day)
    )


def _of_shops(asked: Asked, whose: Sequence[int]) -> Select[*tuple[Any, ...]]:
    """By day: what is counted, the sum, how many shops, and the sums of the largest two."""
    last = min(asked.last, local_day(clock.now()) - timedelta(days=1))
    shop = (_sold if asked.report is Report.SALES else _paid_out)(whose, asked.first, last).subquery("shop")
    largest = func.array_agg(aggregate_order_by(shop.c.amount_rial, shop.c.amount_rial.desc()))
    return select(
        shop.c.day, func.sum(shop.c.entries).label("entries"), func.sum(shop.c.amount_rial).label("amount_rial"), func.count().label("shops"),
        largest[1:2].label("largest_rial"),
    ).group_by(shop.c.day)  # fmt: skip


def _sold(whose: Sequence[int], first: date, last: date) -> Select[*tuple[Any, ...]]:
    day = PricedLine.business_date
    return (
        select(day.label("day"), func.count().label("entries"), func.sum(PricedLine.gross_rial).label("amount_rial"))
        .join(Merchant, Merchant.id == PricedLine.merchant_id)
        .where(PricedLine.part == "sale", day.between(first, last), shops_in_reach(whose))
        .group_by(day, PricedLine.merchant_id)
    )


def _paid_out(whose: Sequence[int], first: date, last: date) -> Select[*tuple[Any, ...]]:
    day = SettlementBatch.cut_off
    return (
        select(day.label("day"), func.count().label("entries"), func.sum(Statement.payout_rial).label("amount_rial"))
        .join(SettlementBatch, SettlementBatch.id == Statement.batch_id)
        .join(Merchant, Merchant.id == Statement.merchant_id)
        .where(Statement.payout_rial > 0, day.between(first, last), shops_in_reach(whose))
        .group_by(day, Statement.merchant_id)
    )
