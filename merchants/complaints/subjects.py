"""What a complaint is about: a purchase, or a shop in the directory; and who answers for it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, and_, select
from sqlalchemy.orm import Session

from cardbank.ledger.types import Source
from cardbank.outcomes import Purchase, purchase_of_entry
from identity.models import Organisation
from merchants.catalogue.models import Ceiling, Product
from merchants.catalogue.queries import holds
from merchants.complaints.errors import ComplaintNotFound
from merchants.complaints.models import ShopInspector
from merchants.complaints.rules import GoodsLine
from merchants.models import Branch, Merchant, Terminal
from merchants.onboarding.models import Application, Overseer, Trade
from merchants.till.queries import sale_of_entry
from merchants.till.rules import Line
from places.errors import PlaceNotFound
from places.models import Place


@dataclass(frozen=True, slots=True)
class Bought:
    """The purchase, as far as its shop's own receipt says it."""

    business_date: date
    entry_id: int
    amount_rial: int
    bought_at: datetime
    lines: tuple[GoodsLine, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A shop, its branch, and who answers: the union of its trade in its city, its inspector, the city's municipality."""

    merchant_id: int
    organisation_id: int
    branch_id: int | None
    shop_names: dict[str, str]
    trade_id: int | None
    union_id: int | None
    municipality_id: int | None
    inspector_id: int | None
    bought: Bought | None = None


def subject_of_purchase(session: Session, business_date: date, entry_id: int) -> Subject:
    """Raises ComplaintNotFound where the entry is no purchase in a shop."""
    purchase = purchase_of_entry(session, business_date, entry_id)
    if purchase is None or purchase.shop_id is None:
        raise ComplaintNotFound
    shop = session.execute(_shops(Merchant.wallet_id == purchase.shop_id, Terminal.id == (purchase.terminal_id or 0))).first()
    if shop is None:
        raise ComplaintNotFound
    bought = Bought(business_date, entry_id, purchase.amount_rial, purchase.decided_at, _goods(session, purchase))
    return _subject(shop, bought)


def subject_of_place(session: Session, place_id: int) -> Subject:
    """The shop that stands at a place. Raises PlaceNotFound."""
    stands_here = Branch.place_id == place_id
    shop = session.execute(_shops((Merchant.status != "closed") & stands_here, stands_here)).first()
    if shop is None:
        raise PlaceNotFound
    return _subject(shop, None)


def _shops(which: Any, where: Any) -> Select[*tuple[Any, ...]]:
    """A shop with the branch that fits, or with any of its branches where none does: its city tells who answers."""
    return (
        select(
            Merchant.id, Merchant.organisation_id, Organisation.names.label("shop_names"), Branch.names, Branch.id.label("branch_id"),
            where.label("fits"), Merchant.union_id, ShopInspector.person_id, Overseer.organisation_id.label("municipality_id"),
            Application.trade_id.label("own_trade_id"), Trade.id.label("city_trade_id"), Trade.union_id.label("trade_union_id"),
        )
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .outerjoin(Branch, Branch.merchant_id == Merchant.id)
        .outerjoin(Terminal, Terminal.branch_id == Branch.id)
        .outerjoin(Place, Place.id == Branch.place_id)
        .outerjoin(Application, Application.merchant_id == Merchant.id)
        .outerjoin(Trade, and_(Trade.city_id == Place.city_id, Trade.kind == Merchant.kind))
        .outerjoin(Overseer, Overseer.city_id == Place.city_id)
        .outerjoin(ShopInspector, ShopInspector.merchant_id == Merchant.id)
        .where(which)
        .order_by(where.desc().nulls_last(), (Trade.union_id == Merchant.union_id).desc().nulls_last(), Trade.id)
        .limit(1)
    )  # fmt: skip


def _subject(shop: Row[Any], bought: Bought | None) -> Subject:
    union_id = shop.union_id or shop.trade_union_id
    is_of_union = shop.trade_union_id is not None and shop.trade_union_id == union_id
    return Subject(
        merchant_id=shop.id,
        organisation_id=shop.organisation_id,
        branch_id=shop.branch_id if shop.fits else None,
        shop_names=shop.names if shop.fits else shop.shop_names,
        trade_id=shop.own_trade_id or (shop.city_trade_id if is_of_union else None),
        union_id=union_id,
        municipality_id=shop.municipality_id,
        inspector_id=shop.person_id,
        bought=bought,
    )


def _goods(session: Session, purchase: Purchase) -> tuple[GoodsLine, ...]:
    """The basket of a web till with the ceilings of that moment; a terminal knows the sum alone."""
    sale = sale_of_entry(session, purchase.source_key) if purchase.source is Source.WEB_TILL else None
    if sale is None:
        return ()
    ceilings = _ceilings(session, sale.lines, purchase.decided_at)
    return tuple(GoodsLine(line.text, line.count, line.each_rial, ceilings.get(line.product_id or 0)) for line in sale.lines)


def _ceilings(session: Session, lines: tuple[Line, ...], at: datetime) -> dict[int, int]:
    """Product → the ceiling of its trade group at that time. One query."""
    rows = session.execute(
        select(Product.id, Ceiling.amount_rial)
        .join(Ceiling, Ceiling.trade_group_id == Product.trade_group_id)
        .where(Product.id.in_({line.product_id for line in lines if line.product_id is not None}), holds(Ceiling, at))
    )
    return {row.id: row.amount_rial for row in rows}
