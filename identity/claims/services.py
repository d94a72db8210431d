"""Claiming what a paper says, and a desk that confirms it or does not. Each locks the person first."""

import secrets
from collections.abc import Mapping

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.claims.errors import ClaimNotFound, ClaimOnRecord, PaperNotSeen
from identity.claims.models import Claim
from identity.claims.queries import PURPOSE, claimed, lock_claim, lock_person, open_claim
from identity.claims.rules import DOCUMENTS, Kind, Said, State, said, typed_why
from identity.enrolment import keep_others_away
from identity.errors import DocumentTaken
from identity.models import Document, Person
from identity.permissions import Identity
from identity.queries import SHOWN_DIGITS, person_of_document
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import NotFound
from kernel.sealing import seal


def claim_paper(
    session: Session, actor: Actor, person_id: int, kind: str, typed: Mapping[str, str], replaces: int | None = None
) -> Claim:
    """Say what a paper says; claimed again before a desk has seen it, the newest is right. `replaces` is an own passport.

    Nothing is told of who else is on record: a document of somebody else waits for the desk like any other, and is refused there.
    Raises ClaimOnRecord, NotFound (`replaces`), and what `rules.said` raises.
    """
    says = said(kind, typed, local_day(clock.now()), replaces)
    person = lock_person(session, person_id)
    _check_is_new(session, person, Kind(kind), says)
    claim = open_claim(session, person_id, kind) or Claim(
        person_id=person_id, kind=kind, state=State.ASKED, key=secrets.token_hex(16)
    )
    claim.sealed, claim.asked_at = seal(PURPOSE, msgspec.json.encode(says).decode(), claim.key), clock.now()
    session.add(claim)
    session.flush()
    audit.record(session, actor, "ask", "claim", claim.id, after={"kind": kind})
    return claim


def withdraw_claim(session: Session, holder: Identity, claim_id: int) -> None:
    """Raises ClaimNotFound, also for somebody else's."""
    person, claim = lock_claim(session, claim_id)
    if person.id != holder.person_id:
        raise ClaimNotFound
    _decide(session, holder.actor, claim, State.WITHDRAWN, None)


def confirm_claim(session: Session, clerk: Identity, claim_id: int, *, is_paper_seen: bool) -> Person:
    """What the paper says stands on record from now on.

    Raises PaperNotSeen, ClaimNotFound, DocumentTaken (facts `person_id`) where another person is on record with it.
    """
    if not is_paper_seen:
        raise PaperNotSeen(field="seen")
    person, claim = lock_claim(session, claim_id)
    says = claimed(claim).said or Said()
    before = _put_on_record(session, person, Kind(claim.kind), says)
    _decide(session, clerk.actor, claim, State.CONFIRMED, clerk.person_id, before=before, after=_shown(Kind(claim.kind), says))
    return person


def refuse_claim(session: Session, clerk: Identity, claim_id: int, why: str) -> None:
    """The reason is for the person to read. Raises BadInput (`refusal`), ClaimNotFound."""
    reason = typed_why(why)
    _person, claim = lock_claim(session, claim_id)
    claim.why = reason
    _decide(session, clerk.actor, claim, State.REFUSED, clerk.person_id)


def _check_is_new(session: Session, person: Person, kind: Kind, says: Said) -> None:
    if kind in DOCUMENTS:
        if (
            person_of_document(session, kind, says.country, says.number) == person.id
            and _own_day(session, says, kind) == says.expires_on
        ):
            raise ClaimOnRecord(field="number")
        if says.replaces is not None and _own(session, person, Kind.PASSPORT, says.replaces) is None:
            raise NotFound
    elif (says.names and says.names.items() <= person.names.items()) or (
        kind is Kind.BIRTH_DATE and says.born == person.birth_date
    ):
        raise ClaimOnRecord(field="born" if says.born else "name_fa")


def _own_day(session: Session, says: Said, kind: Kind) -> object:
    of_kind = (Document.kind == kind) & (Document.country == says.country) & (Document.number == says.number)
    return session.scalar(select(Document.expires_on).where(of_kind))


def _own(session: Session, person: Person, kind: Kind, document_id: int | None) -> Document | None:
    """The own document that a new one takes the place of: the one that was named, or the only one of a kind that there is once."""
    own = select(Document).where(Document.person_id == person.id, Document.kind == kind)
    if kind is Kind.PASSPORT:
        own = own.where(Document.id == document_id)
    return session.scalar(own.order_by(Document.id).limit(1))


def _put_on_record(session: Session, person: Person, kind: Kind, says: Said) -> dict[str, object]:
    """Returns what stood there before, numbers by their ends."""
    if kind is Kind.NAMES:
        before: dict[str, object] = {"languages": sorted(says.names.keys() & person.names.keys())}
        person.names = {**person.names, **says.names}
        return before
    if kind is Kind.BIRTH_DATE:
        before = {"is_known": person.birth_date is not None}
        person.birth_date = says.born
        return before
    keep_others_away(session, {kind: f"{says.country} {says.number}"})
    known = person_of_document(session, kind, says.country, says.number)
    if known is not None and known != person.id:
        raise DocumentTaken(field="number", person_id=known, fault="at_desk")
    if known is not None:
        of_number = (Document.kind == kind) & (Document.country == says.country) & (Document.number == says.number)
        document = session.scalars(select(Document).where(of_number)).one()
    else:
        document = _own(session, person, kind, says.replaces) or Document(person_id=person.id, kind=kind, country="", number="")
    before = {"country": document.country, "ends_with": document.number[-SHOWN_DIGITS:]}
    document.country, document.number, document.expires_on = says.country, says.number, says.expires_on
    person.birth_date = person.birth_date or says.born
    session.add(document)
    session.flush()
    return before


def _shown(kind: Kind, says: Said) -> dict[str, object]:
    """What the audit says of a claim: no number, no name, no day."""
    if kind in DOCUMENTS:
        return {"kind": kind, "country": says.country, "ends_with": says.number[-SHOWN_DIGITS:]}
    return {"kind": kind, "languages": sorted(says.names)}


def _decide(
    session: Session, actor: Actor, claim: Claim, state: State, by: int | None, *,
    before: dict[str, object] | None = None, after: dict[str, object] | None = None,
) -> None:  # fmt: skip
    acts = {State.CONFIRMED: "confirm", State.REFUSED: "refuse", State.WITHDRAWN: "withdraw"}
    claim.state, claim.sealed, claim.decided_at, claim.decided_by = state, None, clock.now(), by
    session.flush()
    audit.record(session, actor, acts[state], "claim", claim.id, before=before, after=after or {"kind": claim.kind}, why=claim.why)
