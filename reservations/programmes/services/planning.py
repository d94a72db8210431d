"""The programmes of an office or a shop: what they cost and where they go, their sessions and how many seats of which kind."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from merchants.models import Merchant
from places.moon.queries import moon
from reservations.errors import NameNeeded, NoShop, UnknownLodgingKind, WrongCount
from reservations.lodging.rules import Terms, check_terms, terms_kept
from reservations.programmes.models import SeatPool, ShrineProgramme, ShrineSession
from reservations.programmes.rules import (
    KINDS,
    MOST_DAYS_BETWEEN,
    TOUR_KINDS,
    Prices,
    Way,
    check_least,
    check_prices,
    check_seats,
    check_session,
    check_way,
)

MOST_NAME = 120


def add_programme(
    session: Session,
    actor: Actor,
    organisation_id: int,
    city_id: int,
    names: dict[str, str],
    *,
    kind: str,
    days_between: int | None = None,
) -> ShrineProgramme:
    """A programme, free of charge at first; with `days_between` everybody has one turn in so many days.

    Raises NameNeeded, UnknownLodgingKind, WrongCount.
    """
    names = {language: name.strip() for language, name in names.items() if name.strip()}
    if not names.get("fa") or max(map(len, names.values())) > MOST_NAME:
        raise NameNeeded(field="name_fa", most=MOST_NAME)
    if kind not in KINDS:
        raise UnknownLodgingKind(field="kind")
    if days_between is not None and not 0 < days_between <= MOST_DAYS_BETWEEN:
        raise WrongCount(field="days_between", most=MOST_DAYS_BETWEEN)
    made = ShrineProgramme(
        organisation_id=organisation_id, city_id=city_id, kind=kind, names=names, days_between=days_between,
        is_open=True,
    )  # fmt: skip
    session.add(made)
    session.flush()
    audit.record(session, actor, "add", "shrine programme", made.id, after={"kind": kind, "days_between": days_between})
    return made


def set_prices(
    session: Session, actor: Actor, programme: ShrineProgramme, merchant: Merchant | None, prices: Prices, terms: Terms
) -> None:
    """What seats cost from now on and what cancelling does; those that are booked keep theirs. Raises WrongCount, NoShop."""
    check_prices(prices)
    check_terms(terms)
    if not prices.are_free and (merchant is None or merchant.kind not in TOUR_KINDS):
        raise NoShop(field="adult_rial")
    before = _priced(programme)
    programme.merchant_id = None if prices.are_free or merchant is None else merchant.id
    programme.adult_rial, programme.child_rial, programme.terms = prices.adult_rial, prices.child_rial, terms_kept(terms)
    audit.record(session, actor, "set_prices", "shrine programme", programme.id, before=before, after=_priced(programme))


def _priced(programme: ShrineProgramme) -> dict[str, object]:
    return {"adult_rial": programme.adult_rial, "child_rial": programme.child_rial, "terms": programme.terms}


def set_way(
    session: Session, actor: Actor, programme: ShrineProgramme, way: Way, least_people: int | None, decide_hours: int | None
) -> None:
    """What a tour is, and with how many people it goes. Raises NameNeeded, WrongCount, UnknownLodgingKind."""
    check_way(way)
    check_least(least_people, decide_hours)
    programme.stops, programme.languages = [dict(stop) for stop in way.stops], list(way.languages)
    programme.meeting_point = {language: text.strip() for language, text in way.meeting_point.items() if text.strip()}
    programme.guide = way.guide.strip()
    before = {"least_people": programme.least_people, "decide_hours": programme.decide_hours}
    programme.least_people, programme.decide_hours = least_people, decide_hours
    after = {"least_people": least_people, "decide_hours": decide_hours, "stops": len(way.stops)}
    audit.record(session, actor, "set_way", "shrine programme", programme.id, before=before, after=after)


def open_programme(session: Session, actor: Actor, programme: ShrineProgramme, *, is_open: bool) -> None:
    """Take bookings or take none; those that were made stand."""
    before, programme.is_open = programme.is_open, is_open
    audit.record(session, actor, "open", "shrine programme", programme.id, before={"is_open": before}, after={"is_open": is_open})


def add_session(
    session: Session, actor: Actor, programme: ShrineProgramme, starts_at: datetime, ends_at: datetime, seats: dict[str, int],
    *, follows_moon: bool = False,
) -> ShrineSession:  # fmt: skip
    """One date of a programme with its seats by kind; it may follow the moon from then on. Raises WrongNights, WrongCount."""
    check_session(starts_at, ends_at, clock.now())
    check_seats(seats)
    made = ShrineSession(programme_id=programme.id, starts_at=starts_at, ends_at=ends_at)
    if follows_moon:
        made.moon_year, made.moon_month, made.moon_day = moon(session).lunar(local_day(starts_at))
    session.add(made)
    session.flush()
    session.add_all(SeatPool(session_id=made.id, kind=kind, seats=number) for kind, number in seats.items() if number)
    session.flush()
    audit.record(
        session,
        actor,
        "add",
        "shrine session",
        made.id,
        after={"starts_at": starts_at.isoformat(), "seats": seats, "follows_moon": follows_moon},
    )
    return made
