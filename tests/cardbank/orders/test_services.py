"""An order of cards from its asking to its payment."""

from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.kinds.rules import KindTerms, Technology
from cardbank.kinds.services import define_kind
from cardbank.orders import services
from cardbank.orders.errors import CardOrderPaid, CardOrderStepRefused, OrderNumbersTaken, WrongCardOrder
from cardbank.orders.models import CardOrder
from cardbank.orders.queries import order_row, prices_on
from cardbank.orders.rules import Prices, Tier, Wish
from kernel import clock
from kernel.audit import AuditEntry
from kernel.calendar import local_day
from tests import factories
from tests.factories import ACTOR

CHIPS = "04a1b2c3d4e5f6\n04a1b2c3d4e5f7"


@pytest.fixture
def organisation_id(session: Session) -> int:
    """Two kinds with prices, one with a chip and one without."""
    today = local_day(clock.now())
    define_kind(session, ACTOR, "silver", KindTerms({"fa": "نقره‌ای", "en": "Silver"}, today, 12, Technology.QR))
    for kind in ("standard", "silver"):
        services.set_prices(session, ACTOR, kind, Prices(today, 500_000, (Tier(2, 95_000), Tier(5, 80_000))))
    return factories.organisation(session, "union").id


def asked(session: Session, organisation_id: int, kind: str = "silver", count: int = 2) -> CardOrder:
    return services.ask_cards(session, ACTOR, organisation_id, str(uuid4()), Wish(kind, count, "باشگاه نمونه"))


def printing(session: Session, organisation_id: int, kind: str = "silver") -> CardOrder:
    order = asked(session, organisation_id, kind)
    services.confirm_order(session, ACTOR, order.id, local_day(clock.now()))
    return services.produce_order(session, factories.keystore(), ACTOR, order.id)


def cards_of(session: Session, order: CardOrder) -> list[Card]:
    return list(session.scalars(select(Card).where(Card.order_id == order.id).order_by(Card.id)))


def test_the_price_of_the_day_holds_for_an_order_whatever_changes_later(session: Session, organisation_id: int) -> None:
    key, wish = str(uuid4()), Wish("silver", 5, "باشگاه")
    order = services.ask_cards(session, ACTOR, organisation_id, key, wish)
    tomorrow = local_day(clock.now()) + timedelta(days=1)
    services.set_prices(session, ACTOR, "silver", Prices(tomorrow, 0, (Tier(2, 200_000),)))
    with clock.frozen(clock.now() + timedelta(days=1)):
        assert prices_on(session, tomorrow, ["silver"])["silver"].tiers == (Tier(2, 200_000),)
        assert services.ask_cards(session, ACTOR, organisation_id, key, wish) is order
    row = order_row(session, order.id)
    assert (row.order.unit_rial, row.order.setup_rial, row.total_rial) == (80_000, 0, 400_000)


def test_cards_without_a_chip_are_made_for_the_printer_whose_file_is_taken_once(session: Session, organisation_id: int) -> None:
    order, keystore = printing(session, organisation_id), factories.keystore()
    numbers = services.order_numbers(session, keystore, ACTOR, order.id)
    assert [card.id for _, card in numbers] == [card.id for card in cards_of(session, order)]
    with pytest.raises(OrderNumbersTaken):
        services.order_numbers(session, keystore, ACTOR, order.id)
    services.deliver_order(session, keystore, ACTOR, order.id)
    assert (order.state, len(cards_of(session, order))) == ("delivered", 2)
    assert {card.status for card in cards_of(session, order)} == {"stock"}


def test_cards_with_a_chip_are_made_when_their_chips_come(session: Session, organisation_id: int) -> None:
    order, keystore = printing(session, organisation_id, "standard"), factories.keystore()
    with pytest.raises(OrderNumbersTaken):
        services.order_numbers(session, keystore, ACTOR, order.id)
    assert cards_of(session, order) == []
    services.deliver_order(session, keystore, ACTOR, order.id, CHIPS)
    assert [card.uid.hex() for card in cards_of(session, order) if card.uid] == CHIPS.splitlines()


def test_who_pays_before_or_after_the_delivery_ends_with_a_closed_order(session: Session, organisation_id: int) -> None:
    for pays_first in (True, False):
        order = printing(session, organisation_id)
        steps = [
            lambda one=order: services.pay_order(session, ACTOR, one.id, "PAY-1405"),
            lambda one=order: services.deliver_order(session, factories.keystore(), ACTOR, one.id),
        ]
        for step in steps if pays_first else reversed(steps):
            step()
        assert (order.state, order.receipt) == ("closed", "PAY-1405")
        assert services.pay_order(session, ACTOR, order.id, "pay-1405") is order
        with pytest.raises(CardOrderPaid):
            services.pay_order(session, ACTOR, order.id, "OTHER-1")


def test_either_side_calls_off_what_is_not_printed_and_not_paid(session: Session, organisation_id: int) -> None:
    order = asked(session, organisation_id)
    services.call_off_order(session, ACTOR, order.id, "  اشتباه   بود ")
    assert (order.state, order.why) == ("called_off", "اشتباه بود")
    with pytest.raises(CardOrderStepRefused):
        services.pay_order(session, ACTOR, order.id, "PAY-1")
    with pytest.raises(CardOrderStepRefused):
        services.call_off_order(session, ACTOR, printing(session, organisation_id).id, "دیر شد")
    paid = asked(session, organisation_id)
    services.pay_order(session, ACTOR, paid.id, "PAY-2")
    with pytest.raises(CardOrderPaid):
        services.call_off_order(session, ACTOR, paid.id, "نمی‌خواهیم")
    said = session.scalars(
        select(AuditEntry.act)
        .where(AuditEntry.subject == "card order", AuditEntry.subject_id == str(order.id))
        .order_by(AuditEntry.id)
    )
    assert list(said) == ["ask", "call off"]


def test_what_has_no_price_or_takes_no_new_holder_is_not_ordered(session: Session, organisation_id: int) -> None:
    with pytest.raises(WrongCardOrder):
        asked(session, organisation_id, "gift")
    with pytest.raises(WrongCardOrder):
        services.confirm_order(session, ACTOR, asked(session, organisation_id).id, local_day(clock.now()) - timedelta(days=1))
