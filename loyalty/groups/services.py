"""Use cases of groups: found and end one, put numbers in by hand or by list, take one out."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from identity import rules as people
from identity.models import Person
from identity.permissions import Identity
from kernel import audit, clock
from kernel.errors import DomainError
from kernel.lists import CellFault, ListHasFaults, read_list, repaired
from kernel.messages.rules import shown
from kernel.messages.services import address_digest
from kernel.sealing import open_sealed, seal
from loyalty.groups import rules
from loyalty.groups.errors import GroupIsAsked, GroupNameTaken, InGroupAlready
from loyalty.groups.models import CustomerGroup, GroupList, GroupMember, GroupMove
from loyalty.groups.queries import digests_in, group_of, list_of
from loyalty.groups.rules import Asked

MOST_ROWS = 2_000
COLUMNS = {
    "called": ("نام و نام خانوادگی", "نام", "name"),
    "mobile": ("تلفن همراه", "شمارهٔ موبایل", "موبایل", "mobile"),
}
NUMBER = "group member"
LIST = "group list"


def found_group(session: Session, identity: Identity, organisation_id: int, name: str, asked: Asked | None = None) -> CustomerGroup:
    """Raises WrongGroup, GroupNameTaken."""
    facts = {
        "organisation_id": organisation_id, "name": rules.group_name(name), "made_at": clock.now(),
        "asked": {field: getattr(asked, field) for field in asked.__struct_fields__} if asked else None,
    }  # fmt: skip
    made = session.scalar(insert(CustomerGroup).values(facts).on_conflict_do_nothing().returning(CustomerGroup.id))
    if made is None:
        raise GroupNameTaken(field="name")
    after = {"organisation_id": organisation_id, "name": facts["name"], "asked": facts["asked"]}
    audit.record(session, identity.actor, "found", "customer group", made, after=after)
    return session.get_one(CustomerGroup, made)


def remove_group(session: Session, identity: Identity, organisation_id: int, group_id: int) -> None:
    """What was written to it stays; the numbers in it are forgotten. Raises GroupNotFound."""
    group = group_of(session, organisation_id, group_id, lock=True)
    group.removed_at = clock.now()
    session.execute(delete(GroupList).where(GroupList.group_id == group_id))
    gone = session.scalars(delete(GroupMember).where(GroupMember.group_id == group_id).returning(GroupMember.id)).all()
    _note_move(session, group_id, -len(gone), identity.sign_in_id)
    audit.record(session, identity.actor, "remove", "customer group", group_id, before={"name": group.name})


def add_one(session: Session, identity: Identity, organisation_id: int, group_id: int, mobile: str, called: str) -> None:
    """Put a number in; nobody is told whether it is on record. Raises GroupNotFound, GroupIsAsked, WrongMobileNumber, WrongGroup, InGroupAlready."""
    group = _listed(group_of(session, organisation_id, group_id, lock=True))
    number = people.mobile_number(mobile)
    if _add(session, identity, group, [(number, rules.called(called))]) == 0:
        raise InGroupAlready(field="mobile")
    audit.record(session, identity.actor, "add", "customer group", group_id, after={"number": shown(number)})


def remove_one(session: Session, identity: Identity, organisation_id: int, group_id: int, member_id: int) -> None:
    """Raises GroupNotFound; nothing happens where the number is not there any more."""
    group_of(session, organisation_id, group_id, lock=True)
    here = (GroupMember.id == member_id) & (GroupMember.group_id == group_id)
    gone = session.scalar(delete(GroupMember).where(here).returning(GroupMember.shown))
    if gone is not None:
        _note_move(session, group_id, -1, identity.sign_in_id)
        audit.record(session, identity.actor, "remove", "customer group", group_id, before={"number": gone})


def begin_list(session: Session, identity: Identity, organisation_id: int, group_id: int, content: bytes) -> GroupList:
    """Keep a list as it was typed, sealed. Raises GroupNotFound, GroupIsAsked, ListNotReadable, ListTooLong."""
    _listed(group_of(session, organisation_id, group_id))
    rows = read_list(content, COLUMNS, MOST_ROWS)
    kept = GroupList(
        group_id=group_id, sign_in_id=identity.sign_in_id, rows=len(rows), begun_at=clock.now(), rows_sealed=_sealed(group_id, rows)
    )
    session.add(kept)
    session.flush()
    audit.record(session, identity.actor, "begin", "group list", kept.id, after={"rows": len(rows)})
    return kept


def rows_of(kept: GroupList) -> list[dict[str, str]]:
    """What stands in the list now; nothing once it is taken in."""
    if kept.rows_sealed is None:
        return []
    rows: list[dict[str, str]] = json.loads(open_sealed(LIST, kept.rows_sealed, str(kept.group_id)))
    return rows


def repair(session: Session, organisation_id: int, list_id: int, cells: Mapping[tuple[int, str], str]) -> None:
    """Write other texts into cells; unknown cells are left out. Raises GroupListNotFound."""
    kept = list_of(session, organisation_id, list_id, lock=True)
    if kept.finished_at is not None:
        return
    kept.rows_sealed = _sealed(kept.group_id, repaired(rows_of(kept), cells))
    session.flush()


def finish_list(session: Session, identity: Identity, organisation_id: int, list_id: int) -> int:
    """Put every number in; how many. A list that is finished stays as it is.

    Raises ListHasFaults (facts `faults`), and then nothing of it is taken in; GroupListNotFound.
    """
    kept = list_of(session, organisation_id, list_id, lock=True)
    if kept.finished_at is not None:
        return 0
    group = _listed(group_of(session, organisation_id, kept.group_id, lock=True))
    rows = rows_of(kept)
    faults = faults_of(session, kept.group_id, rows)
    if faults:
        raise ListHasFaults(faults=len(faults))
    added = _add(session, identity, group, [(people.mobile_number(row["mobile"]), rules.called(row["called"])) for row in rows])
    kept.finished_at, kept.rows_sealed = clock.now(), None
    audit.record(session, identity.actor, "finish", "group list", kept.id, after={"numbers": added})
    return added


def faults_of(session: Session, group_id: int, rows: Sequence[Mapping[str, str]]) -> list[CellFault]:
    """Every row's first wrong cell, by row; one read however many rows there are."""
    digests: dict[int, bytes] = {}
    faults = []
    for at, row in enumerate(rows):
        try:
            rules.called(row["called"])
            digests[at] = address_digest(people.mobile_number(row["mobile"]))
        except DomainError as error:
            faults.append(CellFault(at, str(error.facts.get("field")), error))
    known, times = digests_in(session, group_id, list(digests.values())), Counter(digests.values())
    for at, digest in digests.items():
        if digest in known or times[digest] > 1:
            faults.append(CellFault(at, "mobile", InGroupAlready(field="mobile")))
    return sorted(faults, key=lambda fault: fault.row)


def find_owners(session: Session, group: CustomerGroup) -> None:
    """Whose the numbers are that nobody had when they were put in: somebody may be on record by now. Three queries at most."""
    waiting = session.scalars(
        select(GroupMember)
        .where(GroupMember.group_id == group.id, GroupMember.person_id.is_(None))
        .with_for_update(skip_locked=True)
    ).all()
    numbers = {open_sealed(NUMBER, one.number_sealed, one.number_digest.hex()): one for one in waiting if one.number_sealed}
    for number, person_id in _owners(session, list(numbers)).items():
        numbers[number].person_id, numbers[number].number_sealed = person_id, None
    session.flush()


def forget_person(session: Session, person_id: int) -> None:
    """Nothing of a person who leaves for good stays in anybody's group."""
    gone = delete(GroupMember).where(GroupMember.person_id == person_id).returning(GroupMember.group_id)
    for group_id, numbers in sorted(Counter(session.scalars(gone)).items()):
        _note_move(session, group_id, -numbers, None)


def _listed(group: CustomerGroup) -> CustomerGroup:
    if group.asked is not None:
        raise GroupIsAsked
    return group


def _add(session: Session, identity: Identity, group: CustomerGroup, numbers: Sequence[tuple[str, str]]) -> int:
    owners = _owners(session, [number for number, _ in numbers])
    now = clock.now()
    rows = [
        {
            "group_id": group.id, "person_id": owners.get(number), "called": name, "shown": shown(number), "number_digest": digest,
            "number_sealed": None if number in owners else seal(NUMBER, number, digest.hex()), "added_at": now,
        }
        for number, name in numbers
        for digest in (address_digest(number),)
    ]  # fmt: skip
    added = len(session.scalars(insert(GroupMember).values(rows).on_conflict_do_nothing().returning(GroupMember.id)).all())
    _note_move(session, group.id, added, identity.sign_in_id)
    return added


def _note_move(session: Session, group_id: int, numbers: int, sign_in_id: int | None) -> None:
    if numbers:
        session.add(GroupMove(group_id=group_id, numbers=numbers, sign_in_id=sign_in_id, at=clock.now()))


def _owners(session: Session, numbers: Sequence[str]) -> dict[str, int]:
    """Number → the person who has been on record with it the longest: a family may share one. One query, none without numbers."""
    if not numbers:
        return {}
    found = select(Person.mobile, Person.id).where(Person.mobile.in_(numbers)).order_by(Person.id.desc())
    return {str(row.mobile): row.id for row in session.execute(found)}


def _sealed(group_id: int, rows: Sequence[Mapping[str, str]]) -> bytes:
    return seal(LIST, json.dumps(rows, ensure_ascii=False), str(group_id))
