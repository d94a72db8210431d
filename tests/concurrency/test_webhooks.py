"""Adding endpoints at once: one too many without the lock on the shop, then not."""

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from merchants.webhooks import services
from merchants.webhooks.models import WebhookEndpoint
from tests.concurrency.test_settlement import twice
from tests.factories import ACTOR
from tests.meeting import meet
from tests.merchants.settlement import trade


@pytest.mark.parametrize(
    ("is_locked", "outcomes", "endpoints"), [(False, ["done", "done"], 4), (True, ["done", "too_many_endpoints"], 3)]
)
def test_a_shop_has_three_endpoints_at_most_however_they_come(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str], endpoints: int
) -> None:
    shop = trade.shop(session)
    for _ in range(services.MOST_ENDPOINTS - 1):
        services.add_endpoint(session, ACTOR, shop.id, "https://accounting.example/", ["settlement.closed"])
    session.commit()
    if not is_locked:
        monkeypatch.setattr(services, "_lock_shop", lambda session, merchant_id: merchant_id)
    meet(monkeypatch, services, "seal")
    add = ("https://accounting.example/", ["payout.returned"])
    assert twice(lambda one: services.add_endpoint(one, ACTOR, shop.id, *add)) == outcomes
    assert session.scalar(select(func.count()).select_from(WebhookEndpoint)) == endpoints


def test_two_workers_at_once_send_a_delivery_once(session: Session) -> None:
    shop = trade.shop(session)
    endpoint, _ = services.add_endpoint(session, ACTOR, shop.id, "https://accounting.example/", ["settlement.closed"])
    services.ping(session, ACTOR, [shop.id], endpoint.id)
    session.commit()
    taken: list[int] = []
    assert twice(lambda one: taken.append(len(services.take_due(one)))) == ["done", "done"]
    assert sorted(taken) == [0, 1]
