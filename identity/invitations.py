"""One-time codes: twelve letters and digits that people type or scan, and the invitation that is one of them."""

import hmac
import re
import secrets
from datetime import timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from identity.errors import AlreadyMember, AlreadySignsIn, CodeRefused, MobileTaken
from identity.models import Invitation, Membership, Person, SignIn
from identity.permissions import Identity, Role
from identity.services import NO_PASSWORD, add_member, enrol_person, open_sign_in
from kernel import audit, clock
from kernel.audit import Actor
from kernel.settings import load_settings
from kernel.text import latin_digits

# Crockford's base 32: no I, L, O, U; twelve characters carry 60 bits.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
CHARACTERS = 12
INVITATION_LIFE = timedelta(days=14)
INVITED = Actor.system("invitation")

_MISREAD = str.maketrans("ILO", "110")


def new_code() -> str:
    """`XXXX-XXXX-XXXX`, 60 random bits."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(CHARACTERS))
    return "-".join(drawn[at : at + 4] for at in range(0, CHARACTERS, 4))


def code_digest(typed: str, purpose: str) -> bytes:
    """What is kept of a code: keyed, as 60 bits alone could be tried out. Raises CodeRefused for what cannot be a code."""
    code = re.sub(r"[\s-]", "", latin_digits(typed)).upper().translate(_MISREAD)
    if len(code) != CHARACTERS or not set(code) <= set(ALPHABET):
        raise CodeRefused(field="code")
    return hmac.digest(load_settings().secret_key.encode(), f"{purpose}:{code}".encode(), "sha256")


def invite(session: Session, actor: Actor, person_id: int) -> str:
    """A code with which the person opens a sign-in within 14 days; earlier codes end. Raises AlreadySignsIn."""
    if session.scalar(select(SignIn.id).where(SignIn.person_id == person_id, SignIn.password_hash != NO_PASSWORD)):
        raise AlreadySignsIn(person_id=person_id)
    now = clock.now()
    open_ones = (Invitation.person_id == person_id) & Invitation.used_at.is_(None)
    session.execute(update(Invitation).where(open_ones).values(used_at=now))
    code = new_code()
    session.add(
        Invitation(
            code_digest=code_digest(code, "invitation"),
            person_id=person_id,
            usable_until=now + INVITATION_LIFE,
        )
    )
    session.flush()
    audit.record(session, actor, "invite", "person", person_id)
    return code


def invitation_link(code: str) -> str:
    """The code stands behind the #, which no server is sent."""
    return f"{load_settings().portal}/invitation#{code}"


def invitation_key(invitation_id: int) -> str:
    """Under which the message of an invitation is found again."""
    return f"invitation-{invitation_id}"


def accept_invitation(session: Session, code: str, name: str, password: str, language: str) -> SignIn:
    """Use an invitation up and open the person's sign-in; one into an organisation puts a new person on record first.

    Raises CodeRefused, MobileTaken, PasswordTooShort, SignInNameTaken, BadInput (name); the code stays usable unless the
    sign-in is opened.
    """
    invitation = _lock_usable(session, code)
    person_id = invitation.person_id or _enrol_invited(session, invitation, language)
    opened = open_sign_in(session, INVITED, person_id, name, password, language)
    invitation.used_at = clock.now()
    session.flush()
    return opened


def join_by_invitation(session: Session, identity: Identity, code: str) -> None:
    """Use an invitation into an organisation up for somebody who has a sign-in. Raises CodeRefused, AlreadyMember."""
    invitation = _lock_usable(session, code)
    if invitation.organisation_id is None:
        raise CodeRefused(field="code")
    _join(session, identity.actor, invitation, identity.person_id)
    invitation.used_at = clock.now()


def _lock_usable(session: Session, code: str) -> Invitation:
    usable = (
        (Invitation.code_digest == code_digest(code, "invitation"))
        & Invitation.used_at.is_(None)
        & (Invitation.usable_until > clock.now())
    )
    invitation = session.scalar(select(Invitation).where(usable).with_for_update())
    if invitation is None:
        raise CodeRefused(field="code")
    return invitation


def _enrol_invited(session: Session, invitation: Invitation, language: str) -> int:
    """A new person with the name and number of the invitation; who signs in under that number is no new person."""
    contact = invitation.contact or ""
    mobile = contact if contact.startswith("+") else None
    if mobile:
        known = select(Person.id).join(SignIn, SignIn.person_id == Person.id).where(Person.mobile == mobile)
        if session.scalar(known.limit(1)) is not None:
            raise MobileTaken(field="code", fault="signs_in")
    person = enrol_person(session, INVITED, {language: invitation.name or ""}, language, mobile=mobile)
    _join(session, INVITED, invitation, person.id)
    return person.id


def _join(session: Session, actor: Actor, invitation: Invitation, person_id: int) -> None:
    if invitation.role is None:
        raise CodeRefused(field="code")
    held = select(Membership.id).where(
        Membership.person_id == person_id,
        Membership.organisation_id == invitation.organisation_id,
        Membership.role == invitation.role,
        Membership.branch_id.is_not_distinct_from(invitation.branch_id),
    )
    if session.scalar(held) is not None:
        raise AlreadyMember
    add_member(session, actor, person_id, Role(invitation.role), invitation.organisation_id, invitation.branch_id)
