"""Two operators at one order: its cards are made once."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from cardbank.cards.models import Card
from cardbank.kinds.rules import KindTerms, Technology
from cardbank.kinds.services import define_kind
from cardbank.orders import services
from cardbank.orders.models import CardOrder
from cardbank.orders.rules import Prices, Tier, Wish
from kernel import clock
from kernel.calendar import local_day
from kernel.db import unit_of_work
from kernel.errors import DomainError
from tests import factories
from tests.meeting import meet_before

CARDS = 3


@pytest.mark.parametrize(
    ("is_locked", "outcomes"), [(False, ["producing", "producing"]), (True, ["card_order_step_refused", "producing"])]
)
def test_an_order_that_two_begin_to_print_has_its_cards_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    today = local_day(clock.now())
    define_kind(session, factories.ACTOR, "silver", KindTerms({"fa": "نقره‌ای", "en": "Silver"}, today, 12, Technology.QR))
    services.set_prices(session, factories.ACTOR, "silver", Prices(today, 0, (Tier(1, 95_000),)))
    wish = Wish("silver", CARDS, "باشگاه")
    order_id = services.ask_cards(session, factories.ACTOR, factories.organisation(session).id, str(uuid4()), wish).id
    services.confirm_order(session, factories.ACTOR, order_id, today)
    session.commit()
    if not is_locked:
        monkeypatch.setattr(services, "lock_order", lambda session, wanted: session.get_one(CardOrder, wanted))
        meet_before(monkeypatch, services, "check_step")

    def produce() -> str:
        try:
            with unit_of_work() as visit:
                return services.produce_order(visit, factories.keystore(), factories.ACTOR, order_id).state
        except DomainError as refusal:
            return refusal.code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(call.result() for call in [pool.submit(produce) for _ in range(2)]) == outcomes
    made = session.scalar(select(func.count()).select_from(Card).where(Card.order_id == order_id))
    assert made == CARDS * outcomes.count("producing")
