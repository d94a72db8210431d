"""A shop with two branches, its union, and products made through their use cases."""

from dataclasses import dataclass
from itertools import count

from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from merchants.catalogue.models import Product, TradeGroup
from merchants.catalogue.rules.barcodes import gtin_check_digit
from merchants.catalogue.rules.goods import read_goods
from merchants.catalogue.services import pricing, products
from merchants.models import Branch, Merchant
from merchants.services import open_branch
from tests.factories import ACTOR, account, merchant, organisation, place

_numbers = count(1)


@dataclass(frozen=True)
class Shop:
    merchant: Merchant
    branches: tuple[Branch, ...]
    owner: Identity

    @property
    def branch_id(self) -> int:
        return self.branches[0].id


def shop(session: Session, union_id: int | None = None) -> Shop:
    made = merchant(session, "saffron", union_id or organisation(session, "union").id)
    branches = tuple(open_branch(session, ACTOR, made.id, place(session).id, {"fa": f"شعبهٔ {name}"}) for name in ("یک", "دو"))
    owner, _ = account(session, Role.MERCHANT, organisation_id=made.organisation_id)
    return Shop(made, branches, owner)


def ean13() -> str:
    twelve = f"626{next(_numbers):09d}"
    return twelve + str(gtin_check_digit(twelve))


def typed(**fields: str) -> dict[str, str]:
    """A right form of a product."""
    return {"name_fa": f"زعفران نمونه {next(_numbers)}", "code": ean13(), "unit": "piece", "points": "۳"} | fields


def product(session: Session, at: Shop, *, list_rial: int = 0, card_rial: int = 0, **fields: str) -> Product:
    """A product, with a price from now on where one is given."""
    goods, faults = read_goods(typed(**fields))
    assert goods is not None, faults
    made = products.add_product(session, ACTOR, at.merchant, goods)
    if list_rial:
        pricing.set_price(session, ACTOR, made, list_rial, card_rial or list_rial)
    return made


def trade_group(session: Session, union_id: int, ceiling_rial: int = 0, unit: str = "piece") -> TradeGroup:
    group = pricing.add_trade_group(session, ACTOR, union_id, {"name_fa": "زعفران یک مثقالی", "unit": unit})
    if ceiling_rial:
        pricing.set_ceiling(session, ACTOR, group, ceiling_rial)
    return group
