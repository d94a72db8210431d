"""The office's side: take up, ask, answer, close; and the shop's word in it. Whatever is written here was read under the lock."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.audit import Actor
from merchants.complaints import queries
from merchants.complaints.errors import (
    ComplaintMovedOn,
    ComplaintNotFound,
    NotOfThisUnion,
    OrderNotPossible,
    OwnComplaint,
)
from merchants.complaints.models import Complaint, ComplaintNote, ShopInspector
from merchants.complaints.notices import BY_STATE, NO_NEWS
from merchants.complaints.queries import Office
from merchants.complaints.rules import (
    CLOSED,
    Act,
    Audience,
    OrderState,
    Party,
    State,
    state_after,
    typed_words,
)
from merchants.complaints.services.complaining import let_go_on
from merchants.complaints.services.thread import note, tell_complainant
from merchants.models import Merchant

A_TURN = 200  # late complaints looked at in one transaction
CLOCK = Actor.system("complaint clock")
ANSWERED, ASSIGNED, ESCALATED = "answer", "assign", "escalate"
READERS = {Act.ASK: Audience.COMPLAINANT, Act.HEARD: Audience.OFFICE, Act.RESOLVE: Audience.ALL, Act.REFUSE: Audience.ALL}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody of an office asks for with one form. `audience` is who reads a note; other acts have their own readers."""

    act: Act
    key: str
    words: str
    audience: Audience = Audience.OFFICE


def handle(session: Session, identity: Identity, complaint_id: int, wanted: Wanted) -> Complaint:
    """One act of the office; the same form sent twice acts once.

    Raises ComplaintNotFound, OwnComplaint, ComplaintMovedOn where it is closed, ComplaintWordsMissing, OrderNotPossible where an
    order still waits for its second person.
    """
    office = _office(identity)
    complaint = queries.handled(session, office, complaint_id, lock=True)
    if queries.note_of_key(session, wanted.key) is not None:
        return complaint
    check_not_own(session, identity, complaint)
    _check_open(complaint)
    words = typed_words(wanted.words, "words")
    before = State(complaint.state)
    _move(session, complaint, wanted.act, words)
    party = Party.COMPLAINANT if wanted.act is Act.HEARD else office.party
    note(session, complaint, wanted.key, identity.actor, party, wanted.act, words, READERS.get(wanted.act, wanted.audience))
    is_told = complaint.state != before or wanted.act is Act.ASK
    if is_told and wanted.act is not Act.HEARD:
        tell_complainant(session, complaint, BY_STATE[State(complaint.state)])
    return complaint


def _move(session: Session, complaint: Complaint, act: Act, words: str) -> None:
    now, after = clock.now(), state_after(State(complaint.state), act)
    if after in CLOSED:
        order = queries.order_of(session, complaint.id)
        if order is not None and order.state == OrderState.PROPOSED:
            raise OrderNotPossible(fault="stands")
    if act is Act.HEARD or after in CLOSED:
        let_go_on(complaint)
    elif after is State.WAITING:
        complaint.waiting_since = queries.clock_of(complaint).waits(now).waiting_since
    complaint.state, complaint.changed_at, complaint.version = after, now, complaint.version + 1
    if after in CLOSED:
        complaint.closed_at, complaint.answer = now, words


def assign(session: Session, identity: Identity, complaint_id: int, person_id: int | None, *, for_shop: bool) -> Complaint:
    """Give a complaint to an inspector of the union, or back to its office (None); `for_shop`: this shop's coming ones too.

    Raises ComplaintNotFound, NotOfThisUnion, ComplaintMovedOn.
    """
    office = _office(identity)
    complaint = queries.handled(session, office, complaint_id, lock=True)
    _check_open(complaint)
    if person_id is not None and person_id not in {one.id for one in queries.inspectors_of(session, office.organisation_id)}:
        raise NotOfThisUnion(field="inspector")
    before, complaint.inspector_id = complaint.inspector_id, person_id
    complaint.changed_at = clock.now()
    if for_shop and person_id is not None:
        keep = insert(ShopInspector).values(merchant_id=complaint.merchant_id, person_id=person_id)
        session.execute(keep.on_conflict_do_update(index_elements=["merchant_id"], set_={"person_id": person_id}))
    facts = {"inspector": person_id, "for_shop": for_shop}
    audit.record(session, identity.actor, ASSIGNED, "complaint", complaint.id, before={"inspector": before}, after=facts)
    return complaint


def answer_for_shop(session: Session, identity: Identity, complaint_id: int, key: str, words: str) -> ComplaintNote:
    """What the shop says to it. The same form again says it once. Raises ComplaintNotFound, ComplaintMovedOn, ComplaintWordsMissing."""
    complaint = queries.of_shop(session, identity, complaint_id, lock=True)
    if (stands := queries.note_of_key(session, key)) is not None:
        return stands
    _check_open(complaint)
    complaint.changed_at = clock.now()
    return note(session, complaint, key, identity.actor, Party.SHOP, ANSWERED, typed_words(words, "words"), Audience.ALL)


def escalate_late(session: Session) -> int:
    """Show the municipality what was not answered in time and tell the complainant so; how many. Run again it does nothing."""
    found = queries.late(session, clock.now(), A_TURN)
    for complaint in found:
        complaint.escalated_at, complaint.version = clock.now(), complaint.version + 1
        note(session, complaint, str(uuid4()), CLOCK, Party.SYSTEM, ESCALATED, "", Audience.ALL)
        tell_complainant(session, complaint, NO_NEWS)
    return len(found)


def check_not_own(session: Session, identity: Identity, complaint: Complaint) -> None:
    """Raises OwnComplaint."""
    owner = session.get_one(Merchant, complaint.merchant_id).organisation_id
    if complaint.person_id == identity.person_id or any(grant.organisation_id == owner for grant in identity.grants):
        raise OwnComplaint


def _office(identity: Identity) -> Office:
    office = queries.office_of(identity)
    if office is None:
        raise ComplaintNotFound
    return office


def _check_open(complaint: Complaint) -> None:
    if complaint.closed_at is not None:
        raise ComplaintMovedOn(state=complaint.state)
