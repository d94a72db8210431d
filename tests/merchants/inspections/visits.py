"""Visits of a union to one of its shops: one to come, and one that ended with a fine and a further visit."""

from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.permissions import Identity, Permission
from kernel import clock
from kernel.calendar import local_day
from merchants.inspections.models import Inspection
from merchants.inspections.rules import Item, Mark, Outcome, Result
from merchants.inspections.services import Wanted, plan, write_down


def union_of(officer: Identity) -> int:
    return next(iter(officer.organisations(Permission.MERCHANTS_INSPECTION_PLAN) or ()))


def planned(session: Session, officer: Identity, merchant_id: int, **more: str) -> Inspection:
    wanted = Wanted(str(uuid4()), merchant_id, local_day(clock.now()) + timedelta(days=2), officer.person_id, **more)
    return plan(session, officer, union_of(officer), wanted)


def fined() -> Result:
    marks = dict.fromkeys(Item, Mark.FINE) | {Item.PRICES_SHOWN: Mark.WRONG}
    return Result(marks, "نیمی از کالاها برچسب نداشت.", Outcome.FINE, 5_000_000, local_day(clock.now()) + timedelta(days=30))


def visits_of(session: Session, officer: Identity, merchant_id: int) -> dict[str, str]:
    coming = planned(session, officer, merchant_id, task="برچسب قیمت‌ها")
    done = planned(session, officer, merchant_id)
    write_down(session, officer, union_of(officer), done.id, fined())
    return {"inspection": str(coming.id), "visited": str(done.id)}
