"""Reads of lodging: what is free at which price, and what the desk and the authority look at."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger

from identity.models import Organisation
from places.models import City
from reservations.errors import ClassNotFound, LodgingNotFound, SheetNotFound
from reservations.lodging.models import Licence, Lodging, LodgingClass, Rate, RateSheet, RoomCeiling, Unit
from reservations.lodging.rules import Bar, Nights, bar

# The newest approved sheet and the newest ceiling that cover a night count; `rules.bar` says what follows from them.
OF_A_NIGHT = """
    CROSS JOIN LATERAL generate_series(CAST(:first AS date), CAST(:until AS date) - 1, interval '1 day') AS evening(at)
    CROSS JOIN LATERAL (SELECT evening.at::date AS day) AS night
    LEFT JOIN LATERAL (
        SELECT r.amount_rial FROM rate r JOIN rate_sheet s ON s.id = r.sheet_id
        WHERE r.class_id = c.id AND s.state = 'approved' AND s.nights @> night.day
        ORDER BY s.decided_at DESC, s.id DESC LIMIT 1
    ) AS rate ON true
    LEFT JOIN LATERAL (
        SELECT top.amount_rial FROM room_ceiling top
        WHERE top.authority_id = l.authority_id AND top.kind = l.kind AND top.grade = l.grade
          AND top.lets = c.lets AND top.people = c.people AND top.nights @> night.day
        ORDER BY top.id DESC LIMIT 1
    ) AS ceiling ON true
    CROSS JOIN LATERAL (
        SELECT EXISTS (
            SELECT FROM lodging_licence held
            WHERE held.lodging_id = l.id AND night.day BETWEEN held.starts_on AND held.ends_on
              AND (held.revoked_on IS NULL OR night.day < held.revoked_on)
        ) AS is_licensed
    ) AS licence
"""
_NIGHTS = text(f"""
    SELECT c.id AS class_id, night.day, l.is_open AND m.status = 'active' AS is_open, licence.is_licensed,
           rate.amount_rial AS rate_rial, ceiling.amount_rial AS ceiling_rial
    FROM lodging_class c JOIN lodging l ON l.id = c.lodging_id JOIN merchant m ON m.id = l.merchant_id
    {OF_A_NIGHT}
    WHERE c.id = ANY(:classes) ORDER BY c.id, night.day
""").bindparams(bindparam("classes", type_=ARRAY(BigInteger)))
# A place is a room let whole or one bed of a room; one that is held counts as taken until the hold ends, swept or not.
_FREE_PLACES = text("""
    SELECT u.class_id, u.id AS unit_id, place.bed
    FROM lodging_unit u CROSS JOIN LATERAL generate_series(1, u.beds) AS place(bed)
    WHERE u.class_id = ANY(:classes) AND (u.closed_on IS NULL OR u.closed_on >= :until)
      AND NOT EXISTS (
          SELECT FROM occupation o
          WHERE o.unit_id = u.id AND o.bed = place.bed AND o.released_at IS NULL
            AND o.nights && daterange(CAST(:first AS date), CAST(:until AS date))
            AND (o.held_until IS NULL OR o.held_until > :now)
      )
    ORDER BY u.id, place.bed
""").bindparams(bindparam("classes", type_=ARRAY(BigInteger)))
_TAKEN = text("""
    SELECT u.class_id, evening.at::date AS day, count(*) AS taken
    FROM generate_series(CAST(:first AS date), CAST(:until AS date) - 1, interval '1 day') AS evening(at)
    JOIN lodging_unit u ON u.lodging_id = :lodging
    JOIN occupation o ON o.unit_id = u.id AND o.released_at IS NULL AND o.nights @> evening.at::date
                     AND (o.held_until IS NULL OR o.held_until > :now)
    GROUP BY u.class_id, evening.at
""")


@dataclass(frozen=True, slots=True)
class NightFacts:
    """`bar` None = the night may be sold at `rate_rial`."""

    day: date
    rate_rial: int
    ceiling_rial: int | None
    bar: Bar | None


@dataclass(frozen=True, slots=True)
class Spot:
    """A room let whole (bed 1), or one bed of a room."""

    class_id: int
    unit_id: int
    bed: int


def _asked(nights: Nights, now: datetime) -> dict[str, Any]:
    return {"first": nights.first, "until": nights.until, "now": now}


def nights_of(session: Session, class_ids: Collection[int], nights: Nights) -> dict[int, list[NightFacts]]:
    """Each night of each class, in order, with its price or why it may not be sold. One query."""
    told: dict[int, list[NightFacts]] = {number: [] for number in class_ids}
    asked = {"classes": list(class_ids), "first": nights.first, "until": nights.until}
    for row in session.execute(_NIGHTS, asked):
        barred = bar(is_open=row.is_open, is_licensed=row.is_licensed, rate_rial=row.rate_rial, ceiling_rial=row.ceiling_rial)
        told[row.class_id].append(NightFacts(row.day, row.rate_rial or 0, row.ceiling_rial, barred))
    return told


def places_of(session: Session, class_ids: Collection[int], nights: Nights) -> dict[int, int]:
    """Class → how many rooms or beds it has that are not closed before the stay ends. One query."""
    lasting = or_(Unit.closed_on.is_(None), Unit.closed_on >= nights.until)
    rows = select(Unit.class_id, func.sum(Unit.beds)).where(Unit.class_id.in_(class_ids), lasting).group_by(Unit.class_id)
    return {row[0]: int(row[1]) for row in session.execute(rows)}


def free_spots(session: Session, class_ids: Collection[int], nights: Nights, now: datetime) -> list[Spot]:
    """The rooms and beds of some classes that are free all the nights, by unit and bed. One query."""
    rows = session.execute(_FREE_PLACES, _asked(nights, now) | {"classes": list(class_ids)})
    return [Spot(row.class_id, row.unit_id, row.bed) for row in rows]


def taken_by_night(session: Session, lodging_id: int, nights: Nights, now: datetime) -> dict[tuple[int, date], int]:
    """(class, night) → rooms or beds that are let or held. One query."""
    rows = session.execute(_TAKEN, _asked(nights, now) | {"lodging": lodging_id})
    return {(row.class_id, row.day): row.taken for row in rows}


def lock_classes(session: Session, class_ids: Collection[int]) -> list[LodgingClass]:
    """The classes by id, locked against everybody else who wants places of them."""
    wanted = select(LodgingClass).where(LodgingClass.id.in_(class_ids)).order_by(LodgingClass.id)
    return list(session.scalars(wanted.with_for_update().execution_options(populate_existing=True)))


def cities_with_lodging(session: Session) -> list[City]:
    """Where there is something to book, by id."""
    some = select(Lodging.id).where(Lodging.city_id == City.id, Lodging.is_open).exists()
    return list(session.scalars(select(City).where(some).order_by(City.id)))


def cities(session: Session) -> list[City]:
    return list(session.scalars(select(City).order_by(City.id)))


def lodging_by_id(session: Session, lodging_id: int) -> Lodging:
    """Raises LodgingNotFound."""
    found = session.get(Lodging, lodging_id)
    if found is None:
        raise LodgingNotFound(lodging_id=lodging_id)
    return found


def open_lodging_of_place(session: Session, place_id: int) -> int | None:
    """The house at a place that takes bookings."""
    return session.scalar(select(Lodging.id).where(Lodging.place_id == place_id, Lodging.is_open).order_by(Lodging.id).limit(1))


def own_lodging(session: Session, organisation_ids: Collection[int] | None, lodging_id: int) -> Lodging:
    """A lodging of one of these organisations. Raises LodgingNotFound, for others' too."""
    found = session.get(Lodging, lodging_id)
    if found is None or (organisation_ids is not None and found.organisation_id not in organisation_ids):
        raise LodgingNotFound(lodging_id=lodging_id)
    return found


def overseen_lodging(session: Session, authority_ids: Collection[int] | None, lodging_id: int) -> Lodging:
    """A lodging that one of these authorities answers for. Raises LodgingNotFound."""
    found = session.get(Lodging, lodging_id)
    if found is None or (authority_ids is not None and found.authority_id not in authority_ids):
        raise LodgingNotFound(lodging_id=lodging_id)
    return found


def lodgings_of(session: Session, organisation_ids: Collection[int] | None) -> list[Lodging]:
    """The lodgings of some organisations, by id."""
    rows = select(Lodging).order_by(Lodging.id)
    if organisation_ids is not None:
        rows = rows.where(Lodging.organisation_id.in_(organisation_ids))
    return list(session.scalars(rows.limit(200)))


@dataclass(frozen=True, slots=True)
class OverseenRow:
    """A lodging as its authority lists it: the end of its licence, and how many rate sheets wait."""

    lodging: Lodging
    is_fictional: bool
    licensed_until: date | None
    sheets_waiting: int


def overseen_page(session: Session, authority_ids: Collection[int] | None, *, after: int = 0, limit: int = 50) -> list[OverseenRow]:
    """Lodgings of some authorities by id. One query."""
    until = select(func.max(Licence.ends_on)).where(Licence.lodging_id == Lodging.id, Licence.revoked_on.is_(None))
    waiting = select(func.count()).where(RateSheet.lodging_id == Lodging.id, RateSheet.state == "handed_in")
    page = (
        select(Lodging, Organisation.is_fictional, until.scalar_subquery(), waiting.scalar_subquery())
        .join(Organisation, Organisation.id == Lodging.organisation_id)
        .where(Lodging.id > after)
        .order_by(Lodging.id)
        .limit(limit)
    )
    if authority_ids is not None:
        page = page.where(Lodging.authority_id.in_(authority_ids))
    return [OverseenRow(*row) for row in session.execute(page)]


def classes_of(session: Session, lodging_id: int) -> list[LodgingClass]:
    return list(session.scalars(select(LodgingClass).where(LodgingClass.lodging_id == lodging_id).order_by(LodgingClass.id)))


def class_of(session: Session, lodging_id: int, class_id: int) -> LodgingClass:
    """Raises ClassNotFound, for a class of another lodging too."""
    found = session.get(LodgingClass, class_id)
    if found is None or found.lodging_id != lodging_id:
        raise ClassNotFound(class_id=class_id)
    return found


def units_of(session: Session, lodging_id: int) -> list[Unit]:
    return list(session.scalars(select(Unit).where(Unit.lodging_id == lodging_id).order_by(Unit.class_id, Unit.code)))


def licences_of(session: Session, lodging_id: int) -> list[Licence]:
    return list(session.scalars(select(Licence).where(Licence.lodging_id == lodging_id).order_by(Licence.id.desc())))


def sheets_of(session: Session, lodging_id: int, most: int = 20) -> list[RateSheet]:
    """The newest rate sheets of a lodging."""
    rows = select(RateSheet).where(RateSheet.lodging_id == lodging_id).order_by(RateSheet.id.desc()).limit(most)
    return list(session.scalars(rows))


def rates_of(session: Session, sheet_ids: Collection[int]) -> dict[int, dict[int, int]]:
    """Sheet → class → Rial a night. One query."""
    told: dict[int, dict[int, int]] = {number: {} for number in sheet_ids}
    for rate in session.scalars(select(Rate).where(Rate.sheet_id.in_(sheet_ids))):
        told[rate.sheet_id][rate.class_id] = rate.amount_rial
    return told


def sheet_of(session: Session, lodging_id: int, sheet_id: int, *, lock: bool = False) -> RateSheet:
    """Raises SheetNotFound, for a sheet of another lodging too."""
    wanted = select(RateSheet).where(RateSheet.id == sheet_id, RateSheet.lodging_id == lodging_id)
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(wanted)
    if found is None:
        raise SheetNotFound(sheet_id=sheet_id)
    return found


def ceilings_of(session: Session, authority_id: int, most: int = 100) -> list[RoomCeiling]:
    """What an authority has set, the newest first."""
    rows = select(RoomCeiling).where(RoomCeiling.authority_id == authority_id).order_by(RoomCeiling.id.desc()).limit(most)
    return list(session.scalars(rows))
