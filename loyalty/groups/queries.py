"""Reads of groups, and who is in one. Whose group it is is always asked with the organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import msgspec
from sqlalchemy import ColumnElement, Select, case, func, select, true
from sqlalchemy.orm import Session

from cardbank.cards.models import Card, Member
from cardbank.cards.rules import CardStatus
from identity.consents import agreed_people
from identity.models import Organisation, Person
from kernel.messages.rules import Channel
from loyalty.groups.errors import GroupListNotFound, GroupNotFound
from loyalty.groups.models import CustomerGroup, GroupList, GroupMember
from loyalty.groups.rules import CHOSEN, Asked

Visitors = Select[int]


@dataclass(frozen=True, slots=True)
class GroupRow:
    group: CustomerGroup
    members: int


def groups_page(session: Session, organisation_id: int, *, before: int | None = None, limit: int = 50) -> list[GroupRow]:
    """The newest first, with how many numbers were put in. One query."""
    members = select(func.count()).select_from(GroupMember).where(GroupMember.group_id == CustomerGroup.id).scalar_subquery()
    page = (
        select(CustomerGroup, members)
        .where(CustomerGroup.organisation_id == organisation_id, CustomerGroup.removed_at.is_(None))
        .order_by(CustomerGroup.id.desc())
        .limit(limit)
    )
    if before is not None:
        page = page.where(CustomerGroup.id < before)
    return [GroupRow(group, count) for group, count in session.execute(page)]


def group_of(session: Session, organisation_id: int, group_id: int, *, lock: bool = False) -> CustomerGroup:
    """Raises GroupNotFound, for another organisation's too."""
    wanted = select(CustomerGroup).where(
        CustomerGroup.id == group_id, CustomerGroup.organisation_id == organisation_id, CustomerGroup.removed_at.is_(None)
    )
    found = session.scalar(wanted.with_for_update().execution_options(populate_existing=True) if lock else wanted)
    if found is None:
        raise GroupNotFound
    return found


def list_of(session: Session, organisation_id: int, list_id: int, *, lock: bool = False) -> GroupList:
    """Raises GroupListNotFound."""
    wanted = (
        select(GroupList)
        .join(CustomerGroup, CustomerGroup.id == GroupList.group_id)
        .where(GroupList.id == list_id, CustomerGroup.organisation_id == organisation_id, CustomerGroup.removed_at.is_(None))
    )
    found = session.scalar(wanted.with_for_update(of=GroupList).execution_options(populate_existing=True) if lock else wanted)
    if found is None:
        raise GroupListNotFound
    return found


def members_page(session: Session, group_id: int, *, before: int | None = None, limit: int = 50) -> Sequence[GroupMember]:
    """The newest first. One query."""
    page = select(GroupMember).where(GroupMember.group_id == group_id).order_by(GroupMember.id.desc()).limit(limit)
    return session.scalars(page.where(GroupMember.id < before) if before else page).all()


def count_members(session: Session, group_id: int) -> int:
    return session.scalar(select(func.count()).select_from(GroupMember).where(GroupMember.group_id == group_id)) or 0


def digests_in(session: Session, group_id: int, digests: Sequence[bytes]) -> set[bytes]:
    """Which of these numbers the group has. One query."""
    here = select(GroupMember.number_digest).where(GroupMember.group_id == group_id, GroupMember.number_digest.in_(digests))
    return set(session.scalars(here)) if digests else set()


def groups_of_person(session: Session, person_id: int, *, limit: int = 20) -> list[tuple[str, dict[str, str]]]:
    """The groups that somebody was put into, the newest first: name, and whose it is. Groups that are asked name nobody. One query."""
    listed = (
        select(CustomerGroup.name, Organisation.names)
        .join(GroupMember, GroupMember.group_id == CustomerGroup.id)
        .join(Organisation, Organisation.id == CustomerGroup.organisation_id)
        .where(GroupMember.person_id == person_id, CustomerGroup.removed_at.is_(None))
        .order_by(GroupMember.id.desc())
        .limit(limit)
    )
    return [(row.name, row.names) for row in session.execute(listed)]


def question_of(group: CustomerGroup) -> Asked | None:
    return msgspec.convert(group.asked, Asked) if group.asked is not None else None


def since(asked: Asked, today: date) -> date:
    return today - timedelta(days=asked.days)


def people_in(group: CustomerGroup, visitors: Visitors | None) -> Select[int]:
    """Who is in a group now; `visitors` are needed where it is asked."""
    asked = question_of(group)
    if asked is None:
        return select(GroupMember.person_id).where(GroupMember.group_id == group.id, GroupMember.person_id.is_not(None))  # type: ignore[return-value]
    if visitors is None:
        raise ValueError("a group that is asked needs its visitors")
    found = select(Person.id).where(Person.id.in_(visitors))
    if asked.product:
        holds = Card.status.in_((CardStatus.ACTIVE, CardStatus.BLOCKED)) & (Card.product == asked.product)
        found = found.where(Person.id.in_(select(Member.person_id).join(Card, Card.member_id == Member.id).where(holds)))
    return found.where(Person.language == asked.language) if asked.language else found


def reached(organisation_id: int, people: Select[int], *, is_operator: bool, channel: str = CHOSEN) -> Select[int, str, str]:
    """Whom of these people the organisation may write to, in which language, and by what: (person, language, by)."""
    agreed: ColumnElement[bool] = true() if is_operator else Person.id.in_(agreed_people(organisation_id))
    by = carrier(channel)
    return select(Person.id, Person.language, by.label("by")).where(Person.id.in_(people), by.is_not(None), agreed)


def carrier(channel: str) -> ColumnElement[str]:
    """By what a letter of a channel reaches a person, null where it does not; a confirmed address alone counts."""
    has_mobile, has_email = Person.mobile.is_not(None), Person.email.is_not(None)
    if channel == Channel.SMS:
        return case((has_mobile, Channel.SMS.value))
    if channel == Channel.EMAIL:
        return case((has_email, Channel.EMAIL.value))
    wants_email = has_email & (Person.letters_by == Channel.EMAIL.value)
    return case((wants_email, Channel.EMAIL.value), (has_mobile, Channel.SMS.value), (has_email, Channel.EMAIL.value))


def count_reached(
    session: Session, organisation_id: int, people: Select[int], *, is_operator: bool, channel: str = CHOSEN
) -> dict[str, dict[str, int]]:
    """How many of them, by what and in which language. One query."""
    whom = reached(organisation_id, people, is_operator=is_operator, channel=channel).subquery()
    counted: dict[str, dict[str, int]] = {one.value: {} for one in Channel}
    for row in session.execute(select(whom.c.by, whom.c.language, func.count()).group_by(whom.c.by, whom.c.language)):
        counted[row.by][row.language] = row[2]
    return counted
