"""Who works for an organisation: inviting somebody with a role, taking the invitation back, taking the role away."""

from collections.abc import Collection
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity import rules
from identity.errors import LastOwner, MembershipNotFound, RoleNotGiven, TooManyInvitations
from identity.invitations import INVITATION_LIFE, code_digest, invitation_key, invitation_link, new_code
from identity.models import Invitation, Membership, Organisation, SignIn
from identity.notices import INVITATION
from identity.permissions import STAFF_ROLES, Identity, Permission, Role
from kernel import audit, clock
from kernel.errors import BadInput, NotPermitted
from kernel.languages import in_language
from kernel.messages.services import send

LONGEST_NAME = 80
MOST_A_DAY = 40  # each goes out as a message under the platform's name


def invite_member(
    session: Session,
    identity: Identity,
    organisation_id: int,
    role: str,
    *,
    name: str,
    contact: str,
    branch_id: int | None,
    branches: Collection[int],
) -> str:
    """A code with which somebody enters the organisation within 14 days; it is sent to `contact` and may be handed over, too.

    `branches` are those that the organisation has, as the package that owns them says. Raises NotPermitted, RoleNotGiven,
    BadInput (`name`, `branch`), WrongContact, TooManyInvitations.
    """
    reach = reach_of(identity, organisation_id)
    organisation = _lock(session, organisation_id)
    if organisation is None or role not in STAFF_ROLES.get(organisation.kind, ()):
        raise RoleNotGiven(field="role")
    if (branch_id is not None and branch_id not in branches) or (reach is not None and branch_id not in reach):
        raise BadInput(field="branch")
    called = " ".join(name.split())
    if not 2 <= len(called) <= LONGEST_NAME:
        raise BadInput(field="called")
    code, to, now = new_code(), rules.contact(contact), clock.now()
    sent_since = Invitation.usable_until > now + INVITATION_LIFE - timedelta(days=1)
    if (session.scalar(select(func.count()).where(Invitation.organisation_id == organisation_id, sent_since)) or 0) >= MOST_A_DAY:
        raise TooManyInvitations(field="contact", most=MOST_A_DAY)
    invitation = Invitation(
        code_digest=code_digest(code, "invitation"), organisation_id=organisation_id, role=role, branch_id=branch_id,
        name=called, contact=to, usable_until=now + INVITATION_LIFE,
    )  # fmt: skip
    session.add(invitation)
    session.flush()
    invitation_facts = {
        "organisation": in_language(organisation.names, identity.language),
        "code": code,
        "link": invitation_link(code),
    }
    send(session, INVITATION, to, identity.language, invitation_facts, key=invitation_key(invitation.id))
    facts = {"role": role, "branch_id": branch_id, "invitation_id": invitation.id}
    audit.record(session, identity.actor, "invite", "organisation", organisation_id, after=facts)
    return code


def _lock(session: Session, organisation_id: int) -> Organisation | None:
    return session.scalar(select(Organisation).where(Organisation.id == organisation_id).with_for_update())


def withdraw_invitation(session: Session, identity: Identity, organisation_id: int, invitation_id: int) -> None:
    """End an invitation before it is accepted. Raises NotPermitted, MembershipNotFound."""
    reach = reach_of(identity, organisation_id)
    invitation = session.get(Invitation, invitation_id, with_for_update=True)
    if invitation is None or invitation.organisation_id != organisation_id or invitation.used_at is not None:
        raise MembershipNotFound
    if reach is not None and invitation.branch_id not in reach:
        raise MembershipNotFound
    invitation.used_at = clock.now()
    audit.record(session, identity.actor, "withdraw", "invitation", invitation_id)


def remove_member(session: Session, identity: Identity, organisation_id: int, membership_id: int) -> None:
    """Take a role away; it is gone at the person's next request. Raises NotPermitted, MembershipNotFound, LastOwner."""
    reach = reach_of(identity, organisation_id)
    organisation = _lock(session, organisation_id)
    held = session.get(Membership, membership_id, populate_existing=True)
    if organisation is None or held is None or held.organisation_id != organisation_id:
        raise MembershipNotFound
    if reach is not None and held.branch_id not in reach:
        raise MembershipNotFound
    if not _has_another_owner(session, organisation, held):
        raise LastOwner
    session.delete(held)
    session.flush()
    facts = {"role": held.role, "organisation_id": organisation_id, "branch_id": held.branch_id}
    audit.record(session, identity.actor, "remove_member", "person", held.person_id, before=facts)


def _has_another_owner(session: Session, organisation: Organisation, held: Membership) -> bool:
    """Whether somebody who can sign in still acts for the whole organisation once `held` is gone."""
    roles = STAFF_ROLES.get(organisation.kind, ())
    if not roles or held.role != roles[0] or held.branch_id is not None:
        return True
    owners = (
        select(func.count())
        .select_from(Membership)
        .join(SignIn, (SignIn.person_id == Membership.person_id) & SignIn.closed_at.is_(None))
        .where(Membership.organisation_id == organisation.id, Membership.role == roles[0])
        .where(Membership.branch_id.is_(None), Membership.id != held.id)
    )
    return bool(session.scalar(owners))


def reach_of(identity: Identity, organisation_id: int) -> frozenset[int] | None:
    """The branches in which the person manages people, None for all. Raises NotPermitted."""
    permission = Permission.IDENTITY_MEMBER_MANAGE
    if not identity.can(permission, organisation_id):
        raise NotPermitted(permission=permission)
    return identity.branches(organisation_id, permission)


def roles_to_give(kind: str) -> tuple[Role, ...]:
    """What an organisation of this kind may make of a person."""
    return STAFF_ROLES.get(kind, ())
