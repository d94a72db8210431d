"""A shop whose goods cost less with the card and whose contract takes a tenth off, and what is bought in it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.ledger.types import Answer, Key
from cardbank.services import new_request_key
from identity.permissions import Identity
from merchants.till.queries import key_of
from merchants.till.rules import Line
from merchants.till.services.selling import begin_sale
from merchants.till.services.shifts import open_shift
from tests import factories
from tests.merchants.instalments.deal import terms
from tests.merchants.till.shop import Shop, cashier, shop
from tests.purchases import purchase

# Three pieces at a card price of 200,000 in place of 220,000, and one thing that has the discount: 60,000 and 10,000 saved.
BASKET = [Line("زعفران", 3, 200_000, list_rial=220_000), Line("نبات", 1, 100_000)]
PAID, BY_PRICE, BY_DISCOUNT = 690_000, 60_000, 10_000


@dataclass
class Street:
    at: Shop
    clerk: Identity
    shift_id: int

    def buy(self, session: Session, card: Card, *, spend_credit: bool = False) -> tuple[Key, Answer]:
        """The basket, paid at once."""
        sale = begin_sale(session, self.clerk, self.shift_id, new_request_key(), BASKET)
        session.commit()
        key = key_of(self.at.till.id, sale.key)
        return purchase(session, self.at.till.code, card, sale.at_once_rial, spend_credit=spend_credit, key=key)


def street(session: Session) -> Street:
    at = shop(session, programme_id=factories.programme(session).id)
    terms(session, at.merchant.id, cash_discount_basis_points=1_000)
    clerk = cashier(session, at)
    made = Street(at, clerk, open_shift(session, clerk, at.till.code, 0).id)
    session.commit()
    return made
