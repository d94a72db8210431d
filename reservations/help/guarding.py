"""Whose help card somebody keeps: the own, that of who chose them as guardian, and that of the children of the family they head."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from cardbank.families.queries import children_of_head, head_of_child
from identity.helping import Act, check_helper, guardians_of, helps_of
from identity.permissions import Identity
from identity.queries import names_of_people


@dataclass(frozen=True, slots=True)
class Ward:
    person_id: int
    names: dict[str, str]


def check_guardian(session: Session, identity: Identity, person_id: int) -> None:
    """Raises NotTheirHelper for who may not keep this person's help card."""
    if person_id != identity.person_id and head_of_child(session, person_id) == identity.person_id:
        return
    check_helper(session, identity, person_id, Act.GUARD)


def guardians(session: Session, person_id: int) -> list[int]:
    """Who is told beside the leader whom the card names."""
    head = head_of_child(session, person_id)
    return sorted({*guardians_of(session, person_id), *([] if head is None else [head])})


def wards_of(session: Session, identity: Identity) -> list[Ward]:
    """Whose help card this person keeps beside the own one. Four queries."""
    helped = [one.person_id for one in helps_of(session, identity) if one.is_mine and Act.GUARD in one.may]
    ids = list(dict.fromkeys((*helped, *children_of_head(session, identity.person_id))))
    names = names_of_people(session, ids) if ids else {}
    return [Ward(number, names[number]) for number in ids]
