"""Aggregates over a day of purchases in one city."""

from datetime import date

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from insights.rules import Cell, publishable, publishable_total
from kernel.calendar import TEHRAN

HOURS = range(24)


class CityDay(Struct, frozen=True):
    """What may be shown of one business day; `zones` and `shop_kinds` are ordered by amount, `hours` are 0…23, Tehran."""

    day: date
    total: Cell
    hours: tuple[Cell, ...]
    zones: tuple[Cell, ...]
    shop_kinds: tuple[Cell, ...]

    @property
    def peak(self) -> Cell | None:
        """The busiest hour that is shown."""
        shown = [cell for cell in self.hours if cell.purchases]
        return max(shown, key=lambda cell: cell.purchases) if shown else None

    @property
    def hides_something(self) -> bool:
        return any(cell.is_hidden for cell in (self.total, *self.hours, *self.zones, *self.shop_kinds))


# grouping() is a bit a column, 1 where the set leaves it out: 7 total, 3 by hour, 5 by zone, 6 by kind of shop.
_CITY_DAY = text("""
    SELECT grouping(hour, zone_id, kind) AS dimension, hour, zone_id, kind,
           count(DISTINCT wallet_id) AS people, count(*) AS purchases, coalesce(sum(amount), 0)::bigint AS amount_rial
    FROM (
        SELECT e.wallet_id, e.amount, coalesce(p.zone_id, 0) AS zone_id, m.kind,
               extract(hour FROM e.decided_at AT TIME ZONE :zone)::int AS hour
        FROM ledger.entry e
        JOIN terminal t ON t.id = e.terminal_id
        JOIN branch b ON b.id = t.branch_id
        JOIN merchant m ON m.id = b.merchant_id
        JOIN place p ON p.id = b.place_id
        LEFT JOIN ledger.entry_amend a ON a.original_date = e.business_date AND a.original_id = e.id
        WHERE e.business_date = :day AND e.kind = 1 AND p.city_id = :city_id AND a.reversed_by IS NULL
    ) AS purchase
    GROUP BY GROUPING SETS ((), (hour), (zone_id), (kind))
""")
_TOTAL, _BY_HOUR, _BY_ZONE, _BY_KIND = 7, 3, 5, 6


def city_day(session: Session, city_id: int, day: date) -> CityDay:
    """The purchases of a business day in a city, less reversed ones, by hour, zone and kind of shop. One query.

    People are counted as wallets. The key of a zone is its id, 0 outside every zone.
    """
    groups: dict[int, list[Cell]] = {_TOTAL: [], _BY_HOUR: [], _BY_ZONE: [], _BY_KIND: []}
    for row in session.execute(_CITY_DAY, {"day": day, "city_id": city_id, "zone": TEHRAN.key}):
        key = {_TOTAL: None, _BY_HOUR: row.hour, _BY_ZONE: row.zone_id, _BY_KIND: row.kind}[row.dimension]
        groups[row.dimension].append(Cell(key, row.people, row.purchases, row.amount_rial))
    by_hour = {cell.key: cell for cell in groups[_BY_HOUR]}
    return CityDay(
        day=day,
        total=publishable_total(groups[_TOTAL][0]),
        hours=publishable([by_hour.get(hour, Cell(hour, 0, 0, 0)) for hour in HOURS]),
        zones=publishable(_largest_first(groups[_BY_ZONE])),
        shop_kinds=publishable(_largest_first(groups[_BY_KIND])),
    )


def _largest_first(cells: list[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: -cell.amount_rial)
