"""Reads of claims, and the locks under which they are made and decided."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.claims.errors import ClaimNotFound
from identity.claims.models import ASKED, Claim
from identity.claims.rules import Kind, Said, State
from identity.models import Document, Person
from identity.queries import SHOWN_DIGITS
from kernel.sealing import open_sealed

PURPOSE = "claim"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim as its person sees it, and with the whole number a clerk; `said` is None once it is decided."""

    id: int
    person_id: int
    kind: Kind
    state: State
    asked_at: datetime
    decided_at: datetime | None
    why: str | None
    said: Said | None

    @property
    def ends_with(self) -> str:
        return self.said.number[-SHOWN_DIGITS:] if self.said else ""


@dataclass(frozen=True, slots=True)
class OwnDocument:
    """Of the number the end alone."""

    id: int
    kind: str
    country: str
    ends_with: str
    expires_on: date | None


def lock_person(session: Session, person_id: int) -> Person:
    """Whatever changes what stands on record of a person comes one after the other."""
    return session.scalars(
        select(Person).where(Person.id == person_id).with_for_update().execution_options(populate_existing=True)
    ).one()


def open_claim(session: Session, person_id: int, kind: str) -> Claim | None:
    """The caller holds the person's lock where it goes on to change it."""
    wanted = select(Claim).where(Claim.person_id == person_id, Claim.kind == kind, ASKED)
    return session.scalar(wanted.execution_options(populate_existing=True))


def lock_claim(session: Session, claim_id: int) -> tuple[Person, Claim]:
    """An open claim and its person, who is locked first. Raises ClaimNotFound, also for a decided one."""
    person_id = session.scalar(select(Claim.person_id).where(Claim.id == claim_id))
    if person_id is None:
        raise ClaimNotFound
    person = lock_person(session, person_id)
    claim = session.scalar(select(Claim).where(Claim.id == claim_id, ASKED).execution_options(populate_existing=True))
    if claim is None:
        raise ClaimNotFound
    return person, claim


def claim_of(session: Session, claim_id: int) -> Claimed:
    """An open one. Raises ClaimNotFound."""
    found = session.scalar(select(Claim).where(Claim.id == claim_id, ASKED))
    if found is None:
        raise ClaimNotFound
    return claimed(found)


def claims_of_person(session: Session, person_id: int, most: int = 20) -> list[Claimed]:
    """The newest first. One query."""
    own = select(Claim).where(Claim.person_id == person_id).order_by(Claim.id.desc()).limit(most)
    return [claimed(one) for one in session.scalars(own)]


def open_claims(session: Session, *, after: int = 0, limit: int = 50) -> Sequence[Claimed]:
    """What waits for a desk, the longest waiting first. One query."""
    waiting = select(Claim).where(ASKED, Claim.id > after).order_by(Claim.id).limit(limit)
    return [claimed(one) for one in session.scalars(waiting)]


def claimed(claim: Claim) -> Claimed:
    opened = msgspec.json.decode(open_sealed(PURPOSE, claim.sealed, claim.key), type=Said) if claim.sealed is not None else None
    return Claimed(
        claim.id, claim.person_id, Kind(claim.kind), State(claim.state), claim.asked_at, claim.decided_at, claim.why, opened
    )


def documents_of(session: Session, person_id: int) -> list[OwnDocument]:
    rows = session.scalars(select(Document).where(Document.person_id == person_id).order_by(Document.id))
    return [OwnDocument(one.id, one.kind, one.country, one.number[-SHOWN_DIGITS:], one.expires_on) for one in rows]
