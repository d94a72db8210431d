"""Planning a visit, writing it down, calling it off; and the visit that repeated complaints ask for."""

from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from merchants.complaints.errors import ComplaintPicturesFull, NotOfThisUnion
from merchants.complaints.models import ShopInspector
from merchants.complaints.pictures import fit_to_keep
from merchants.complaints.queries import inspectors_of
from merchants.complaints.rules import typed_words
from merchants.dues.services import enter_fine
from merchants.inspections import queries
from merchants.inspections.errors import InspectionIsOver, InspectionNotFound, ShopNotOfUnion
from merchants.inspections.models import Inspection, InspectionPicture
from merchants.inspections.rules import (
    MOST_PICTURES,
    REPEATED_WITHIN,
    VISIT_WITHIN,
    Reason,
    Result,
    State,
    check_day,
    check_result,
    is_repeated,
)
from merchants.onboarding.ports import PaperStore

BY_ITSELF = Actor.system("repeated complaints")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A visit as its form has it; `inspector_id` None leaves it to the union's office."""

    key: str
    merchant_id: int
    planned_on: date
    inspector_id: int | None = None
    task: str = ""


def plan(session: Session, identity: Identity, union_id: int, wanted: Wanted) -> Inspection:
    """Plan a visit to a shop of the union. The same form sent again is the same visit.

    Raises ShopNotOfUnion, NotOfThisUnion, InspectionDayWrong, ComplaintWordsMissing (task).
    """
    if queries.union_of_shop(session, wanted.merchant_id) != union_id:
        raise ShopNotOfUnion(field="shop")
    if wanted.inspector_id is not None and wanted.inspector_id not in {one.id for one in inspectors_of(session, union_id)}:
        raise NotOfThisUnion(field="inspector")
    check_day(wanted.planned_on, local_day(clock.now()), "planned_on")
    task = typed_words(wanted.task, "task", is_needed=False)
    made = _put(session, identity.actor, union_id, wanted, Reason.PLANNED, task)
    found = queries.inspection_of_key(session, wanted.key) if made is None else session.get_one(Inspection, made)
    if found is None or found.union_id != union_id:
        raise InspectionNotFound
    return found


def _put(session: Session, actor: Actor, union_id: int, wanted: Wanted, reason: Reason, task: str) -> int | None:
    """The visit's id, None where one stands in its place."""
    facts = {
        "key": wanted.key, "union_id": union_id, "merchant_id": wanted.merchant_id, "inspector_id": wanted.inspector_id, "reason": reason,
        "planned_on": wanted.planned_on, "task": task,
    }  # fmt: skip
    made = session.scalar(insert(Inspection).values(facts).on_conflict_do_nothing().returning(Inspection.id))
    if made is not None:
        audit.record(
            session,
            actor,
            "plan",
            "inspection",
            made,
            after={"merchant": wanted.merchant_id, "reason": reason, "on": wanted.planned_on.isoformat()},
        )
    return made


def write_down(session: Session, identity: Identity, union_id: int, inspection_id: int, result: Result) -> Inspection:
    """What was found; a fine becomes a due of the shop, a day for a further visit plans it. Raises InspectionNotFound, InspectionIsOver, ResultIncomplete, InspectionDayWrong."""
    inspection = _planned(session, union_id, inspection_id)
    check_result(result, local_day(clock.now()))
    inspection.state, inspection.over_at = State.DONE, clock.now()
    inspection.marks = {item.value: mark.value for item, mark in result.marks.items()}
    inspection.findings, inspection.outcome, inspection.fine_rial = result.findings, result.outcome, result.fine_rial
    inspection.follow_up_on = result.follow_up_on
    facts = {"outcome": result.outcome, "fine_rial": result.fine_rial}
    audit.record(session, identity.actor, "write down", "inspection", inspection.id, after=facts)
    session.flush()
    if result.fine_rial is not None:
        enter_fine(session, identity, inspection)
    if result.follow_up_on is not None:
        wanted = Wanted(str(uuid4()), inspection.merchant_id, result.follow_up_on, inspection.inspector_id)
        _put(session, identity.actor, union_id, wanted, Reason.FOLLOW_UP, "")
    return inspection


def call_off(session: Session, identity: Identity, union_id: int, inspection_id: int, why: str) -> Inspection:
    """Raises InspectionNotFound, InspectionIsOver, ComplaintWordsMissing."""
    inspection = _planned(session, union_id, inspection_id)
    words = typed_words(why, "why")
    inspection.state, inspection.over_at = State.CALLED_OFF, clock.now()
    inspection.findings = words
    audit.record(session, identity.actor, "call off", "inspection", inspection.id, why=words[:400])
    return inspection


def add_picture(session: Session, store: PaperStore, union_id: int, inspection_id: int, content: bytes) -> InspectionPicture:
    """A photo of what was found, without what it says of its taking; the same again is the same photo.

    Raises InspectionNotFound, ComplaintPicturesFull, PaperIsEmpty, PaperTooLarge, PaperOfUnknownType.
    """
    inspection = queries.inspection_of(session, union_id, inspection_id, lock=True)
    kept, media_type = fit_to_keep(content)
    digest = sha256(kept).digest()
    held = queries.pictures_of(session, inspection.id)
    if (same := next((one for one in held if one.sha256 == digest), None)) is not None:
        return same
    if len(held) >= MOST_PICTURES:
        raise ComplaintPicturesFull(field="paper", most=MOST_PICTURES)
    picture = InspectionPicture(
        inspection_id=inspection.id,
        name=store.put(kept),
        media_type=media_type,
        size_bytes=len(kept),
        sha256=digest,
        at=clock.now(),
    )
    session.add(picture)
    session.flush()
    return picture


def visit_if_repeated(session: Session, merchant_id: int) -> int | None:
    """Plan one visit to a shop of which many complained within a month; None where nothing asks for it or it is planned already."""
    now = clock.now()
    union_id = queries.union_of_shop(session, merchant_id)
    if union_id is None or not is_repeated(queries.complaints_since(session, merchant_id, now - REPEATED_WITHIN)):
        return None
    inspector = session.scalar(select(ShopInspector.person_id).where(ShopInspector.merchant_id == merchant_id))
    wanted = Wanted(str(uuid4()), merchant_id, local_day(now) + VISIT_WITHIN, inspector)
    return _put(session, BY_ITSELF, union_id, wanted, Reason.COMPLAINTS, "")


def _planned(session: Session, union_id: int, inspection_id: int) -> Inspection:
    """Held, and still to come. Raises InspectionNotFound, InspectionIsOver."""
    inspection = queries.inspection_of(session, union_id, inspection_id, lock=True)
    if inspection.state != State.PLANNED:
        raise InspectionIsOver
    return inspection
