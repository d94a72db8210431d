"""Reads of price lists and orders of cards, and the locks under which they change."""

from collections.abc import Collection, Sequence
from datetime import date

from msgspec import Struct
from sqlalchemy import Select, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session, defer

from cardbank.cards.models import Card
from cardbank.cards.rules import CardStatus
from cardbank.kinds.queries import newest_version
from cardbank.orders.errors import CardOrderNotFound
from cardbank.orders.models import CardOrder, CardOrderArt, CardPriceList, CardPriceTier
from cardbank.orders.rules import OrderState, Prices, Tier
from identity.models import Organisation


class OrderRow(Struct, frozen=True):
    """An order with whose it is, its picture without the picture itself, what its kind is called, and how many of its cards are out."""

    order: CardOrder
    names: dict[str, str]
    art: CardOrderArt | None = None
    made: int = 0
    handed_out: int = 0
    kind_names: dict[str, str] = {}

    @property
    def state(self) -> OrderState:
        return OrderState(self.order.state)

    @property
    def total_rial(self) -> int:
        return self.order.cards * self.order.unit_rial + self.order.setup_rial


def prices_on(session: Session, day: date, kinds: Collection[str]) -> dict[str, Prices]:
    """What holds on a day, by kind; one that has no list yet is left out. Two queries."""
    begun = (
        select(CardPriceList)
        .where(CardPriceList.starts_on <= day, CardPriceList.kind.in_(kinds))
        .ext(distinct_on(CardPriceList.kind))
    )
    lists = session.scalars(begun.order_by(CardPriceList.kind, CardPriceList.starts_on.desc())).all()
    return {one.kind: prices for one, prices in zip(lists, _with_tiers(session, lists), strict=True)}


def price_lists(session: Session, most: int = 100) -> list[tuple[CardPriceList, Prices]]:
    """All lists, the newest first. Two queries."""
    lists = session.scalars(
        select(CardPriceList).order_by(CardPriceList.starts_on.desc(), CardPriceList.id.desc()).limit(most)
    ).all()
    return list(zip(lists, _with_tiers(session, lists), strict=True))


def newest_list_from(session: Session, kind: str) -> date | None:
    return session.scalar(select(func.max(CardPriceList.starts_on)).where(CardPriceList.kind == kind))


def _with_tiers(session: Session, lists: Sequence[CardPriceList]) -> list[Prices]:
    found: dict[int, list[Tier]] = {}
    wanted = select(CardPriceTier).where(CardPriceTier.list_id.in_([one.id for one in lists])).order_by(CardPriceTier.least)
    for tier in session.scalars(wanted):
        found.setdefault(tier.list_id, []).append(Tier(tier.least, tier.unit_rial))
    return [Prices(one.starts_on, one.setup_rial, tuple(found.get(one.id, ()))) for one in lists]


def orders_page(
    session: Session,
    organisation_ids: Collection[int] | None,
    *,
    state: OrderState | None = None,
    before: int | None = None,
    limit: int = 20,
) -> list[OrderRow]:
    """The newest first: of some organisations, or of all if None. One query."""
    page = _orders().order_by(CardOrder.id.desc()).limit(limit)
    if organisation_ids is not None:
        page = page.where(CardOrder.organisation_id.in_(organisation_ids))
    if state is not None:
        page = page.where(CardOrder.state == state)
    if before is not None:
        page = page.where(CardOrder.id < before)
    return [OrderRow(row.CardOrder, row.names) for row in session.execute(page)]


def order_row(session: Session, order_id: int) -> OrderRow:
    """Raises CardOrderNotFound. Four queries."""
    row = session.execute(_orders().where(CardOrder.id == order_id)).one_or_none()
    if row is None:
        raise CardOrderNotFound(order_id=order_id)
    art = session.scalar(select(CardOrderArt).where(CardOrderArt.order_id == order_id).options(defer(CardOrderArt.content)))
    left = func.count().filter(Card.status != CardStatus.STOCK)
    made, handed_out = session.execute(select(func.count(), left).where(Card.order_id == order_id)).one()
    kind = newest_version(session, row.CardOrder.kind)
    return OrderRow(row.CardOrder, row.names, art, made, handed_out, kind.names if kind else {})


def has_cards(session: Session, order_id: int) -> bool:
    """Whether an order's cards are made: of a kind with a chip they are not before its chips are known."""
    return session.scalar(select(Card.id).where(Card.order_id == order_id).limit(1)) is not None


def art_of_order(session: Session, order_id: int) -> CardOrderArt:
    """Raises CardOrderNotFound for an order without a picture, too."""
    found = session.get(CardOrderArt, order_id)
    if found is None:
        raise CardOrderNotFound(order_id=order_id)
    return found


def lock_order(session: Session, order_id: int) -> CardOrder:
    """The order, locked against every other step. Raises CardOrderNotFound."""
    found = session.get(CardOrder, order_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise CardOrderNotFound(order_id=order_id)
    return found


def lock_prices(session: Session, kind: str) -> None:
    """Lists of one kind are made one after the other."""
    session.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))"), {"key": f"card prices {kind}"})


def _orders() -> Select[CardOrder, dict[str, str]]:
    return select(CardOrder, Organisation.names).join(Organisation, Organisation.id == CardOrder.organisation_id)
