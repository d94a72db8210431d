from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity import memberships, services
from identity.errors import (
    AlreadyMember,
    CodeRefused,
    LastOwner,
    MembershipNotFound,
    MobileTaken,
    RoleNotGiven,
    TooManyInvitations,
    WrongContact,
)
from identity.invitations import INVITATION_LIFE, accept_invitation, join_by_invitation
from identity.models import Membership, Person
from identity.permissions import STAFF_ROLES, Identity, Permission, Role
from identity.queries import identity_of_sign_in, members_page, open_invitations
from kernel import clock
from kernel.audit import AuditEntry
from kernel.errors import BadInput, NotPermitted
from tests.factories import ACTOR, PASSWORD, account, organisation, person

BRANCHES = {70: {}, 71: {}}


def invite(session: Session, by: Identity, place: int, role: str = "cashier", branch: int | None = None, **given: str) -> str:
    facts = {"name": "همکار تازه", "contact": "09151234567"} | given
    return memberships.invite_member(session, by, place, role, branch_id=branch, branches=BRANCHES, **facts)


def owner_of(session: Session, kind: str = "merchant") -> tuple[Identity, int]:
    place = organisation(session, kind).id
    return account(session, STAFF_ROLES[kind][0], organisation_id=place)[0], place


def branch_owner(session: Session, place: int, branch: int) -> Identity:
    holder = person(session)
    services.add_member(session, ACTOR, holder.id, Role.MERCHANT, place, branch)
    services.open_sign_in(session, ACTOR, holder.id, f"branch-{branch}-{holder.id}", PASSWORD, "fa")
    return services.sign_in(session, f"branch-{branch}-{holder.id}", PASSWORD)[0]


def test_who_is_invited_opens_a_sign_in_and_works_in_the_branch(session: Session) -> None:
    owner, place = owner_of(session)
    code = invite(session, owner, place, "cashier", 70)
    [waiting] = open_invitations(session, place, None)
    assert (waiting.name, waiting.contact, waiting.branch_id) == ("همکار تازه", "+989151234567", 70)
    opened = accept_invitation(session, code, "new-cashier", PASSWORD, "fa")
    grown = identity_of_sign_in(session, opened.id)
    assert grown is not None
    assert grown.can(Permission.MERCHANTS_SALES_VIEW, place)
    assert grown.branches(place) == {70}
    assert session.get_one(Person, grown.person_id).mobile == "+989151234567"
    with pytest.raises(CodeRefused):
        accept_invitation(session, code, "again", PASSWORD, "fa")
    assert list(open_invitations(session, place, None)) == []


def test_who_signs_in_already_enters_with_that_sign_in(session: Session) -> None:
    owner, place = owner_of(session, "union")
    pilgrim, _ = account(session)
    join_by_invitation(session, pilgrim, invite(session, owner, place, "union", contact="a@example.ir"))
    grown = identity_of_sign_in(session, pilgrim.sign_in_id)
    assert grown is not None
    assert grown.roles == {Role.PILGRIM, Role.UNION}
    again = invite(session, owner, place, "union", contact="a@example.ir")
    with pytest.raises(AlreadyMember):
        join_by_invitation(session, grown, again)


def test_a_number_under_which_somebody_signs_in_makes_no_second_person(session: Session) -> None:
    owner, place = owner_of(session)
    known, _ = account(session)
    session.get_one(Person, known.person_id).mobile = "+989151234567"
    code = invite(session, owner, place)
    with pytest.raises(MobileTaken):
        accept_invitation(session, code, "second-me", PASSWORD, "fa")
    join_by_invitation(session, known, code)


def test_an_invitation_of_another_kind_or_age_lets_nobody_in(session: Session) -> None:
    from identity.invitations import invite as invite_on_record

    pilgrim, _ = account(session)
    with pytest.raises(CodeRefused):
        join_by_invitation(session, pilgrim, invite_on_record(session, ACTOR, person(session).id))
    owner, place = owner_of(session)
    code = invite(session, owner, place)
    with clock.frozen(clock.now() + INVITATION_LIFE + timedelta(seconds=1)), pytest.raises(CodeRefused):
        join_by_invitation(session, pilgrim, code)


@pytest.mark.parametrize("kind", sorted(STAFF_ROLES))
def test_an_organisation_gives_its_own_roles_only(session: Session, kind: str) -> None:
    owner, place = owner_of(session, kind)
    for role in Role:
        if role in STAFF_ROLES[kind]:
            invite(session, owner, place, role)
        else:
            with pytest.raises(RoleNotGiven):
                invite(session, owner, place, role)


@pytest.mark.parametrize(
    ("branch", "given", "refusal"),
    [
        (72, {}, BadInput), (None, {"name": "x"}, BadInput), (None, {"name": "x" * 81}, BadInput),
        (None, {"contact": "0915"}, WrongContact), (None, {"contact": "a@b"}, WrongContact), (None, {"contact": "a b@c.ir"}, WrongContact),
    ],
)  # fmt: skip
def test_what_is_wrong_in_an_invitation_is_told(session: Session, branch: int | None, given: dict[str, str], refusal: type) -> None:
    owner, place = owner_of(session)
    with pytest.raises(refusal):
        invite(session, owner, place, branch=branch, **given)


def test_nobody_manages_the_people_of_another_organisation(session: Session) -> None:
    owner, place = owner_of(session)
    stranger, _elsewhere = owner_of(session)
    cashier, _ = account(session, Role.CASHIER, organisation_id=place)
    [mine, *_] = members_page(session, place, None)
    code = invite(session, owner, place)
    [waiting] = open_invitations(session, place, None)
    for other in (stranger, cashier, account(session)[0]):
        for act in (
            lambda by=other: invite(session, by, place),
            lambda by=other: memberships.remove_member(session, by, place, mine.membership_id),
            lambda by=other: memberships.withdraw_invitation(session, by, place, waiting.id),
        ):
            with pytest.raises(NotPermitted):
                act()
    for act in (memberships.remove_member, memberships.withdraw_invitation):
        with pytest.raises(MembershipNotFound):
            act(session, stranger, _elsewhere, mine.membership_id if act is memberships.remove_member else waiting.id)
    assert code


def test_who_manages_one_branch_sees_and_moves_that_branch_only(session: Session) -> None:
    owner, place = owner_of(session)
    manager = branch_owner(session, place, 70)
    there, elsewhere = branch_owner(session, place, 70), branch_owner(session, place, 71)
    reach = manager.branches(place, Permission.IDENTITY_MEMBER_MANAGE)
    shown = members_page(session, place, reach)
    assert {one.person_id for one in shown} == {manager.person_id, there.person_id}
    by_person = {one.person_id: one.membership_id for one in members_page(session, place, None)}
    for person_id in (owner.person_id, elsewhere.person_id):
        with pytest.raises(MembershipNotFound):
            memberships.remove_member(session, manager, place, by_person[person_id])
    for branch in (None, 71):
        with pytest.raises(BadInput):
            invite(session, manager, place, branch=branch)
    invite(session, owner, place, branch=71)
    [theirs] = open_invitations(session, place, None)
    assert list(open_invitations(session, place, reach)) == []
    with pytest.raises(MembershipNotFound):
        memberships.withdraw_invitation(session, manager, place, theirs.id)
    memberships.remove_member(session, manager, place, by_person[there.person_id])


def test_a_cashier_of_the_whole_shop_who_manages_one_branch_manages_that_one(session: Session) -> None:
    _, place = owner_of(session)
    manager = branch_owner(session, place, 70)
    services.add_member(session, ACTOR, manager.person_id, Role.CASHIER, place)
    grown = identity_of_sign_in(session, manager.sign_in_id)
    assert grown is not None
    assert grown.branches(place) is None
    assert grown.branches(place, Permission.IDENTITY_MEMBER_MANAGE) == {70}


def test_the_last_owner_stays_and_a_second_one_may_go(session: Session) -> None:
    owner, place = owner_of(session)
    branch_owner(session, place, 70)
    without_sign_in = person(session)
    services.add_member(session, ACTOR, without_sign_in.id, Role.MERCHANT, place)
    own = next(one for one in members_page(session, place, None) if one.person_id == owner.person_id)
    with pytest.raises(LastOwner):
        memberships.remove_member(session, owner, place, own.membership_id)
    second, _ = account(session, Role.MERCHANT, organisation_id=place)
    memberships.remove_member(session, second, place, own.membership_id)
    assert identity_of_sign_in(session, owner.sign_in_id).roles == frozenset()
    entry = session.scalars(select(AuditEntry).where(AuditEntry.act == "remove_member")).one()
    assert (entry.account_id, entry.before["role"]) == (second.sign_in_id, "merchant")


def test_an_invitation_that_was_taken_back_lets_nobody_in(session: Session) -> None:
    owner, place = owner_of(session)
    code = invite(session, owner, place)
    [waiting] = open_invitations(session, place, None)
    memberships.withdraw_invitation(session, owner, place, waiting.id)
    with pytest.raises(CodeRefused):
        accept_invitation(session, code, "late", PASSWORD, "fa")
    with pytest.raises(MembershipNotFound):
        memberships.withdraw_invitation(session, owner, place, waiting.id)
    assert session.scalars(select(Membership).where(Membership.role == "cashier")).all() == []


def test_no_organisation_sends_more_invitations_a_day_than_it_may(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memberships, "MOST_A_DAY", 2)
    owner, place = owner_of(session)
    other, elsewhere = owner_of(session)
    for _ in range(2):
        invite(session, owner, place)
    with pytest.raises(TooManyInvitations):
        invite(session, owner, place)
    invite(session, other, elsewhere)
    with clock.frozen(clock.now() + timedelta(days=1, minutes=1)):
        invite(session, owner, place)
