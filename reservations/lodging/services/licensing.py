"""Licences, written down and revoked by the authority of a lodging."""

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from reservations.errors import LicenceNotFound, NameNeeded, ReasonNeeded, WrongNights
from reservations.lodging.models import Licence, Lodging

MOST_NUMBER = 20
MOST_WHY = 400


def grant_licence(session: Session, actor: Actor, lodging: Lodging, number: str, starts_on: date, ends_on: date) -> Licence:
    """From `starts_on` to `ends_on`, both included, nights may be sold. Raises NameNeeded, WrongNights."""
    number = number.strip()
    if not number or len(number) > MOST_NUMBER:
        raise NameNeeded(field="number", most=MOST_NUMBER)
    if ends_on < starts_on:
        raise WrongNights(field="ends_on", fault="order")
    licence = Licence(lodging_id=lodging.id, number=number, starts_on=starts_on, ends_on=ends_on, made_at=clock.now())
    session.add(licence)
    session.flush()
    facts = {"number": number, "starts_on": str(starts_on), "ends_on": str(ends_on)}
    audit.record(session, actor, "grant", "lodging licence", licence.id, after=facts)
    return licence


def revoke_licence(session: Session, actor: Actor, lodging: Lodging, licence_id: int, why: str) -> Licence:
    """From tonight on no night is sold under it; who has booked is the lodging's to tell. Raises LicenceNotFound, ReasonNeeded."""
    why = why.strip()
    wanted = select(Licence).where(Licence.id == licence_id, Licence.lodging_id == lodging.id).with_for_update()
    licence = session.scalar(wanted.execution_options(populate_existing=True))
    if licence is None:
        raise LicenceNotFound(licence_id=licence_id)
    if not why or len(why) > MOST_WHY:
        raise ReasonNeeded(field="why", most=MOST_WHY)
    if licence.revoked_on is None:
        licence.revoked_on, licence.why = local_day(clock.now()), why
        audit.record(session, actor, "revoke", "lodging licence", licence.id, why=why)
    return licence
