"""Aggregates over a day of purchases in one city."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import text
from sqlalchemy.orm import Session

from insights.rules import Cell, hidden_among, publishable, publishable_total, rounded
from kernel.calendar import TEHRAN

HOURS = range(24)


class CityDay(Struct, frozen=True):
    """What may be shown of one business day; `zones` and `shop_kinds` are ordered by amount, `hours` are 0…23, Tehran.

    An hour is the sum of what may be told of it zone by zone, as it is told of the days before (`insights.visitors`): were it whole, the
    rest of one zone could be computed from both. Its people are not told.
    """

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

# grouping() is a bit a column, 1 where the set leaves it out: 7 total, 1 by hour and zone, 5 by zone, 6 by kind of shop.
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
    GROUP BY GROUPING SETS ((), (hour, zone_id), (zone_id), (kind))
""")
_TOTAL, _BY_HOUR, _BY_ZONE, _BY_KIND = 7, 1, 5, 6


def city_day(session: Session, city_id: int, day: date) -> CityDay:
    """The purchases of a business day in a city, less reversed ones, by hour, zone and kind of shop. One query.

    People are counted as wallets. The key of a zone is its id, 0 outside every zone.
    """
    groups: dict[int, list[Cell]] = {_TOTAL: [], _BY_ZONE: [], _BY_KIND: []}
    by_zone: dict[int, list[Cell]] = {}
    for row in session.execute(_CITY_DAY, {"day": day, "city_id": city_id, "zone": TEHRAN.key}):
        key = {_TOTAL: None, _BY_HOUR: row.hour, _BY_ZONE: row.zone_id, _BY_KIND: row.kind}[row.dimension]
        group = by_zone.setdefault(row.zone_id, []) if row.dimension == _BY_HOUR else groups[row.dimension]
        group.append(Cell(key, row.people, row.purchases, row.amount_rial))
    zones = _largest_first(groups[_BY_ZONE])
    hidden = hidden_among(zones)
    told = {int(zone.key or 0) for index, zone in enumerate(zones) if index not in hidden}
    return CityDay(
        day=day,
        total=publishable_total(groups[_TOTAL][0]),
        hours=_hours(by_zone, told),
        zones=publishable(zones),
        shop_kinds=publishable(_largest_first(groups[_BY_KIND])),
    )


def _hours(by_zone: Mapping[int, Sequence[Cell]], told: Collection[int]) -> tuple[Cell, ...]:
    """The hours of the zones that are told, added up; of the others none may be. An hour is hidden where nothing of it is left."""
    shown: dict[int, Cell] = {}
    found: set[int] = set()
    for zone, cells in by_zone.items():
        hidden = hidden_among(cells) if zone in told else range(len(cells))
        for index, cell in enumerate(cells):
            hour = int(cell.key or 0)
            found.add(hour)
            if index not in hidden:
                before = shown.get(hour, Cell(hour, 0, 0, 0))
                shown[hour] = Cell(hour, 0, before.purchases + cell.purchases, before.amount_rial + cell.amount_rial)
    return tuple(rounded(shown[hour]) if hour in shown else Cell(hour, 0, 0, 0, is_hidden=hour in found) for hour in HOURS)


def _largest_first(cells: list[Cell]) -> list[Cell]:
    return sorted(cells, key=lambda cell: -cell.amount_rial)
