"""The complainant's side: complain, add a picture, answer a question. None of it needs a sign-in."""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import msgspec
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from identity.rules import mobile_number
from kernel import clock
from kernel.audit import Actor
from kernel.languages import DEFAULT_LANGUAGE, LANGUAGES
from kernel.outbox import publish
from kernel.settings import load_settings
from merchants.complaints import queries
from merchants.complaints.errors import (
    ComplaintMovedOn,
    ComplaintPicturesFull,
    ComplaintsNotTaken,
    ComplaintStands,
)
from merchants.complaints.events import ComplaintOpened
from merchants.complaints.models import Complaint, ComplaintPicture
from merchants.complaints.notices import BY_STATE
from merchants.complaints.pictures import fit_to_keep
from merchants.complaints.rules import MOST_PICTURES, Audience, Party, State, typed_cause, typed_words
from merchants.complaints.services.thread import note, seal_mobile, tell_complainant
from merchants.complaints.subjects import Subject
from merchants.onboarding.ports import PaperStore

COMPLAINANT = Actor.system("complainant")
OPENED, REPLIED = "complain", "reply"


@dataclass(frozen=True, slots=True)
class Said:
    """A complaint as its form has it; `key` is of the form itself."""

    key: str
    cause: str
    words: str = ""
    mobile: str = ""
    language: str = DEFAULT_LANGUAGE


def complain(session: Session, subject: Subject, said: Said, *, identity: Identity | None = None) -> Complaint:
    """Take a complaint down and send it to who answers for the shop. The same form sent twice is one complaint.

    Raises UnknownCause, ComplaintWordsMissing, WrongMobileNumber, ComplaintStands, ComplaintsNotTaken.
    """
    cause, words = typed_cause(said.cause), typed_words(said.words, "words", is_needed=False)
    mobile = mobile_number(said.mobile) if said.mobile.strip() else None
    if subject.union_id is None and subject.municipality_id is None:
        raise ComplaintsNotTaken
    now, bought = clock.now(), subject.bought
    facts = {
        "key": said.key, "merchant_id": subject.merchant_id, "branch_id": subject.branch_id, "trade_id": subject.trade_id,
        "union_id": subject.union_id, "municipality_id": subject.municipality_id, "inspector_id": subject.inspector_id,
        "cause": cause, "words": words, "person_id": identity.person_id if identity else None,
        "mobile_sealed": seal_mobile(mobile, said.key) if mobile else None, "language": _known(said.language),
        "state": State.ACKNOWLEDGED, "opened_at": now, "changed_at": now,
        "due_at": now + timedelta(hours=load_settings().complaint_answer_hours),
    }  # fmt: skip
    if bought is not None:
        facts |= {
            "business_date": bought.business_date, "entry_id": bought.entry_id, "amount_rial": bought.amount_rial,
            "bought_at": bought.bought_at, "lines": msgspec.to_builtins(bought.lines),
        }  # fmt: skip
    made = session.scalar(insert(Complaint).values(facts).on_conflict_do_nothing().returning(Complaint.id))
    if made is None:
        return _standing(session, said.key, subject, cause)
    complaint = queries.complaint_by_id(session, made)
    actor = identity.actor if identity else COMPLAINANT
    note(session, complaint, said.key, actor, Party.COMPLAINANT, OPENED, words, Audience.ALL)
    tell_complainant(session, complaint, BY_STATE[State.ACKNOWLEDGED])
    publish(session, ComplaintOpened(complaint.id, complaint.merchant_id))
    return complaint


def _standing(session: Session, key: str, subject: Subject, cause: str) -> Complaint:
    """The complaint of this form. Raises ComplaintStands where another form was faster: who holds a copy of a receipt may not read it."""
    own = session.scalar(select(Complaint).where(Complaint.key == key))
    if own is not None:
        return own
    bought = subject.bought
    same = (Complaint.cause == cause) & Complaint.closed_at.is_(None)
    if bought is not None:
        same &= (Complaint.business_date == bought.business_date) & (Complaint.entry_id == bought.entry_id)
    raise ComplaintStands(number=session.scalar(select(Complaint.id).where(same).limit(1)) or 0)


def add_picture(session: Session, store: PaperStore, complaint: Complaint, content: bytes) -> ComplaintPicture:
    """Keep a photo, without what it says of its taking; the same again is the same photo. `complaint` is held by the caller.

    Raises ComplaintMovedOn where it is closed, PaperIsEmpty, PaperTooLarge, PaperOfUnknownType, ComplaintPicturesFull.
    """
    kept, media_type = fit_to_keep(content)
    digest = sha256(kept).digest()
    held = queries.pictures_of(session, complaint.id)
    if (same := next((one for one in held if one.sha256 == digest), None)) is not None:
        return same
    if complaint.closed_at is not None:
        raise ComplaintMovedOn(state=complaint.state)
    if len(held) >= MOST_PICTURES:
        raise ComplaintPicturesFull(field="paper", most=MOST_PICTURES)
    picture = ComplaintPicture(
        complaint_id=complaint.id, name=store.put(kept), media_type=media_type, size_bytes=len(kept), sha256=digest, at=clock.now()
    )
    session.add(picture)
    session.flush()
    return picture


def reply(session: Session, complaint: Complaint, key: str, words: str, *, identity: Identity | None = None) -> Complaint:
    """What the complainant adds, by whatever way; a clock that stood still for it goes on. `complaint` is held by the caller.

    The same form again adds nothing. Raises ComplaintMovedOn where it is closed, ComplaintWordsMissing.
    """
    if queries.note_of_key(session, key) is not None:
        return complaint
    if complaint.closed_at is not None:
        raise ComplaintMovedOn(state=complaint.state)
    words = typed_words(words, "words")
    note(session, complaint, key, identity.actor if identity else COMPLAINANT, Party.COMPLAINANT, REPLIED, words, Audience.ALL)
    let_go_on(complaint)
    return complaint


def leave_number(session: Session, complaint: Complaint, mobile: str) -> None:
    """Where news are sent from now on. `complaint` is held by the caller. Raises WrongMobileNumber."""
    complaint.mobile_sealed = seal_mobile(mobile_number(mobile), complaint.key)
    complaint.version += 1
    note(session, complaint, str(uuid4()), COMPLAINANT, Party.COMPLAINANT, "leave number", "", Audience.OFFICE)
    tell_complainant(session, complaint, BY_STATE[State(complaint.state)])


def let_go_on(complaint: Complaint) -> None:
    """The complainant is waited for no longer."""
    now = clock.now()
    if complaint.waiting_since is not None:
        moved = queries.clock_of(complaint).goes_on(now)
        complaint.due_at, complaint.waiting_since, complaint.state = moved.due_at, None, State.IN_PROGRESS
    complaint.version, complaint.changed_at = complaint.version + 1, now


def _known(language: str) -> str:
    return language if language in LANGUAGES else DEFAULT_LANGUAGE
