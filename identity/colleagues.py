"""What a colleague did for an organisation, as far as the audit can tell whom it was for.

An entry says who acted and on what, not for which organisation. So a colleague's work is shown from when they came, or from
their last role elsewhere, and not at all while they work in two places.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.errors import MembershipNotFound
from identity.memberships import reach_of
from identity.models import Membership, Person, SignIn
from identity.permissions import Identity, Role
from kernel.audit import AuditEntry, acts_of


@dataclass(frozen=True, slots=True)
class Colleague:
    """`is_told` is false for who works elsewhere, too, or signs in nowhere yet; `since` is the entry after which the work here begins."""

    membership_id: int
    names: dict[str, str]
    role: Role
    sign_in_id: int | None
    since: int
    is_told: bool


def colleague(session: Session, identity: Identity, organisation_id: int, membership_id: int) -> Colleague:
    """For who manages people there. Raises NotPermitted, MembershipNotFound. Four queries."""
    reach = reach_of(identity, organisation_id)
    held = session.get(Membership, membership_id)
    if held is None or held.organisation_id != organisation_id or (reach is not None and held.branch_id not in reach):
        raise MembershipNotFound
    row = session.execute(
        select(Person.names, SignIn.id).outerjoin(SignIn, SignIn.person_id == Person.id).where(Person.id == held.person_id)
    ).one()
    works = session.scalars(
        select(Membership).where(Membership.person_id == held.person_id, Membership.organisation_id.is_not(None))
    )
    is_here = all(one.organisation_id == organisation_id and (reach is None or one.branch_id in reach) for one in works)
    since = _since(session, held.person_id, organisation_id)
    return Colleague(held.id, row.names, Role(held.role), row.id, since or 0, row.id is not None and is_here and since is not None)


def _since(session: Session, person_id: int, organisation_id: int) -> int | None:
    """The entry that gave the first role here, or the last one about a role elsewhere; None where no entry gave it."""
    whose = func.coalesce(AuditEntry.after, AuditEntry.before)["organisation_id"].as_integer()
    of_roles = (
        (AuditEntry.subject == "person")
        & (AuditEntry.subject_id == str(person_id))
        & AuditEntry.act.in_(("add_member", "remove_member"))
    )
    first = select(func.min(AuditEntry.id)).where(of_roles, whose == organisation_id).scalar_subquery()
    elsewhere = select(func.max(AuditEntry.id)).where(of_roles, whose != organisation_id).scalar_subquery()
    came, left = session.execute(select(first, elsewhere)).one()
    return None if came is None else max(came, left or 0)


def work_of(
    session: Session, told: Colleague, seen: Mapping[str, Collection[str] | None], *, before: int | None = None, limit: int = 50
) -> Sequence[AuditEntry]:
    """Newest first; nothing of who is not told of."""
    if not told.is_told or told.sign_in_id is None:
        return []
    return acts_of(session, told.sign_in_id, seen, after=told.since, before=before, limit=limit)
