"""An organisation with customers who have mobile numbers, some of whom let it write."""

from itertools import count

from sqlalchemy.orm import Session

from identity.consents import agree
from identity.models import Person
from identity.permissions import Identity, Role
from tests import factories

_numbers = count(1)


def mobile() -> str:
    return f"+98935{next(_numbers):07d}"


def customer(session: Session, *agreed_with: int, language: str = "fa") -> tuple[Identity, str]:
    """A pilgrim with a number: (identity, number)."""
    identity, _ = factories.account(session, language=language)
    number = session.get_one(Person, identity.person_id).mobile = mobile()
    for organisation_id in agreed_with:
        agree(session, identity, organisation_id)
    session.flush()
    return identity, number


def shop_owner(session: Session) -> tuple[Identity, int]:
    organisation_id = factories.organisation(session).id
    return factories.account(session, Role.MERCHANT, organisation_id=organisation_id)[0], organisation_id
