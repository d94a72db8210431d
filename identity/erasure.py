"""A person's own data: all of it to take along, and its erasure.

What the law and the books need stays: entries of the ledger name a wallet and no person, and the audit says who acted.
"""

from datetime import date, datetime

from msgspec import Struct
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from identity.claims.models import Claim
from identity.claims.queries import claims_of_person
from identity.claims.rules import Said
from identity.consents import agreements_of
from identity.models import (
    DeskCode,
    Document,
    EmailCode,
    HelpCode,
    Helping,
    Membership,
    MessageConsent,
    Person,
    RecoveryCode,
    SecurityNotice,
    SignIn,
    WebSession,
)
from identity.permissions import Identity
from identity.queries import notices_of
from identity.services import NO_PASSWORD, end_proofs
from kernel import audit, clock
from kernel.audit import Actor
from kernel.languages import in_language

MOST_NOTICES = MOST_CLAIMS = 1_000
NAME = {"fa": "زائر پیشین", "en": "Former pilgrim", "ar": "زائر سابق", "ur": "سابق زائر"}


class Paper(Struct, frozen=True):
    kind: str
    country: str
    number: str
    expires_on: date | None = None


class PaperClaim(Struct, frozen=True):
    """What the person said of a paper; what it said is forgotten once it is decided."""

    kind: str
    state: str
    asked_at: datetime
    said: Said | None
    why: str | None


class Seen(Struct, frozen=True):
    device: str
    created_at: datetime
    seen_at: datetime


class Told(Struct, frozen=True):
    kind: str
    at: datetime


class Agreed(Struct, frozen=True):
    """Whom the person lets write to them."""

    organisation: str
    since: datetime


class OwnData(Struct, frozen=True):
    """Everything that is kept of a person in this package, numbers whole."""

    names: dict[str, str]
    language: str
    calendar: str | None
    mobile: str | None
    email: str | None
    letters_by: str
    birth_date: date | None
    enrolled_at: datetime
    sign_in_name: str
    documents: list[Paper]
    claims: list[PaperClaim]
    roles: list[str]
    sessions: list[Seen]
    notices: list[Told]
    agreements: list[Agreed]


def own_data(session: Session, identity: Identity) -> OwnData:
    person, sign_in = session.get_one(Person, identity.person_id), session.get_one(SignIn, identity.sign_in_id)
    documents = session.scalars(select(Document).where(Document.person_id == person.id).order_by(Document.id))
    sessions = session.scalars(select(WebSession).where(WebSession.sign_in_id == sign_in.id).order_by(WebSession.id))
    audit.record(session, identity.actor, "export", "person", person.id)
    return OwnData(
        names=person.names,
        language=sign_in.language,
        calendar=person.calendar,
        mobile=person.mobile,
        email=person.email,
        letters_by=person.letters_by,
        birth_date=person.birth_date,
        enrolled_at=person.created_at,
        sign_in_name=sign_in.name,
        documents=[Paper(one.kind, one.country, one.number, one.expires_on) for one in documents],
        claims=[
            PaperClaim(one.kind, one.state, one.asked_at, one.said, one.why)
            for one in claims_of_person(session, person.id, MOST_CLAIMS)
        ],
        roles=sorted(identity.roles),
        sessions=[Seen(one.device, one.created_at, one.seen_at) for one in sessions],
        notices=[Told(one.kind, one.at) for one in notices_of(session, sign_in.id, MOST_NOTICES)],
        agreements=[Agreed(in_language(one.names, sign_in.language), one.since) for one in agreements_of(session, person.id)],
    )


def erase_person(session: Session, actor: Actor, person_id: int) -> None:
    """Forget who a person is and close the sign-in. Others check first that nothing of theirs is still open."""
    person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()
    audit.record(session, actor, "erase", "person", person_id)
    person.names, person.mobile, person.birth_date = NAME, None, None
    person.email, person.letters_by = None, "sms"
    for table in (Claim, Document, DeskCode, EmailCode, Membership, HelpCode, MessageConsent):
        session.execute(delete(table).where(table.person_id == person_id))
    session.execute(delete(Helping).where((Helping.person_id == person_id) | (Helping.helper_id == person_id)))
    sign_in = session.scalar(select(SignIn).where(SignIn.person_id == person_id))
    if sign_in is not None:
        end_proofs(session, sign_in.id)
        sign_in.name = sign_in.name_key = f"erased {sign_in.id}"
        sign_in.password_hash, sign_in.closed_at = NO_PASSWORD, clock.now()
        for held in (RecoveryCode, SecurityNotice):
            session.execute(delete(held).where(held.sign_in_id == sign_in.id))
        session.execute(update(WebSession).where(WebSession.sign_in_id == sign_in.id).values(device=""))
    session.flush()
