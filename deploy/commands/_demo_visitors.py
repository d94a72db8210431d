"""Three weeks of visitors before the demonstration began: invented, marked so where they are shown, and kept as counted ones are."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from insights.visitors.models import VisitorCount
from insights.visitors.rules import RECOUNTED_AT, Aside, Counted, Standing, Told, kept_of
from insights.visitors.services import keep_day
from kernel import clock
from kernel.calendar import local_day
from merchants.rules import ShopKind
from places.queries import zones_of_city

Key = TypeVar("Key")
DAYS = 21
PEOPLE, THURSDAY, FRIDAY = 1_200, 3, 4
EACH_RIAL = 4_300_000
PURCHASES_EACH = 2
ZONE_SHARES = (46, 24, 12, 8, 7, 3)  # the last of what lies outside
HOUR_SHARES = (2, 1, 0, 0, 1, 2, 3, 4, 6, 9, 11, 12, 8, 4, 3, 4, 7, 10, 12, 13, 12, 9, 6, 4)
KIND_SHARES = (3, 9, 8, 7, 6, 2, 11, 24, 17, 13)
STANDING_SHARES = {Standing.ARRIVED: 24, Standing.HERE: 51, Standing.HOME: 25}
ORIGIN_SHARES = {"IRN": 62, "IRQ": 14, "PAK": 5, "AFG": 4, "LBN": 2, "BHR": 1, "IND": 1, "-": 11}
NIGHT_SHARES = {"0": 9, "1": 14, "2": 23, "3": 21, "4": 22, "7": 9, "14": 2}


def seed_visitors(session: Session, city_id: int) -> None:
    """Only where there is no day yet: counted days are never written over."""
    today = local_day(clock.now())
    zones = [*(str(zone.id) for zone in zones_of_city(session, city_id)), "0"]
    for ago in range(1, DAYS + 1):
        day = today - timedelta(days=ago)
        people = PEOPLE * (100 + 35 * (day.weekday() in (THURSDAY, FRIDAY)) + 7 * (ago * 5 % 9)) // 100
        count = VisitorCount(day=day, is_invented=True)
        session.add(count)
        keep_day(session, count, RECOUNTED_AT[-1], {city_id: kept_of(_groups(people, zones))})


def _groups(people: int, zones: Sequence[str]) -> list[Counted]:
    groups = [_persons(Told.DAY, "", "", people)]
    for zone, bought in _shared(people * PURCHASES_EACH, dict(zip(zones, ZONE_SHARES, strict=False))).items():
        groups.append(_group(Told.ZONE, "", zone, bought))
        groups += [
            _group(Told.HOUR, zone, str(hour), count) for hour, count in _shared(bought, dict(enumerate(HOUR_SHARES))).items()
        ]
        others = {other: share for other, share in zip(zones, ZONE_SHARES, strict=False) if other != zone}
        groups += [
            Counted(Told.MOVE, zone, other, count * 4 // 5, count, 0) for other, count in _shared(bought // 4, others).items()
        ]
        groups += [_group(aside, zone, "", bought // 2) for aside in (Aside.STAYED, Aside.CAME)]
    groups.append(_group(Aside.REPEATED, "", "", people))
    kinds = dict(zip(ShopKind, KIND_SHARES, strict=True))
    groups += [_group(Told.KIND, "", kind.value, bought) for kind, bought in _shared(people * PURCHASES_EACH, kinds).items()]
    for standing, of_standing in _shared(people, STANDING_SHARES).items():
        groups += [
            _persons(Told.STANDING, standing, origin, count) for origin, count in _shared(of_standing, ORIGIN_SHARES).items()
        ]
        if standing is Standing.ARRIVED:
            groups += [_persons(Told.STAY, "", nights, count) for nights, count in _shared(of_standing, NIGHT_SHARES).items()]
    return groups


def _shared(whole: int, shares: Mapping[Key, int]) -> dict[Key, int]:
    """The whole divided by shares, the rest of the division to the first."""
    parts = {key: whole * share // sum(shares.values()) for key, share in shares.items()}
    first = next(iter(parts))
    parts[first] += whole - sum(parts.values())
    return parts


def _group(table: Told | Aside, within: str, key: str, purchases: int) -> Counted:
    return Counted(table, within, key, purchases * 4 // 5, purchases, purchases * EACH_RIAL // PURCHASES_EACH)


def _persons(table: Told, within: str, key: str, people: int) -> Counted:
    return Counted(table, within, key, people, people * PURCHASES_EACH, people * EACH_RIAL)
