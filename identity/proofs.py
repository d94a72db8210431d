"""What the ways of signing in without a password share: whose sign-in it is, and who may not come in by them."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Membership, Person, SignIn
from identity.permissions import SECOND_STEP_ROLES, Identity, Role
from identity.queries import has_authenticator
from identity.services import NO_PASSWORD, SIGN_IN_DOOR, add_member
from kernel import audit
from kernel.text import search_key


def open_own_sign_in(session: Session, person_id: int) -> int:
    """The sign-in of a person who has proved to be this one; made where there is none, without a password."""
    person = session.scalars(select(Person).where(Person.id == person_id).with_for_update()).one()
    found = session.scalar(select(SignIn).where(SignIn.person_id == person_id))
    if found is not None:
        return found.id
    name = f"pilgrim-{secrets.token_hex(8)}"
    made = SignIn(person_id=person_id, name=name, name_key=search_key(name), password_hash=NO_PASSWORD, language=person.language)
    session.add(made)
    session.flush()
    if session.scalar(select(Membership.id).where(Membership.person_id == person_id).limit(1)) is None:
        add_member(session, SIGN_IN_DOOR, person_id, Role.PILGRIM)
    audit.record(session, SIGN_IN_DOOR, "open_without_password", "sign_in", made.id)
    return made.id


def needs_password(session: Session, identity: Identity) -> bool:
    """A stolen SIM, or a passport left lying, is not to move a shop's money."""
    is_trusted = identity.lacks_second_step or bool(identity.roles & SECOND_STEP_ROLES)
    return is_trusted and not has_authenticator(session, identity.sign_in_id)
