"""Reads of people and proofs."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select, true, tuple_
from sqlalchemy.orm import Session

from identity.models import (
    Authenticator,
    Document,
    Invitation,
    Membership,
    Organisation,
    Person,
    RecoveryCode,
    SecurityNotice,
    SignIn,
    WebSession,
)
from identity.permissions import SECOND_STEP_ROLES, Grant, Identity, Role
from kernel import clock
from kernel.calendar import Calendar
from kernel.languages import in_language
from kernel.settings import load_settings
from kernel.text import search_key

STAFF_IDLE = timedelta(hours=12)
PILGRIM_IDLE = timedelta(days=30)


def token_hash(token: str) -> bytes:
    """Tokens carry 256 random bits, so a plain hash is enough to keep them unreadable at rest."""
    return hashlib.sha256(token.encode()).digest()


def identity_of_sign_in(session: Session, sign_in_id: int) -> Identity | None:
    """The identity of an open sign-in, None when closed or unknown. One query."""
    return _identity(session.execute(_identities().where(SignIn.id == sign_in_id)).all())


def identity_of_token(session: Session, token: str) -> Identity | None:
    """The identity behind a web session's token; None when unknown, revoked or idle too long. One query.

    Staff sessions end after 12 idle hours, those of people who are only pilgrims after 30 idle days.
    """
    live = live_session(session, token)
    return live[0] if live else None


def live_session(session: Session, token: str) -> tuple[Identity, datetime] | None:
    """The identity behind a live web session's token, and when the session was last noted as used."""
    rows = session.execute(
        _identities()
        .join(WebSession, WebSession.sign_in_id == SignIn.id)
        .where(WebSession.token_hash == token_hash(token), WebSession.revoked_at.is_(None))
        .add_columns(WebSession.seen_at)
    ).all()
    identity = _identity(rows)
    if identity is None or clock.now() - rows[0].seen_at > idle_limit(identity):
        return None
    return identity, rows[0].seen_at


def idle_limit(identity: Identity) -> timedelta:
    is_staff = identity.lacks_second_step or not identity.roles <= {Role.PILGRIM}
    return STAFF_IDLE if is_staff else PILGRIM_IDLE


def _identities() -> Select[*tuple[Any, ...]]:
    return (
        select(SignIn, Person, Membership, Authenticator.confirmed_at)
        .join(Person, Person.id == SignIn.person_id)
        .outerjoin(Authenticator, Authenticator.sign_in_id == SignIn.id)
        .outerjoin(Membership, Membership.person_id == SignIn.person_id)
        .where(SignIn.closed_at.is_(None))
        .order_by(Membership.id)
    )


def _identity(rows: Sequence[Row[Any]]) -> Identity | None:
    if not rows:
        return None
    sign_in, person = rows[0].SignIn, rows[0].Person
    memberships = [row.Membership for row in rows if row.Membership is not None]
    grants = tuple(Grant(Role(held.role), held.organisation_id, held.branch_id) for held in memberships)
    withheld = SECOND_STEP_ROLES if rows[0].confirmed_at is None and load_settings().requires_second_step else frozenset()
    return Identity(
        sign_in_id=sign_in.id,
        person_id=person.id,
        name=in_language(person.names, sign_in.language),
        language=sign_in.language,
        grants=tuple(grant for grant in grants if grant.role not in withheld),
        lacks_second_step=any(grant.role in withheld for grant in grants),
        calendar=Calendar(person.calendar) if person.calendar else None,
    )


def person(session: Session, person_id: int) -> Person | None:
    return session.get(Person, person_id)


def names_of_people(session: Session, person_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    rows = session.execute(select(Person.id, Person.names).where(Person.id.in_(list(person_ids))))
    return {row.id: row.names for row in rows}


def names_of_organisations(session: Session, organisation_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    rows = session.execute(select(Organisation.id, Organisation.names).where(Organisation.id.in_(list(organisation_ids))))
    return {row.id: row.names for row in rows}


def organisations_of_kind(session: Session, kind: str) -> list[Organisation]:
    return list(session.scalars(select(Organisation).where(Organisation.kind == kind).order_by(Organisation.id)))


def mobiles_of(session: Session, person_ids: Iterable[int]) -> list[tuple[str, str]]:
    """(mobile number, language) of those who have a number."""
    rows = select(Person.mobile, Person.language).where(Person.id.in_(list(person_ids)), Person.mobile.is_not(None))
    return [(row.mobile, row.language) for row in session.execute(rows.order_by(Person.id))]


def people_in_role(session: Session, role: Role) -> list[int]:
    return list(
        session.scalars(select(Membership.person_id).where(Membership.role == role).distinct().order_by(Membership.person_id))
    )


def is_document_taken(session: Session, kind: str, country: str, number: str) -> bool:
    """Whether somebody is on record with this document; `number` is normalised."""
    of_kind = (Document.kind == kind) & (Document.country == country) & (Document.number == number)
    return session.scalar(select(Document.id).where(of_kind)) is not None


def is_mobile_taken(session: Session, mobile: str) -> bool:
    """Whether somebody is on record with this mobile number (E.164)."""
    return session.scalar(select(Person.id).where(Person.mobile == mobile).limit(1)) is not None


def is_sign_in_name_taken(session: Session, name: str) -> bool:
    return session.scalar(select(SignIn.id).where(SignIn.name_key == search_key(name))) is not None


def has_sign_in(session: Session, person_id: int) -> bool:
    return session.scalar(select(SignIn.id).where(SignIn.person_id == person_id)) is not None


def has_authenticator(session: Session, sign_in_id: int) -> bool:
    """Whether the sign-in needs a one-time code."""
    in_use = (Authenticator.sign_in_id == sign_in_id) & Authenticator.confirmed_at.is_not(None)
    return session.scalar(select(Authenticator.sign_in_id).where(in_use)) is not None


def recovery_codes_left(session: Session, sign_in_id: int) -> int:
    unused = (RecoveryCode.sign_in_id == sign_in_id) & RecoveryCode.used_at.is_(None)
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(unused)) or 0


def notices_of(session: Session, sign_in_id: int, most: int = 10) -> Sequence[SecurityNotice]:
    """What the holder of a sign-in is told of its protection, newest first."""
    told = select(SecurityNotice).where(SecurityNotice.sign_in_id == sign_in_id)
    return session.scalars(told.order_by(SecurityNotice.at.desc(), SecurityNotice.id.desc()).limit(most)).all()


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A web session as its owner sees it."""

    id: int
    device: str
    created_at: datetime
    seen_at: datetime
    is_this: bool


def open_sessions(session: Session, identity: Identity, token: str = "") -> list[OpenSession]:
    """The person's live web sessions, the one of `token` first, then by last use."""
    alive = WebSession.revoked_at.is_(None) & (WebSession.seen_at >= clock.now() - idle_limit(identity))
    rows = session.scalars(select(WebSession).where(WebSession.sign_in_id == identity.sign_in_id, alive))
    this = token_hash(token)
    found = [OpenSession(row.id, row.device, row.created_at, row.seen_at, row.token_hash == this) for row in rows]
    return sorted(found, key=lambda one: (one.is_this, one.seen_at), reverse=True)


@dataclass(frozen=True, slots=True)
class Account:
    """A sign-in as the operator sees it."""

    sign_in_id: int
    name: str
    person_names: dict[str, str]
    has_authenticator: bool
    is_closed: bool


def account_by_name(session: Session, name: str) -> Account | None:
    return _account(session, SignIn.name_key == search_key(name))


def account(session: Session, sign_in_id: int) -> Account | None:
    return _account(session, SignIn.id == sign_in_id)


def _account(session: Session, asked: ColumnElement[bool]) -> Account | None:
    row = session.execute(
        select(SignIn.id, SignIn.name, Person.names, Authenticator.confirmed_at, SignIn.closed_at)
        .join(Person, Person.id == SignIn.person_id)
        .outerjoin(Authenticator, Authenticator.sign_in_id == SignIn.id)
        .where(asked)
    ).one_or_none()
    if row is None:
        return None
    return Account(row.id, row.name, row.names, row.confirmed_at is not None, row.closed_at is not None)


@dataclass(frozen=True, slots=True)
class Member:
    membership_id: int
    person_id: int
    names: dict[str, str]
    role: Role
    branch_id: int | None
    signs_in: bool


def members_page(
    session: Session, organisation_id: int, branches: frozenset[int] | None, *, after: int = 0, limit: int = 50
) -> list[Member]:
    """Who holds a role in an organisation, or in some branches of it, by id. One query."""
    rows = session.execute(
        select(Membership, Person.names, SignIn.id)
        .join(Person, Person.id == Membership.person_id)
        .outerjoin(SignIn, (SignIn.person_id == Person.id) & SignIn.closed_at.is_(None))
        .where(Membership.organisation_id == organisation_id, Membership.id > after, _in_branches(Membership, branches))
        .order_by(Membership.id)
        .limit(limit)
    )
    return [
        Member(held.id, held.person_id, names, Role(held.role), held.branch_id, sign_in_id is not None)
        for held, names, sign_in_id in rows
    ]


def open_invitations(session: Session, organisation_id: int, branches: frozenset[int] | None) -> Sequence[Invitation]:
    """Invitations into an organisation that can still be accepted, newest first."""
    open_ones = Invitation.used_at.is_(None) & (Invitation.usable_until > clock.now())
    into = (Invitation.organisation_id == organisation_id) & _in_branches(Invitation, branches)
    return session.scalars(select(Invitation).where(open_ones, into).order_by(Invitation.id.desc()).limit(100)).all()


def _in_branches(table: type[Membership] | type[Invitation], branches: frozenset[int] | None) -> ColumnElement[bool]:
    return true() if branches is None else table.branch_id.in_(branches)


def organisation_kind(session: Session, organisation_id: int) -> str | None:
    return session.scalar(select(Organisation.kind).where(Organisation.id == organisation_id))


@dataclass(frozen=True, slots=True)
class PersonCard:
    """A person as a clerk sees one: names, and the last digits of what tells people apart."""

    id: int
    names: dict[str, str]
    mobile_end: str
    documents: tuple[tuple[str, str, str], ...]  # kind, country, last digits


SHOWN_DIGITS = 4


def people_with_mobile(session: Session, mobile: str, most: int = 10) -> list[int]:
    """Who is on record with this number (E.164): a family may share one."""
    return list(session.scalars(select(Person.id).where(Person.mobile == mobile).order_by(Person.id).limit(most)))


def people_with_email(session: Session, address: str, most: int = 10) -> list[int]:
    """Who has confirmed this address: a family may share one."""
    return list(session.scalars(select(Person.id).where(Person.email == address).order_by(Person.id).limit(most)))


def person_of_document(session: Session, kind: str, country: str, number: str) -> int | None:
    of_kind = (Document.kind == kind) & (Document.country == country) & (Document.number == number)
    return session.scalar(select(Document.person_id).where(of_kind))


def persons_of_documents(session: Session, wanted: Iterable[tuple[str, str, str]]) -> dict[tuple[str, str, str], int]:
    """(kind, country, number) → person, of those on record. One query, none without documents."""
    named = set(wanted)
    if not named:
        return {}
    rows = session.execute(select(Document).where(tuple_(Document.kind, Document.country, Document.number).in_(named))).scalars()
    return {(one.kind, one.country, one.number): one.person_id for one in rows}


def documents_of(session: Session, person_ids: Iterable[int]) -> dict[int, list[tuple[str, str, str]]]:
    """Person → (kind, country, number) of what is on record of them. One query."""
    found: dict[int, list[tuple[str, str, str]]] = {number: [] for number in person_ids}
    for one in session.scalars(select(Document).where(Document.person_id.in_(found)).order_by(Document.id)):
        found[one.person_id].append((one.kind, one.country, one.number))
    return found


def person_cards(session: Session, person_ids: Iterable[int]) -> list[PersonCard]:
    """What a clerk may see of some people, by id. Two queries."""
    wanted = list(person_ids)
    documents: dict[int, list[tuple[str, str, str]]] = {number: [] for number in wanted}
    for one in session.scalars(select(Document).where(Document.person_id.in_(wanted)).order_by(Document.id)):
        documents[one.person_id].append((one.kind, one.country, one.number[-SHOWN_DIGITS:]))
    people = session.scalars(select(Person).where(Person.id.in_(wanted)).order_by(Person.id))
    return [PersonCard(one.id, one.names, (one.mobile or "")[-SHOWN_DIGITS:], tuple(documents[one.id])) for one in people]


def duplicates_of(session: Session, person_id: int) -> list[int]:
    """Others who are on record with the same mobile number."""
    mobile = select(Person.mobile).where(Person.id == person_id).scalar_subquery()
    return list(session.scalars(select(Person.id).where(Person.mobile == mobile, Person.id != person_id).limit(10)))
