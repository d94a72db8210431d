import re
from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel.background import run_errand
from merchants.models import Merchant
from merchants.webhooks import services
from merchants.webhooks.adapters.https import HttpsSender
from merchants.webhooks.tasks import SEND
from tests.merchants.settlement import trade
from tests.merchants.webhooks.receiver import Receiver, receiving
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
EVENTS = ["settlement.closed", "payout.returned"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def shop(session: Session) -> Merchant:
    return trade.shop(session)


def test_a_secret_is_shown_once_and_a_test_arrives(sign_in: SignIn, shop: Merchant, receiver: Receiver) -> None:
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert "Nothing sent yet" in client.get("/webhooks").text
    added = client.post("/webhooks", data={"address": receiver.address, "events": EVENTS})
    assert added.status_code == 201
    [secret] = set(re.findall(r"whsec_[\w-]+", added.text))
    listed = client.get("/webhooks").text
    assert secret not in listed
    assert receiver.address in listed
    [endpoint] = set(re.findall(r'action="(/webhooks/\d+)[?"]', listed))
    assert client.post(endpoint, data={"act": "ping"}).status_code == 303
    run_errand(SEND)
    assert len(receiver.got) == 1
    with statements_sent() as sent:
        page = client.get("/webhooks").text
    assert len(sent) <= 5
    assert "Delivered" in page
    assert client.post(endpoint, data={"act": "nonsense"}).status_code == 422
    assert client.post(endpoint, data={"act": "remove"}).status_code == 303
    assert receiver.address not in client.get("/webhooks").text


def test_what_is_wrong_is_said_beside_what_was_typed(sign_in: SignIn, shop: Merchant, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    for address, events, sentence in (
        ("ftp://accounting.example/", EVENTS, "Only https is possible, so that nobody reads along."),
        ("https://no-such-host.invalid/", EVENTS, "There is no such host. Check the name in the address."),
        ("http://127.0.0.1:9/", [], "Choose at least one event."),
    ):
        wrong = client.post("/webhooks", data={"address": address, "events": events})
        assert wrong.status_code == 422, address
        assert sentence in wrong.text
        assert f'value="{address}"' in wrong.text
    monkeypatch.setattr(services, "sender", lambda: HttpsSender(allows_inside=False))  # as in production
    inside = client.post("/webhooks", data={"address": "https://127.0.0.1/", "events": EVENTS})
    assert inside.status_code == 422
    assert "This name leads into a private network" in inside.text


def test_a_dead_delivery_is_seen_and_sent_again(sign_in: SignIn, session: Session, shop: Merchant, receiver: Receiver) -> None:
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    client.post("/webhooks", data={"address": receiver.address, "events": EVENTS})
    [endpoint] = set(re.findall(r'action="(/webhooks/\d+)[?"]', client.get("/webhooks").text))
    client.post(endpoint, data={"act": "ping"})
    receiver.answers = [503]
    run_errand(SEND)
    assert "Next try:" in client.get("/webhooks").text
    session.execute(text("UPDATE webhook_delivery SET state = 'dead'"))
    session.commit()
    page = client.get("/webhooks").text
    assert "It answered 503" in page
    [again] = re.findall(r'action="(/webhooks/deliveries/\d+/resend)', page)
    other, _ = sign_in(Role.MERCHANT, trade.shop(session).organisation_id)
    assert other.post(again).status_code == 404
    assert client.post(again).status_code == 303
    assert client.post(again).status_code == 409
    run_errand(SEND)
    assert len(receiver.got) == 2


@pytest.mark.parametrize("role", [Role.CASHIER, Role.UNION, Role.OPERATOR, Role.PILGRIM])
def test_nobody_but_the_shop_reaches_them(sign_in: SignIn, shop: Merchant, role: Role) -> None:
    client, _ = sign_in(role, None if role in (Role.PILGRIM, Role.OPERATOR) else shop.organisation_id)
    assert client.get("/webhooks").status_code == 403


def test_the_page_stands_in_persian(sign_in: SignIn, shop: Merchant) -> None:
    client, _ = sign_in(Role.MERCHANT, shop.organisation_id)
    assert "نرم‌افزار حسابداری" in client.get("/webhooks?lang=fa").text
