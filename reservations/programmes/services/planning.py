"""An office's programmes, their sessions and how many seats of which kind."""

from datetime import datetime

from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from reservations.errors import NameNeeded, UnknownLodgingKind, WrongCount
from reservations.programmes.models import SeatPool, ShrineProgramme, ShrineSession
from reservations.programmes.rules import KINDS, MOST_DAYS_BETWEEN, check_seats, check_session

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
    """A programme free of charge; with `days_between` everybody has one turn in so many days.

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


def add_session(
    session: Session, actor: Actor, programme: ShrineProgramme, starts_at: datetime, ends_at: datetime, seats: dict[str, int]
) -> ShrineSession:
    """One date of a programme with its seats by kind. Raises WrongNights, WrongCount."""
    check_session(starts_at, ends_at, clock.now())
    check_seats(seats)
    made = ShrineSession(programme_id=programme.id, starts_at=starts_at, ends_at=ends_at)
    session.add(made)
    session.flush()
    session.add_all(SeatPool(session_id=made.id, kind=kind, seats=number) for kind, number in seats.items() if number)
    session.flush()
    audit.record(session, actor, "add", "shrine session", made.id, after={"starts_at": starts_at.isoformat(), "seats": seats})
    return made
