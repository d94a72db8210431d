"""Ceilings and rate sheets. Both are only added: of those that cover a night, the newest counts."""

from collections.abc import Mapping
from datetime import date

from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.outbox import publish
from merchants.catalogue.rules.prices import MOST_RIAL
from reservations.errors import (
    AboveCeiling,
    ClassNotFound,
    NoCeiling,
    ReasonNeeded,
    SheetIsDecided,
    SheetIsEmpty,
    WrongCount,
    WrongNights,
)
from reservations.events import RateSheetDecided
from reservations.lodging.models import Lodging, Rate, RateSheet, RoomCeiling
from reservations.lodging.queries import classes_of, nights_of, rates_of, sheet_of
from reservations.lodging.rules import Lets, LodgingKind, Nights

MOST_WHY = 400
MOST_SHEET_NIGHTS = 400


def set_ceiling(
    session: Session,
    actor: Actor,
    authority_id: int,
    *,
    kind: str,
    grade: int,
    lets: str,
    people: int,
    nights: Nights,
    amount_rial: int,
) -> RoomCeiling:
    """The most that one room for so many people, or one bed, may cost on these nights. Raises WrongCount, WrongNights."""
    if kind not in set(LodgingKind) or lets not in set(Lets) or not 0 <= grade <= 5:
        raise WrongCount(field="kind", most=5)
    people = 1 if lets == Lets.BED else people
    if not 1 <= people <= 20:
        raise WrongCount(field="people", most=20)
    _check_sheet_nights(nights)
    _check_amount(amount_rial)
    ceiling = RoomCeiling(
        authority_id=authority_id, kind=kind, grade=grade, lets=lets, people=people, nights=_range(nights),
        amount_rial=amount_rial, made_at=clock.now(),
    )  # fmt: skip
    session.add(ceiling)
    session.flush()
    facts = {"kind": kind, "grade": grade, "lets": lets, "people": people, "amount_rial": amount_rial}
    audit.record(session, actor, "set", "room ceiling", ceiling.id, after=facts | {"nights": f"{nights.first}/{nights.until}"})
    return ceiling


def hand_in_sheet(session: Session, actor: Actor, lodging: Lodging, nights: Nights, rates: Mapping[int, int]) -> RateSheet:
    """Ask the authority to approve prices: class → Rial a night. Raises WrongNights, SheetIsEmpty, ClassNotFound, WrongCount,
    AboveCeiling and NoCeiling, so that nobody waits for a decision that can only be no.
    """
    _check_sheet_nights(nights)
    if not rates:
        raise SheetIsEmpty(field="rates")
    known = {one.id for one in classes_of(session, lodging.id)}
    for class_id, amount_rial in rates.items():
        if class_id not in known:
            raise ClassNotFound(class_id=class_id)
        _check_amount(amount_rial)
    _check_ceilings(session, rates, nights)
    sheet = RateSheet(lodging_id=lodging.id, nights=_range(nights), state="handed_in", made_at=clock.now())
    session.add(sheet)
    session.flush()
    session.add_all(Rate(sheet_id=sheet.id, class_id=number, amount_rial=amount) for number, amount in rates.items())
    session.flush()
    audit.record(
        session, actor, "hand_in", "rate sheet", sheet.id, after={"rates": {str(key): rial for key, rial in rates.items()}}
    )
    return sheet


def decide_sheet(session: Session, actor: Actor, lodging: Lodging, sheet_id: int, *, is_approved: bool, why: str = "") -> RateSheet:
    """Approve a rate sheet, or refuse it with a reason. The same decision again changes nothing.

    Raises SheetNotFound, SheetIsDecided, ReasonNeeded, AboveCeiling, NoCeiling.
    """
    sheet = sheet_of(session, lodging.id, sheet_id, lock=True)
    state = "approved" if is_approved else "refused"
    if sheet.state == state:
        return sheet
    if sheet.state != "handed_in":
        raise SheetIsDecided(state=sheet.state)
    if (not is_approved and not why.strip()) or len(why) > MOST_WHY:
        raise ReasonNeeded(field="why", most=MOST_WHY)
    if is_approved:
        _check_ceilings(session, rates_of(session, [sheet.id])[sheet.id], nights_of_range(sheet.nights))
    sheet.state, sheet.decided_at, sheet.decided_by, sheet.why = state, clock.now(), actor.name, why.strip() or None
    audit.record(session, actor, "approve" if is_approved else "refuse", "rate sheet", sheet.id, why=why.strip() or None)
    publish(session, RateSheetDecided(sheet.id, state))
    return sheet


def _check_ceilings(session: Session, rates: Mapping[int, int], nights: Nights) -> None:
    """Each night from today on has a ceiling, and no price is above it."""
    today = local_day(clock.now())
    for class_id, told in nights_of(session, rates.keys(), nights).items():
        for night in told:
            if night.ceiling_rial is None and night.day >= today:
                raise NoCeiling(field=f"rate_{class_id}", day=night.day)
            if night.ceiling_rial is not None and rates[class_id] > night.ceiling_rial:
                raise AboveCeiling(
                    field=f"rate_{class_id}", rate_rial=rates[class_id], ceiling_rial=night.ceiling_rial, day=night.day
                )


def _check_sheet_nights(nights: Nights) -> None:
    if nights.until <= nights.first:
        raise WrongNights(field="until", fault="order")
    if len(nights) > MOST_SHEET_NIGHTS:
        raise WrongNights(field="until", fault="many", most=MOST_SHEET_NIGHTS)


def _check_amount(amount_rial: int) -> None:
    if not 0 < amount_rial <= MOST_RIAL:
        raise WrongCount(field="amount_rial", most=MOST_RIAL)


def _range(nights: Nights) -> Range[date]:
    return Range(nights.first, nights.until)


def nights_of_range(kept: Range[date] | None) -> Nights:
    """Raises ValueError for a range without an end, of which no row has one."""
    if kept is None or kept.lower is None or kept.upper is None:
        raise ValueError("nights without an end")
    return Nights(kept.lower, kept.upper)
