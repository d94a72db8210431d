"""Reads of people and proofs."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session

from identity.models import Document, Membership, Organisation, Person, SignIn, WebSession
from identity.permissions import Grant, Identity, Role
from kernel import clock
from kernel.languages import in_language
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
    return PILGRIM_IDLE if identity.roles <= {Role.PILGRIM} else STAFF_IDLE


def _identities() -> Select[*tuple[Any, ...]]:
    return (
        select(SignIn, Person, Membership)
        .join(Person, Person.id == SignIn.person_id)
        .outerjoin(Membership, Membership.person_id == SignIn.person_id)
        .where(SignIn.closed_at.is_(None))
        .order_by(Membership.id)
    )


def _identity(rows: Sequence[Row[Any]]) -> Identity | None:
    if not rows:
        return None
    sign_in, person = rows[0].SignIn, rows[0].Person
    memberships = [row.Membership for row in rows if row.Membership is not None]
    return Identity(
        sign_in_id=sign_in.id,
        person_id=person.id,
        name=in_language(person.names, sign_in.language),
        language=sign_in.language,
        grants=tuple(Grant(Role(held.role), held.organisation_id, held.branch_id) for held in memberships),
    )


def person(session: Session, person_id: int) -> Person | None:
    return session.get(Person, person_id)


def names_of_people(session: Session, person_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    rows = session.execute(select(Person.id, Person.names).where(Person.id.in_(list(person_ids))))
    return {row.id: row.names for row in rows}


def names_of_organisations(session: Session, organisation_ids: Iterable[int]) -> dict[int, dict[str, str]]:
    rows = session.execute(
        select(Organisation.id, Organisation.names).where(Organisation.id.in_(list(organisation_ids)))
    )
    return {row.id: row.names for row in rows}


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
