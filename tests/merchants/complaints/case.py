"""A purchase in a shop of a union, somebody who complains of it, and the people who answer."""

from dataclasses import dataclass
from uuid import uuid4

from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.ledger.types import Answer
from identity.permissions import Identity, Role
from merchants.complaints.models import Complaint
from merchants.complaints.services.complaining import Said, complain
from merchants.complaints.subjects import Subject, subject_of_purchase
from merchants.models import Merchant, Terminal
from tests import factories
from tests.merchants.onboarding import files
from tests.purchases import purchase

PAID = 400_000


@dataclass
class Case:
    town: files.Town
    merchant: Merchant
    till: Terminal
    card: Card
    sold: Answer
    owner: Identity

    @property
    def inspector(self) -> Identity:
        return self.town.union_officer

    def subject(self, session: Session) -> Subject:
        return subject_of_purchase(session, self.sold.business_date, self.sold.entry_id)

    def complaint(self, session: Session, cause: str = "overcharge", **said: str) -> Complaint:
        return complain(session, self.subject(session), Said(str(uuid4()), cause, **said))

    def colleague(self, session: Session) -> Identity:
        return factories.account(session, Role.UNION, organisation_id=self.town.union.id)[0]


def case(session: Session, person_id: int | None = None) -> Case:
    """A card paid 400,000 Rial in a saffron shop whose trade belongs to a union. Committed, as every purchase is."""
    town = files.town(session)
    merchant = factories.merchant(session, "saffron", town.union.id)
    factories.contract(session, merchant.id)
    till = factories.terminal(session, shop=merchant)
    owner, _ = factories.account(session, Role.MERCHANT, organisation_id=merchant.organisation_id)
    card = factories.card(session, person_id=person_id, money_rial=1_000_000)
    session.commit()
    _, sold = purchase(session, till.code, card, PAID)
    return Case(town, merchant, till, card, sold, owner)
