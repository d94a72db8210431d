"""Use cases of permits: ask for one, give up, decide, withdraw; and the reminders before one ends."""

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import audit, clock
from kernel.calendar import local_day
from kernel.messages.rules import Notice
from kernel.messages.services import send
from kernel.settings import load_settings
from merchants.models import SELLS, Branch, Merchant
from merchants.onboarding.models import Overseer
from merchants.onboarding.ports import PaperStore
from merchants.onboarding.rules import media_type_of
from merchants.permits import queries
from merchants.permits.errors import PermitIncomplete, PermitIsPast, PermitPapersFull
from merchants.permits.models import Permit, PermitPaper
from merchants.permits.notices import BY_ACT, ENDS_SOON
from merchants.permits.rules import (
    MOST_PAPERS,
    Act,
    State,
    Wanted,
    check_wanted,
    checked_words,
    next_state,
    number_of,
    reminder_due,
)
from places.models import Place

SECRET_BYTES = 12
A_TURN = 200


@dataclass(frozen=True, slots=True)
class Where:
    """A branch of one's own, or else somewhere in a city."""

    organisation_id: int
    branch_id: int | None = None
    city_id: int | None = None


def ask(session: Session, identity: Identity, key: str, where: Where, said: Wanted) -> Permit:
    """Ask the municipality of the place's city; the same form again is the same request. The caller checks for whom one may ask.

    Raises PermitIncomplete.
    """
    now = clock.now()
    check_wanted(said, local_day(now))
    city_id = _city(session, where)
    municipality_id = session.scalar(select(Overseer.organisation_id).where(Overseer.city_id == city_id))
    if city_id is None or municipality_id is None:
        raise PermitIncomplete(field="where")
    facts = {
        "key": key, "secret": secrets.token_urlsafe(SECRET_BYTES), "city_id": city_id, "municipality_id": municipality_id,
        "organisation_id": where.organisation_id, "branch_id": where.branch_id, "kind": said.kind, "words": said.words, "spot": said.spot,
        "starts_on": said.starts_on, "ends_on": said.ends_on, "asked_by": identity.person_id, "asked_at": now,
    }  # fmt: skip
    made = session.scalar(insert(Permit).values(facts).on_conflict_do_nothing().returning(Permit.id))
    if made is None:
        return session.scalars(select(Permit).where(Permit.key == key, Permit.organisation_id == where.organisation_id)).one()
    after = {
        "kind": said.kind,
        "city_id": city_id,
        "branch_id": where.branch_id,
        "starts_on": str(said.starts_on),
        "ends_on": str(said.ends_on),
    }
    audit.record(session, identity.actor, "ask", "permit", made, after=after)
    return session.get_one(Permit, made)


def _city(session: Session, where: Where) -> int | None:
    if where.branch_id is None:
        return where.city_id
    own = (Branch.id == where.branch_id) & (Merchant.organisation_id == where.organisation_id) & SELLS
    of_branch = select(Place.city_id).join(Branch, Branch.place_id == Place.id).join(Merchant, Merchant.id == Branch.merchant_id)
    return session.scalar(of_branch.where(own))


def add_paper(session: Session, store: PaperStore, permit: Permit, content: bytes) -> PermitPaper:
    """A document with a request; the same again is the same paper. Raises PermitPapersFull, PaperTooLarge, PaperOfUnknownType."""
    queries.lock_permit(session, Permit.id == permit.id)
    next_state(State(permit.state), Act.GIVE_UP)  # once it is decided nothing is added
    media_type, digest = media_type_of(content), sha256(content).digest()
    held = queries.papers_of(session, permit.id)
    if (same := next((one for one in held if one.sha256 == digest), None)) is not None:
        return same
    if len(held) >= MOST_PAPERS:
        raise PermitPapersFull(field="paper", most=MOST_PAPERS)
    paper = PermitPaper(
        permit_id=permit.id, name=store.put(content), media_type=media_type, size_bytes=len(content), sha256=digest, at=clock.now()
    )
    session.add(paper)
    session.flush()
    return paper


def decide(session: Session, identity: Identity, municipality_ids: Collection[int], permit_id: int, act: Act, typed: str) -> Permit:
    """Grant with conditions, or refuse or withdraw with a reason. Raises PermitNotFound, PermitDecided, PermitIncomplete, PermitIsPast."""
    words = checked_words(act, typed)
    permit = queries.lock_permit(session, (Permit.id == permit_id) & Permit.municipality_id.in_(municipality_ids))
    before, now = permit.state, clock.now()
    state = next_state(State(before), act)
    if act is Act.GRANT:
        if permit.ends_on < local_day(now):
            raise PermitIsPast
        permit.conditions = words
    else:
        permit.why = words
    permit.state, permit.decided_by, permit.decided_at = state, identity.person_id, now
    session.flush()
    after = {"state": state, "conditions": permit.conditions}
    audit.record(session, identity.actor, act, "permit", permit_id, before={"state": before}, after=after, why=permit.why)
    _tell(session, permit, BY_ACT[act], act)
    return permit


def give_up(session: Session, identity: Identity, organisation_ids: Collection[int], permit_id: int) -> Permit:
    """Who asked does not want it any more. Raises PermitNotFound, PermitDecided."""
    permit = queries.lock_permit(session, (Permit.id == permit_id) & Permit.organisation_id.in_(organisation_ids))
    permit.state = next_state(State(permit.state), Act.GIVE_UP)
    permit.decided_by, permit.decided_at = identity.person_id, clock.now()
    session.flush()
    audit.record(
        session, identity.actor, Act.GIVE_UP, "permit", permit_id, before={"state": State.ASKED}, after={"state": permit.state}
    )
    return permit


def remind(session: Session) -> int:
    """Tell of permits that end soon, each time once; how many were told of. Run again it does nothing."""
    today, reminded = local_day(clock.now()), 0
    for permit in queries.ending_permits(session, today, A_TURN):
        days = reminder_due(permit.ends_on, permit.noticed_days, today)
        if days is not None:
            permit.noticed_days = days
            _tell(session, permit, ENDS_SOON, f"end {days}", days=str((permit.ends_on - today).days))
            reminded += 1
    return reminded


def _tell(session: Session, permit: Permit, notice: Notice, occasion: str, **facts: str) -> None:
    number = number_of(permit.id, local_day(permit.asked_at))
    said = {"number": number, "link": f"{load_settings().portal}/own-permits/{permit.id}", **facts}
    for person_id, mobile, language in queries.askers_to_tell(session, permit.organisation_id):
        send(session, notice, mobile, language, said, key=f"permit {permit.id} {occasion} {person_id}")
