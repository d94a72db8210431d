"""A group, a list under repair and a letter, for the pages that show them."""

from uuid import uuid4

from sqlalchemy.orm import Session

from cardbank.cards.models import Member
from identity.permissions import Identity
from identity.queries import person
from kernel import clock
from kernel.db import unit_of_work
from loyalty.groups import services as groups
from loyalty.groups.models import CustomerGroup
from loyalty.letters import services
from loyalty.letters.links import ending_address
from loyalty.letters.rules import Draft
from tests.loyalty.groups.people import customer, mobile

LISTED = "نام,موبایل\nرضا نمونه,0915\n"
TEXTS = {
    "fa": "زعفران تازه رسید؛ تا پایان هفته با ۵ درصد اعتبار.",
    "en": "Fresh saffron, with 5% credit until the end of the week.",
}


def letters_from(session: Session, owner: Identity) -> dict[str, int]:
    """Of an organisation with one customer who lets it write."""
    shop = _organisation(owner)
    _, number = customer(session, shop)
    group = _group(session, owner, number)
    brought = groups.begin_list(session, owner, shop, group.id, LISTED.encode())
    written = services.write_letter(session, owner, (shop, False), str(uuid4()), Draft("offer", TEXTS, clock.now()), group)
    session.commit()
    return {"group_id": group.id, "group_list_id": brought.id, "letter_id": written.id}


def letters_of(owner: Identity, operator: Identity, member_id: int | None) -> dict[str, str]:
    """In the demonstration: a shop's group and list, the operator's group and a letter to it that has left."""
    with unit_of_work() as session:
        holder = person(session, session.get_one(Member, member_id).person_id or 0)
        assert holder is not None
        holder.mobile = holder.mobile or mobile()
        group = _group(session, owner, holder.mobile)
        brought = groups.begin_list(session, owner, _organisation(owner), group.id, LISTED.encode())
        own = _group(session, operator, holder.mobile)
        draft = Draft("service", TEXTS, clock.now())
        written = services.write_letter(session, operator, (own.organisation_id, True), str(uuid4()), draft, own)
        services.send_next(session)
        link = ending_address(holder.id, group.organisation_id).rpartition("/")[2]
        return {
            "group": str(group.id),
            "group_list": str(brought.id),
            "operators_group": str(own.id),
            "letter": str(written.id),
            "letter_link": link,
        }


def _organisation(identity: Identity) -> int:
    return next(grant.organisation_id for grant in identity.grants if grant.organisation_id is not None)


def _group(session: Session, owner: Identity, number: str) -> CustomerGroup:
    organisation_id = _organisation(owner)
    group = groups.found_group(session, owner, organisation_id, "مشتریان همیشگی")
    for one, called in ((mobile(), "خانم نمونه"), (number, "آقای نمونه")):
        groups.add_one(session, owner, organisation_id, group.id, one, called)
    return group
