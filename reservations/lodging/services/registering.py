"""A merchant's property: its classes, rooms and beds, and the terms that bookings are made under."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import audit
from kernel.audit import Actor
from merchants.models import Merchant
from merchants.onboarding.models import Overseer
from places.models import City
from reservations.errors import CodeTaken, NameNeeded, NoAuthority, UnknownLodgingKind, WrongCount
from reservations.lodging.models import Lodging, LodgingClass, Unit
from reservations.lodging.rules import BASIS, ForWhom, Lets, LodgingKind, Terms, check_terms, terms_kept

MOST_NAME = 120
MOST_CODE = 12
MOST_BEDS = 60
MOST_PEOPLE_A_ROOM = 20


def register_lodging(
    session: Session,
    actor: Actor,
    merchant: Merchant,
    city: City,
    names: dict[str, str],
    *,
    kind: str,
    grade: int,
    place_id: int | None = None,
) -> Lodging:
    """Put a property on record under its union, else under the municipality of its city. It is bookable once it has rooms, a
    licence, an approved rate sheet and ceilings over it. Raises UnknownLodgingKind, WrongCount, NameNeeded, NoAuthority.
    """
    if kind not in set(LodgingKind):
        raise UnknownLodgingKind(field="kind")
    if not 0 <= grade <= 5:
        raise WrongCount(field="grade", most=5)
    authority_id = merchant.union_id or session.scalar(select(Overseer.organisation_id).where(Overseer.city_id == city.id))
    if authority_id is None:
        raise NoAuthority
    lodging = Lodging(
        merchant_id=merchant.id, organisation_id=merchant.organisation_id, authority_id=authority_id, city_id=city.id,
        place_id=place_id, names=_checked(names), kind=kind, grade=grade, deposit_basis_points=BASIS, terms=terms_kept(Terms()),
        is_open=True,
    )  # fmt: skip
    session.add(lodging)
    session.flush()
    audit.record(session, actor, "register", "lodging", lodging.id, after={"kind": kind, "grade": grade})
    return lodging


def place_lodging(session: Session, actor: Actor, lodging: Lodging, place_id: int) -> None:
    """Where it is on the map."""
    before, lodging.place_id = lodging.place_id, place_id
    if before != place_id:
        audit.record(session, actor, "place", "lodging", lodging.id, before={"place_id": before}, after={"place_id": place_id})


def _checked(names: dict[str, str]) -> dict[str, str]:
    cleaned = {language: name.strip() for language, name in names.items() if name.strip()}
    if not cleaned.get("fa") or max(map(len, cleaned.values())) > MOST_NAME:
        raise NameNeeded(field="name_fa", most=MOST_NAME)
    return cleaned


def add_class(
    session: Session,
    actor: Actor,
    lodging: Lodging,
    names: dict[str, str],
    *,
    lets: str,
    for_whom: str,
    people: int,
    is_accessible: bool = False,
) -> LodgingClass:
    """A kind of room, or of beds (which are for one each). Raises NameNeeded, WrongCount, UnknownLodgingKind."""
    if lets not in set(Lets) or for_whom not in set(ForWhom):
        raise UnknownLodgingKind(field="lets")
    people = 1 if lets == Lets.BED else people
    if not 1 <= people <= MOST_PEOPLE_A_ROOM:
        raise WrongCount(field="people", most=MOST_PEOPLE_A_ROOM)
    made = LodgingClass(
        lodging_id=lodging.id, names=_checked(names), lets=lets, for_whom=for_whom, people=people, is_accessible=is_accessible
    )
    session.add(made)
    session.flush()
    audit.record(session, actor, "add", "lodging class", made.id, after={"lets": lets, "for_whom": for_whom, "people": people})
    return made


def add_unit(session: Session, actor: Actor, of: LodgingClass, code: str, beds: int = 1) -> Unit:
    """A room of a class; `beds` counts where they are let one by one. Raises NameNeeded, WrongCount, CodeTaken."""
    code = code.strip()
    if not code or len(code) > MOST_CODE:
        raise NameNeeded(field="code", most=MOST_CODE)
    beds = beds if of.lets == Lets.BED else 1
    if not 1 <= beds <= MOST_BEDS:
        raise WrongCount(field="beds", most=MOST_BEDS)
    session.execute(select(Lodging.id).where(Lodging.id == of.lodging_id).with_for_update())
    if session.scalar(select(Unit.id).where(Unit.lodging_id == of.lodging_id, Unit.code == code)) is not None:
        raise CodeTaken(field="code")
    unit = Unit(lodging_id=of.lodging_id, class_id=of.id, code=code, beds=beds)
    session.add(unit)
    session.flush()
    audit.record(session, actor, "add", "lodging unit", unit.id, after={"code": code, "beds": beds})
    return unit


def close_unit(session: Session, actor: Actor, unit: Unit, first: date | None) -> None:
    """Let a room no more from that night on; None opens it again. Who has booked it keeps it."""
    before, unit.closed_on = unit.closed_on, first
    audit.record(
        session, actor, "close", "lodging unit", unit.id, before={"closed_on": str(before)}, after={"closed_on": str(first)}
    )


def set_terms(session: Session, actor: Actor, lodging: Lodging, terms: Terms, deposit_basis_points: int) -> None:
    """What bookings from now on are held to; those that were made keep what they were shown. Raises WrongCount."""
    check_terms(terms)
    if not 0 < deposit_basis_points <= BASIS:
        raise WrongCount(field="deposit", most=100)
    before = {"terms": lodging.terms, "deposit": lodging.deposit_basis_points}
    lodging.terms, lodging.deposit_basis_points = terms_kept(terms), deposit_basis_points
    after = {"terms": lodging.terms, "deposit": deposit_basis_points}
    audit.record(session, actor, "set_terms", "lodging", lodging.id, before=before, after=after)


def open_lodging(session: Session, actor: Actor, lodging: Lodging, *, is_open: bool) -> None:
    """Take bookings or take none; those that were made stand."""
    before, lodging.is_open = lodging.is_open, is_open
    audit.record(session, actor, "open", "lodging", lodging.id, before={"is_open": before}, after={"is_open": is_open})
