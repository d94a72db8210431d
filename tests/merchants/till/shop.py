"""A shop with a web till and somebody to work at it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from identity.permissions import Grant, Identity, Role
from merchants import services as merchants
from merchants.models import Branch, Merchant, Terminal
from tests import factories
from tests.factories import ACTOR


@dataclass
class Shop:
    merchant: Merchant
    branch: Branch
    till: Terminal


def shop(session: Session, *, programme_id: int | None = None, purchase_limit_rial: int | None = None) -> Shop:
    merchant = factories.merchant(session)
    factories.contract(session, merchant.id, programme_id=programme_id, purchase_limit_rial=purchase_limit_rial)
    return in_branch(session, merchant)


def in_branch(session: Session, merchant: Merchant) -> Shop:
    place = factories.place(session)
    branch = merchants.open_branch(session, ACTOR, merchant.id, place.id, {"fa": "شعبهٔ بازار", "en": "Bazaar branch"})
    return Shop(merchant, branch, web_till(session, branch.id))


def web_till(session: Session, branch_id: int) -> Terminal:
    return merchants.open_terminal(session, ACTOR, branch_id, kind="web")


def cashier(session: Session, at: Shop, *, role: Role = Role.CASHIER, is_bound: bool = False) -> Identity:
    """Somebody who works in the shop, in this branch alone where bound."""
    person = factories.person(session)
    grant = Grant(role, at.merchant.organisation_id, at.branch.id if is_bound else None)
    return Identity(sign_in_id=1, person_id=person.id, name="صندوقدار", language="fa", grants=(grant,))
