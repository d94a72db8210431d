"""Price lists, and an order from its asking to its payment. Each step locks the order and is audited."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.cards.rules import GIFT_PRODUCT
from cardbank.cards.services import stock_card
from cardbank.keystore.ports import KeyStore
from cardbank.kinds.queries import kind_in_force
from cardbank.kinds.rules import Technology
from cardbank.orders.errors import CardOrderPaid, OrderNumbersTaken, WrongCardOrder, WrongCardPrices
from cardbank.orders.models import CardOrder, CardOrderArt, CardPriceList, CardPriceTier
from cardbank.orders.queries import has_cards, lock_order, lock_prices, newest_list_from, prices_on
from cardbank.orders.rules import (
    LONGEST_WHY,
    OrderState,
    Prices,
    Wish,
    check_art,
    check_prices,
    check_step,
    check_wish,
    checked_receipt,
    typed_chips,
    unit_of,
)
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.errors import BadInput
from kernel.printing.picture import Picture


def set_prices(session: Session, actor: Actor, kind: str, prices: Prices) -> CardPriceList:
    """What cards of a kind cost from a day on; orders that stand keep their price. Raises CardKindNotFound, WrongCardPrices."""
    today = local_day(clock.now())
    if kind == GIFT_PRODUCT:
        raise WrongCardPrices(field="kind")
    kind_in_force(session, kind, today)
    lock_prices(session, kind)
    check_prices(prices, today, newest_list_from(session, kind))
    made = CardPriceList(
        kind=kind, starts_on=prices.starts_on, setup_rial=prices.setup_rial, made_by=actor.name, made_at=clock.now()
    )
    session.add(made)
    session.flush()
    session.add_all(CardPriceTier(list_id=made.id, least=tier.least, unit_rial=tier.unit_rial) for tier in prices.tiers)
    session.flush()
    said = {"starts_on": prices.starts_on.isoformat(), "setup_rial": prices.setup_rial}
    audit.record(
        session,
        actor,
        "set",
        "card prices",
        kind,
        after=said | {"tiers": {str(tier.least): tier.unit_rial for tier in prices.tiers}},
    )
    return made


def ask_cards(
    session: Session, actor: Actor, organisation_id: int, key: str, wish: Wish, picture: Picture | None = None
) -> CardOrder:
    """Order cards at the price of today. The same `key` again gives the order that stands.

    Raises WrongCardOrder, WrongCardArt, CardKindNotFound.
    """
    prices = prices_on(session, local_day(clock.now()), [wish.kind]).get(wish.kind)
    if prices is None or not kind_in_force(session, wish.kind, local_day(clock.now())).is_open:
        raise WrongCardOrder(field="kind")
    check_wish(wish, prices.tiers)
    if picture is not None:
        check_art(picture.wide, picture.high)
    facts = {
        "key": key, "organisation_id": organisation_id, "kind": wish.kind, "cards": wish.count, "design": wish.design, "note": wish.note,
        "unit_rial": unit_of(prices.tiers, wish.count), "setup_rial": prices.setup_rial if picture else 0, "state": OrderState.ASKED,
        "asked_by": actor.name, "asked_at": clock.now(),
    }  # fmt: skip
    made = session.scalar(insert(CardOrder).values(facts).on_conflict_do_nothing().returning(CardOrder.id))
    order = session.scalars(
        select(CardOrder).where(CardOrder.key == key, CardOrder.organisation_id == organisation_id)
    ).one_or_none()
    if order is None:
        raise BadInput(field="key")
    if made is None:
        return order
    if picture is not None:
        session.add(
            CardOrderArt(
                order_id=made, media_type=picture.media_type, wide=picture.wide, high=picture.high, content=picture.content
            )
        )
    session.flush()
    said = {"organisation_id": organisation_id, "kind": wish.kind, "cards": wish.count, "unit_rial": order.unit_rial}
    audit.record(session, actor, "ask", "card order", order.id, after=said)
    return order


def confirm_order(session: Session, actor: Actor, order_id: int, due_on: date) -> CardOrder:
    """The bank takes the order and promises a day. Raises CardOrderNotFound, CardOrderStepRefused, WrongCardOrder."""
    order = lock_order(session, order_id)
    if due_on < local_day(clock.now()):
        raise WrongCardOrder(field="due_on")
    check_step(OrderState(order.state), OrderState.CONFIRMED)
    order.due_on = due_on
    return _become(session, actor, order, OrderState.CONFIRMED)


def produce_order(session: Session, keystore: KeyStore, actor: Actor, order_id: int) -> CardOrder:
    """The printer begins. Cards without a chip are made now, since their numbers are printed. Raises CardOrderNotFound, CardOrderStepRefused."""
    order = lock_order(session, order_id)
    _become(session, actor, order, OrderState.PRODUCING)
    if kind_in_force(session, order.kind, local_day(clock.now())).technology != Technology.CHIP:
        _make_cards(session, keystore, actor, order, [None] * order.cards)
    return order


def order_numbers(session: Session, keystore: KeyStore, actor: Actor, order_id: int) -> list[tuple[str, Card]]:
    """The numbers for the printer, in order: once. Raises CardOrderNotFound, OrderNumbersTaken."""
    order = lock_order(session, order_id)
    if order.numbers_taken_at is not None:
        raise OrderNumbersTaken(fault="taken")
    cards = session.scalars(select(Card).where(Card.order_id == order_id).order_by(Card.id)).all()
    if not cards or cards[0].uid is not None:
        raise OrderNumbersTaken(fault="none")
    order.numbers_taken_at = clock.now()
    session.flush()
    audit.record(session, actor, "take numbers", "card order", order_id, after={"cards": len(cards)})
    return [(keystore.open_card_number(card.number_sealed, card.token), card) for card in cards]


def deliver_order(session: Session, keystore: KeyStore, actor: Actor, order_id: int, chips: str = "") -> CardOrder:
    """The cards lie in the stock. Of a kind with a chip, `chips` are those of the delivery, one a line.

    Raises CardOrderNotFound, CardOrderStepRefused, WrongChips, ChipInUse.
    """
    order = lock_order(session, order_id)
    check_step(OrderState(order.state), OrderState.DELIVERED)
    if not has_cards(session, order_id):
        _make_cards(session, keystore, actor, order, typed_chips(chips, order.cards))
    order.delivered_at = clock.now()
    _become(session, actor, order, OrderState.DELIVERED)
    return _close_if_paid(session, actor, order)


def pay_order(session: Session, actor: Actor, order_id: int, receipt: str) -> CardOrder:
    """Note by which receipt of the bank an order was paid. Raises CardOrderNotFound, CardOrderPaid, CardOrderStepRefused, WrongCardOrder."""
    number, order = checked_receipt(receipt), lock_order(session, order_id)
    if order.paid_at is not None:
        if order.receipt == number:
            return order
        raise CardOrderPaid
    if order.state == OrderState.CALLED_OFF:
        check_step(OrderState.CALLED_OFF, OrderState.CLOSED)
    order.receipt, order.paid_at = number, clock.now()
    session.flush()
    audit.record(session, actor, "note payment", "card order", order_id, after={"receipt": number})
    return _close_if_paid(session, actor, order)


def call_off_order(session: Session, actor: Actor, order_id: int, why: str) -> CardOrder:
    """Before anything is printed, by either side. Raises CardOrderNotFound, CardOrderStepRefused, CardOrderPaid, WrongCardOrder."""
    why = " ".join(why.split())
    if not 0 < len(why) <= LONGEST_WHY:
        raise WrongCardOrder(field="why", most=LONGEST_WHY)
    order = lock_order(session, order_id)
    if order.paid_at is not None:
        raise CardOrderPaid
    check_step(OrderState(order.state), OrderState.CALLED_OFF)
    order.why, order.state = why, OrderState.CALLED_OFF
    session.flush()
    audit.record(session, actor, "call off", "card order", order_id, why=why)
    return order


def _make_cards(session: Session, keystore: KeyStore, actor: Actor, order: CardOrder, chips: Sequence[bytes | None]) -> None:
    for chip in chips:
        stock_card(session, keystore, actor, chip, order.kind).order_id = order.id
    session.flush()


def _close_if_paid(session: Session, actor: Actor, order: CardOrder) -> CardOrder:
    is_over = order.paid_at is not None and order.state == OrderState.DELIVERED
    return _become(session, actor, order, OrderState.CLOSED) if is_over else order


def _become(session: Session, actor: Actor, order: CardOrder, state: OrderState) -> CardOrder:
    before = OrderState(order.state)
    check_step(before, state)
    order.state = state
    session.flush()
    audit.record(session, actor, "change state", "card order", order.id, before={"state": before}, after={"state": state})
    return order
