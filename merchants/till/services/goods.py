"""Goods follow their sale: out of the stock when it begins, back when it comes to nothing or is returned."""

from collections.abc import Iterable, Sequence
from uuid import UUID, uuid5

from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import Actor
from kernel.languages import in_language
from merchants.catalogue.errors import ProductNotFound, WrongBarcode
from merchants.catalogue.queries import Sought, find_by_code, products_page
from merchants.models import Branch
from merchants.stock.rules import Line as Goods
from merchants.stock.services.moving import sell, take_back
from merchants.tags.queries import code_of_tag
from merchants.tags.rules import code_said
from merchants.till.errors import GoodsUnknown, TagUnknown
from merchants.till.queries import SaleRow
from merchants.till.rules import LONGEST_TEXT, Line, price_said

MOST_NAMED = 8
MILLI = 1_000  # quantities of the stock are thousandths of a unit


def line_of_code(session: Session, branch_id: int, typed: str, count: int, language: str) -> Line:
    """A scanned product as a line, at its card price of now. Raises WrongBarcode, ProductNotFound, NoPrice, PriceAboveCeiling."""
    offer = find_by_code(session, branch_id, typed, clock.now())
    list_rial = offer.list_rial if offer.list_rial > offer.card_rial else None
    return Line(in_language(offer.names, language)[:LONGEST_TEXT], count, offer.card_rial, offer.product_id, offer.code, list_rial)


def line_said(session: Session, branch_id: int, said: str, count: int, language: str) -> Line:
    """A product by its code; digits that no product bears are the price of goods without a name, where they can be one.

    Raises GoodsUnknown and, but for an unknown code, what `line_of_code` raises.
    """
    price_rial = price_said(said)
    try:
        return line_of_code(session, branch_id, said, count, language)
    except WrongBarcode:
        if price_rial is None:
            raise
    except ProductNotFound:
        if price_rial is None:
            raise GoodsUnknown(field="code") from None
    return Line("", count, price_rial)


def lines_named(session: Session, branch_id: int, name: str, language: str) -> list[Line]:
    """The shop's goods whose names hold these words, each a piece at its card price of now; what has no price is not sold."""
    merchant_id = session.get_one(Branch, branch_id).merchant_id
    found = products_page(session, merchant_id, clock.now(), Sought(text=name), branch_id=branch_id, limit=MOST_NAMED)
    return [
        Line(in_language(one.product.names, language)[:LONGEST_TEXT], 1, one.card_rial, one.product.id, one.product.code)
        for one in found
        if one.card_rial is not None and not one.is_above_ceiling
    ]


def line_of_tag(session: Session, branch_id: int, uid: str, says: Sequence[str], language: str) -> Line:
    """The goods whose NFC tag lies on the reader: by what the tag says of itself, else by what the shop has bound it to.

    Raises TagUnknown, and of goods that are found what `line_of_code` raises but for an unknown code.
    """
    codes = [code for said in says if (code := code_said(said))]
    bound = code_of_tag(session, branch_id, uid)
    for code in [bound, *codes] if bound else codes:
        try:
            return line_of_code(session, branch_id, code, 1, language)
        except (ProductNotFound, WrongBarcode):
            continue
    raise TagUnknown(field="tag")


def take_goods(session: Session, actor: Actor, branch_id: int, goods_key: str, lines: Iterable[Line]) -> None:
    """Raises StockTooLow, where the shop does not sell what it has not got."""
    if goods := goods_of(lines):
        sell(session, actor, branch_id, goods, goods_key)


def bring_back_goods(session: Session, actor: Actor, branch_id: int, sale: SaleRow) -> None:
    """All goods of a sale that came to nothing; asked again, it moves nothing."""
    if goods := goods_of(sale.lines):
        take_back(session, actor, branch_id, goods, str(uuid5(UUID(sale.goods_key), "nothing came of it")), sale.goods_key)


def goods_of(lines: Iterable[Line]) -> list[Goods]:
    return [Goods(line.product_id, line.count * MILLI) for line in lines if line.product_id is not None]
