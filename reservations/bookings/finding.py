"""What a party may book or wait for: the houses of a city, and the classes of one.

A city is read as a whole, not night by night: where the newest rate sheet, the newest ceiling and one licence each cover the whole
stay, they decide every night of it. What is left over is looked at night by night, as a booking is.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Date, Row, bindparam, func, select, text
from sqlalchemy.dialects.postgresql import JSONB, Range
from sqlalchemy.orm import Session

from identity.models import Organisation
from places.directory.rules import walk_m
from places.models import City, Place
from reservations.bookings.models import Waiting
from reservations.bookings.rules.states import Wanted
from reservations.bookings.rules.waiting import Wish, first_kept, kept_for_others
from reservations.bookings.services.waiting_line import line_of_lodging
from reservations.lodging.models import Lodging
from reservations.lodging.queries import OF_A_NIGHT, classes_of, free_spots, nights_of, places_of
from reservations.lodging.rules import ForWhom, Lets, Nights, Offer, Party, fits

_STAY = "daterange(:first, :until)"
# The days are written into the statement, not bound to it: a plan for any days, settled on after a few searches, took a hundred times as long.
_SEARCH = text(f"""
    WITH sheet AS (
        SELECT DISTINCT ON (r.class_id) r.class_id, r.amount_rial, s.nights @> {_STAY} AS is_whole
        FROM rate_sheet s JOIN rate r ON r.sheet_id = s.id
        WHERE s.state = 'approved' AND s.nights && {_STAY}
        ORDER BY r.class_id, s.decided_at DESC, s.id DESC
    ), ceiling AS (
        SELECT DISTINCT ON (authority_id, kind, grade, lets, people) authority_id, kind, grade, lets, people, amount_rial,
               nights @> {_STAY} AS is_whole
        FROM room_ceiling WHERE nights && {_STAY}
        ORDER BY authority_id, kind, grade, lets, people, id DESC
    ), licence AS (
        SELECT lodging_id,
               bool_or(starts_on <= :first AND ends_on >= DATE :until - 1 AND (revoked_on IS NULL OR revoked_on >= :until)) AS is_whole
        FROM lodging_licence WHERE starts_on < :until AND ends_on >= :first GROUP BY lodging_id
    ), class AS MATERIALIZED (
        SELECT c.id, c.lodging_id, (:fits -> (c.lets || c.for_whom || c.people) -> 0)::int AS part,
               (:fits -> (c.lets || c.for_whom || c.people) -> 1)::int AS quantity, sheet.amount_rial AS rate_rial,
               ceiling.amount_rial AS ceiling_rial, sheet.is_whole AND ceiling.is_whole AND licence.is_whole AS is_plain
        FROM lodging l JOIN merchant m ON m.id = l.merchant_id JOIN lodging_class c ON c.lodging_id = l.id
        JOIN licence ON licence.lodging_id = l.id JOIN sheet ON sheet.class_id = c.id
        JOIN ceiling ON (ceiling.authority_id, ceiling.kind, ceiling.grade, ceiling.lets, ceiling.people)
                      = (l.authority_id, l.kind, l.grade, c.lets, c.people)
        WHERE l.city_id = :city AND l.is_open AND m.status = 'active' AND (NOT :accessible OR c.is_accessible)
          AND (:fits -> (c.lets || c.for_whom || c.people)) IS NOT NULL
    ), by_night AS (
        SELECT class.id, sum(rate.amount_rial)::bigint AS stay_rial
        FROM class JOIN lodging_class c ON c.id = class.id JOIN lodging l ON l.id = c.lodging_id
        {OF_A_NIGHT}
        WHERE NOT class.is_plain GROUP BY class.id
        HAVING bool_and(coalesce(licence.is_licensed AND rate.amount_rial <= ceiling.amount_rial, false))
    ), priced AS MATERIALIZED (
        SELECT id, lodging_id, part, quantity, rate_rial * (DATE :until - DATE :first) AS stay_rial
        FROM class WHERE is_plain AND rate_rial <= ceiling_rial
        UNION ALL
        SELECT id, lodging_id, part, quantity, by_night.stay_rial FROM by_night JOIN class USING (id)
    ), taken AS (
        SELECT unit_id, count(DISTINCT bed) AS beds FROM occupation
        WHERE released_at IS NULL AND nights && {_STAY} AND (held_until IS NULL OR held_until > :now) GROUP BY unit_id
    ), place AS (
        SELECT u.class_id, sum(u.beds) AS places, sum(u.beds - coalesce(taken.beds, 0)) AS free
        FROM lodging_unit u LEFT JOIN taken ON taken.unit_id = u.id
        WHERE u.closed_on IS NULL OR u.closed_on >= :until GROUP BY u.class_id
    ), waited AS (
        SELECT (wish.wanted ->> 0)::bigint AS class_id, sum((wish.wanted ->> 1)::int) AS places
        FROM waiting CROSS JOIN LATERAL jsonb_array_elements(waiting.wanted) AS wish (wanted)
        WHERE waiting.state = 'waiting' AND waiting.nights && {_STAY} AND lower(waiting.nights) >= :first_kept GROUP BY class_id
    ), offer AS (
        SELECT priced.lodging_id, part, stay_rial * quantity AS cost_rial,
               place.free - coalesce(waited.places, 0) >= quantity AS is_free
        FROM priced JOIN place ON place.class_id = priced.id AND place.places >= quantity
        LEFT JOIN waited ON waited.class_id = priced.id
    ), house AS (
        SELECT lodging_id,
               least(min(cost_rial) FILTER (WHERE part = 0),
                     min(cost_rial) FILTER (WHERE part = 1) + min(cost_rial) FILTER (WHERE part = 2)) AS any_rial,
               least(min(cost_rial) FILTER (WHERE part = 0 AND is_free),
                     min(cost_rial) FILTER (WHERE part = 1 AND is_free) + min(cost_rial) FILTER (WHERE part = 2 AND is_free)) AS free_rial
        FROM offer GROUP BY lodging_id
    ), found AS (
        SELECT lodging_id, free_rial IS NULL AS is_full, coalesce(free_rial, any_rial) AS least_rial FROM house
        WHERE any_rial IS NOT NULL AND (NOT :only_free OR free_rial IS NOT NULL)
    )
    SELECT lodging_id, is_full, least_rial FROM found
    WHERE (CAST(:most AS bigint) IS NULL OR least_rial <= :most)
      AND (is_full, least_rial, lodging_id) > (CAST(:seen_full AS boolean), CAST(:seen_rial AS bigint), CAST(:seen_id AS bigint))
    ORDER BY is_full, least_rial, lodging_id LIMIT :limit
""").bindparams(
    bindparam("first", type_=Date, literal_execute=True),
    bindparam("until", type_=Date, literal_execute=True),
    bindparam("first_kept", type_=Date, literal_execute=True),
    bindparam("fits", type_=JSONB),
)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody looks for in a city; `most_rial` is for the whole stay of all of them."""

    city_id: int
    nights: Nights
    party: Party
    is_accessible: bool = False
    most_rial: int | None = None
    only_free: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A house that takes the whole party for all nights, now or once others give it up.

    `least_rial` is the whole stay in the cheapest way that is free, in a full house in the cheapest there is. `waiting` counts who
    stands in line for any of these nights. `walk_m` is an estimate of the way from the middle of the city, None where nobody knows.
    """

    lodging_id: int
    names: dict[str, str]
    kind: str
    grade: int
    lon: float | None
    lat: float | None
    is_fictional: bool
    is_free: bool
    least_rial: int
    waiting: int
    walk_m: int | None

    @property
    def cursor(self) -> str:
        return f"{int(not self.is_free)}.{self.least_rial}.{self.lodging_id}"


def search(session: Session, sought: Sought, now: datetime, *, after: str | None = None, limit: int = 20) -> list[Found]:
    """Houses for the whole party: those with room before the full ones, and the cheapest first. Two queries.

    Each is licensed for all nights and asks for none more than its ceiling. `after` is the `cursor` of the last one seen; one that is
    none is taken as no cursor.
    """
    first, until = sought.nights.first, sought.nights.until
    seen_full, seen_rial, seen_id = _cursor(after)
    asked = {
        "first": first, "until": until, "now": now, "first_kept": first_kept(now), "fits": _fits(sought.party), "city": sought.city_id,
        "accessible": sought.is_accessible, "most": sought.most_rial, "only_free": sought.only_free, "seen_full": seen_full,
        "seen_rial": seen_rial, "seen_id": seen_id, "limit": limit,
    }  # fmt: skip
    page = session.execute(_SEARCH, asked).all()
    told = _told(session, [row.lodging_id for row in page], sought.nights)
    return [_found(row, told[row.lodging_id]) for row in page]


def _found(row: Row[Any], house: Row[Any]) -> Found:
    return Found(
        row.lodging_id, house.names, house.kind, house.grade, house.lon, house.lat, house.is_fictional, not row.is_full, row.least_rial,
        house.waiting, None if house.distance_m is None else walk_m(house.distance_m),
    )  # fmt: skip


def _fits(party: Party) -> dict[str, list[int]]:
    """As the statement looks them up: what is let, for whom and how many → which part of the party, how many of them."""
    return {f"{one.lets}{one.for_whom}{one.people}": [one.part, one.quantity] for one in fits(party)}


def _cursor(after: str | None) -> tuple[bool, int, int]:
    parts = (after or "").split(".")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 18 for part in parts):
        return False, -1, 0
    return parts[0] != "0", int(parts[1]), int(parts[2])


def _told(session: Session, lodging_ids: list[int], nights: Nights) -> dict[int, Row[Any]]:
    """House → what a list says of it, and how many wait."""
    waiting = select(func.count()).where(
        Waiting.lodging_id == Lodging.id, Waiting.state == "waiting", Waiting.nights.op("&&")(Range(nights.first, nights.until))
    )
    rows = (
        select(
            Lodging.id, Lodging.names, Lodging.kind, Lodging.grade, func.ST_X(Place.position).label("lon"),
            func.ST_Y(Place.position).label("lat"), Organisation.is_fictional, waiting.scalar_subquery().label("waiting"),
            func.ST_DistanceSphere(Place.position, City.position).label("distance_m"),
        )
        .join(City, City.id == Lodging.city_id)
        .join(Organisation, Organisation.id == Lodging.organisation_id)
        .outerjoin(Place, Place.id == Lodging.place_id)
        .where(Lodging.id.in_(lodging_ids))
    )  # fmt: skip
    return {row.id: row for row in session.execute(rows)}


@dataclass(frozen=True, slots=True)
class Offered:
    """The classes of a house, and how many stand in line for any of the nights."""

    offers: list[Offer]
    waiting: int


def offers_of(session: Session, lodging_id: int, nights: Nights, now: datetime) -> Offered:
    """Every class of a house for some nights, those that may not be booked with why. Five queries.

    What is kept for who waits is not free for who only comes now.
    """
    classes = classes_of(session, lodging_id)
    numbers = [one.id for one in classes]
    told, places = nights_of(session, numbers, nights), places_of(session, numbers, nights)
    free: dict[int, int] = {}
    for spot in free_spots(session, numbers, nights, now):
        free[spot.class_id] = free.get(spot.class_id, 0) + 1
    line = line_of_lodging(session, lodging_id)
    comer = Wish(0, tuple(Wanted(number, 1, Party()) for number in numbers), nights, nights.arrival)
    kept = kept_for_others(comer, line, now)
    offers = [
        Offer(
            one.id, one.names, Lets(one.lets), ForWhom(one.for_whom), one.people, one.is_accessible, places.get(one.id, 0),
            max(0, free.get(one.id, 0) - kept.get(one.id, 0)), sum(night.rate_rial for night in told[one.id]),
            next((night.bar for night in told[one.id] if night.bar), None),
        )
        for one in classes
    ]  # fmt: skip
    return Offered(offers, sum(comer.competes_with(earlier) for earlier in line))
