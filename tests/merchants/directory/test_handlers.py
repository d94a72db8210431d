"""Whom a moved month is told to."""

from sqlalchemy.orm import Session

from identity.permissions import Role
from identity.services import add_member
from kernel.messages.queries import facts_sent_to
from merchants.directory.handlers import on_hours_moved
from merchants.services import open_branch
from places.hours.events import HoursMoved
from places.hours.services import set_hours
from tests import factories
from tests.factories import ACTOR


def test_each_owner_is_told_once_for_each_move(session: Session) -> None:
    shop, other = factories.merchant(session), factories.merchant(session)
    owners = [factories.person(session, "en") for _ in range(3)]
    for number, (person, place, role) in enumerate(
        ((owners[0], shop, Role.MERCHANT), (owners[1], shop, Role.CASHIER), (owners[2], other, Role.MERCHANT))
    ):
        person.mobile = f"+98915000000{number}"
        add_member(session, ACTOR, person.id, role, place.organisation_id)
    for _ in range(2):
        branch = open_branch(session, ACTOR, shop.id, factories.place(session).id, {"fa": "شعبه"})
        rule = set_hours(session, ACTOR, branch.place_id, "08:00-20:00; PH off").rule_id
    for move in (1, 1, 2):
        on_hours_moved(session, HoursMoved(move, rule))
    session.flush()
    assert [told(session, person.mobile) for person in owners] == [2, 0, 0]


def told(session: Session, mobile: str | None) -> int:
    return len(facts_sent_to(session, mobile or "", "hours_moved"))
