"""Goods handed over as a gift at a web till."""

from sqlalchemy.orm import Session

from identity.permissions import Identity
from kernel import clock
from kernel.languages import in_language
from merchants.catalogue.queries import find_by_code
from merchants.stock.rules import Line as Goods
from merchants.stock.services.moving import give_away
from merchants.till.errors import NotInStock, ShiftIsClosed, WrongLine
from merchants.till.rules import MOST_COUNT
from merchants.till.services.goods import MILLI
from merchants.till.services.shifts import own_shift


def give_goods(session: Session, identity: Identity, shift_id: int, key: str, typed: str, count: int, why: str) -> tuple[str, int]:
    """Hand a product over as a gift: it leaves the stock of the branch and moves no money. The same key again moves nothing.

    Gives what the product is called and how many pieces it was. Raises ShiftNotFound, NotPermitted, ShiftIsClosed, WrongLine,
    NotInStock for goods whose stock is not kept, StockTooLow, StockReasonMissing, and what `find_by_code` raises.
    """
    row = own_shift(session, identity, shift_id)
    if not row.is_open:
        raise ShiftIsClosed
    if not 0 < count <= MOST_COUNT:
        raise WrongLine(field="count", line=1, fault="count")
    offer = find_by_code(session, row.branch_id, typed, clock.now())
    if not offer.is_stocked:
        raise NotInStock(field="code")
    give_away(session, identity.actor, row.branch_id, [Goods(offer.product_id, count * MILLI)], key, why)
    return in_language(offer.names, identity.language), count
