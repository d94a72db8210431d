"""Telling the owners of many shops of one thing, a turn at a time: at its beginning and, who was told of that, of its end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import ColumnElement, Row, select
from sqlalchemy.orm import Session

from identity.models import Membership, Person
from identity.permissions import Role
from kernel.languages import in_language
from kernel.messages.queries import states_by_key
from kernel.messages.rules import Notice
from kernel.messages.services import send
from kernel.settings import load_settings
from merchants.models import Merchant


class Told(Protocol):
    """`told_of` is begin, waiting, end or done; `told_to` the last person who was told: they are told in order of their ids."""

    id: int
    told_of: str
    told_to: int

    @property
    def texts(self) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Telling:
    """What kind of thing it is; `page` is where it can be read."""

    name: str
    begun: Notice
    ended: Notice
    page: str

    def key(self, thing_id: int, occasion: str, person_id: int) -> str:
        return f"{self.name} {thing_id} {occasion} {person_id}"


def owners_to_tell(session: Session, of_shops: ColumnElement[bool], after: int, most: int) -> Sequence[Row[int, str, str]]:
    """(person, mobile, language) of the next owners of active shops among these, by id. One query."""
    owners = (
        select(Person.id, Person.mobile, Person.language)
        .join(Membership, Membership.person_id == Person.id)
        .join(Merchant, Merchant.organisation_id == Membership.organisation_id)
        .where(
            Membership.role == Role.MERCHANT, Merchant.status == "active", Person.mobile.is_not(None), Person.id > after, of_shops
        )
        .distinct()
        .order_by(Person.id)
        .limit(most)
    )
    return session.execute(owners).all()  # type: ignore[return-value]


def tell_turn(session: Session, telling: Telling, thing: Told, of_shops: ColumnElement[bool], most: int) -> None:
    """One turn. Messages carry keys, so a turn that is done again tells nobody twice."""
    owners = owners_to_tell(session, of_shops, thing.told_to, most)
    begun = {person_id: telling.key(thing.id, "begin", person_id) for person_id, _, _ in owners}
    told = states_by_key(session, begun.values()) if thing.told_of == "end" else {}
    for person_id, mobile, language in owners:
        if thing.told_of == "begin" or begun[person_id] in told:
            facts = {"text": in_language(thing.texts, language), "link": f"{load_settings().portal}{telling.page}"}
            notice = telling.begun if thing.told_of == "begin" else telling.ended
            send(session, notice, mobile, language, facts, key=telling.key(thing.id, thing.told_of, person_id))
        thing.told_to = person_id
    if len(owners) < most:
        thing.told_of = "waiting" if thing.told_of == "begin" else "done"
    session.flush()
