"""A shop of a union with money waiting for its settlement, and what it owes the union."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from sqlalchemy.orm import Session

from identity.models import Organisation
from identity.permissions import Identity, Role
from kernel import clock
from kernel.calendar import local_day
from merchants.dues import services
from merchants.dues.models import Due
from merchants.dues.services import Entered
from merchants.models import Merchant
from merchants.settlement.models import BankAccount
from merchants.settlement.rules.sheba import make_sheba
from merchants.settlement.services.accounts import approve_account
from merchants.settlement.services.pricing import price_everything
from tests import factories
from tests.merchants.onboarding import files
from tests.merchants.settlement import trade

SOLD = 1_000_000


@dataclass
class Place:
    town: files.Town
    shop: Merchant
    owner: Identity

    @property
    def clerk(self) -> Identity:
        return self.town.union_officer

    @property
    def union_id(self) -> int:
        return self.town.union.id

    def due(self, session: Session, amount_rial: int = 300_000, *, key: str = "", days: int = 30) -> Due:
        due_on = local_day(clock.now()) + timedelta(days=days)
        typed = Entered(key or str(uuid4()), self.shop.id, "حق عضویت", amount_rial, due_on)
        return services.enter_due(session, self.clerk, self.union_id, typed)

    def account(self, session: Session) -> BankAccount:
        name = session.get_one(Organisation, self.union_id).names["fa"]
        asked = services.ask_to_be_paid(session, self.clerk, self.union_id, make_sheba("012", f"{self.union_id:018d}"), name)
        approve_account(session, factories.ACTOR, None, asked.id)
        return asked


def place(session: Session, *, sold_rial: int = SOLD) -> Place:
    at = files.town(session)
    shop = trade.shop(session)
    shop.union_id = at.union.id
    owner, _ = factories.account(session, Role.MERCHANT, organisation_id=shop.organisation_id)
    session.commit()
    if sold_rial:
        trade.post(session, trade.sale(trade.holder(session), shop, sold_rial))
        price_everything(session)
        session.commit()
    return Place(at, shop, owner)
