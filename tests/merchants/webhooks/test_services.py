import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

import wsgi
from kernel import clock
from kernel.background import run_errand
from kernel.db import unit_of_work
from merchants.models import Merchant
from merchants.settlement.models import Statement
from merchants.settlement.services import payouts
from merchants.settlement.services.closing import close_now
from merchants.settlement.services.pricing import price_lines
from merchants.webhooks import services
from merchants.webhooks.adapters import https
from merchants.webhooks.adapters.https import HttpsSender
from merchants.webhooks.errors import (
    DeliveryOnItsWay,
    EndpointNotFound,
    NoEventChosen,
    TooManyEndpoints,
    WrongEndpointAddress,
)
from merchants.webhooks.models import WebhookDelivery, WebhookEndpoint
from merchants.webhooks.ports import Message
from merchants.webhooks.rules import PAUSES, USUAL
from merchants.webhooks.tasks import SEND
from tests.factories import ACTOR
from tests.merchants.settlement import trade
from tests.merchants.webhooks.receiver import Receiver, receiving


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


@pytest.fixture
def shop(session: Session) -> Merchant:
    return trade.shop(session)


def endpoint(session: Session, shop: Merchant, receiver: Receiver, *events: str) -> str:
    _, secret = services.add_endpoint(session, ACTOR, shop.id, receiver.address, events or USUAL)
    session.commit()
    return secret


def settled(session: Session, shop: Merchant) -> Statement:
    trade.post(session, trade.sale(trade.holder(session), shop, 90_000))
    batch = close_now(session, ACTOR)
    session.commit()
    return session.scalars(select(Statement).filter_by(batch_id=batch.id, merchant_id=shop.id)).one()


def relay() -> None:
    with unit_of_work() as session:
        wsgi.make_relay().deliver(session)


def send_due() -> None:
    """One turn, as the worker takes it."""
    run_errand(SEND)


def only(session: Session) -> WebhookDelivery:
    session.rollback()
    session.expire_all()
    return session.scalars(select(WebhookDelivery)).one()


def test_a_closed_statement_arrives_signed_once_with_the_statements_amounts(
    session: Session, shop: Merchant, receiver: Receiver
) -> None:
    secret = endpoint(session, shop, receiver)
    told = settled(session, shop)
    settled(session, trade.shop(session))  # of a shop without an endpoint
    relay()
    send_due()
    send_due()
    [(headers, body)] = receiver.got
    signed = f"{headers['Pilgrim-Timestamp']}.".encode() + body
    assert headers["Pilgrim-Signature"] == "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
    assert abs(int(headers["Pilgrim-Timestamp"]) - time.time()) < 60
    message = json.loads(body)
    assert (message["type"], message["id"]) == ("settlement.closed", headers["Pilgrim-Event-Id"])
    assert message["data"]["payout_rial"] == told.payout_rial == 90_000
    assert message["data"]["payout_reference"] == told.payout_reference
    assert told.sheba is not None
    assert told.sheba.encode() not in body
    assert only(session).state == "delivered"


def test_the_banks_answers_arrive_to_who_wants_them(session: Session, shop: Merchant, receiver: Receiver) -> None:
    endpoint(session, shop, receiver, "payout.accepted", "payout.returned")
    first = settled(session, shop)
    payouts.return_payout(session, ACTOR, first.payout_reference or "", "closed account")
    session.commit()
    second = settled(session, shop)
    payouts.accept_batch(session, ACTOR, f"PB{second.batch_id:08d}")
    session.commit()
    relay()
    relay()
    send_due()
    told = {(json.loads(body)["type"], json.loads(body)["data"]["statement_id"]) for _, body in receiver.got}
    assert told == {("payout.returned", first.id), ("payout.accepted", second.id)}
    assert all(b"closed account" not in body for _, body in receiver.got)


def test_every_sale_and_return_is_told_once_to_who_wants_it(session: Session, shop: Merchant, receiver: Receiver) -> None:
    endpoint(session, shop, receiver, "sale.posted")
    wallet = trade.holder(session)
    sold = trade.sale(wallet, shop, 90_000)
    [answer] = trade.post(session, sold)
    trade.post(session, trade.returned(sold, answer, 30_000), trade.sale(wallet, trade.shop(session), 1_000))
    price_lines(session)
    session.commit()
    relay()
    services.tell_sales(session, [(answer.business_date, number) for number in range(1, 20)])
    session.commit()
    send_due()
    told = [json.loads(body)["data"] for _, body in receiver.got]
    assert [(one["part"], one["gross_rial"], one["merchant_id"]) for one in told] == [
        ("sale", 90_000, shop.id),
        ("return", -30_000, shop.id),
    ]
    assert (told[1]["original_date"], told[1]["original_id"]) == (str(answer.business_date), answer.entry_id)


def test_an_event_that_the_relay_delivers_twice_is_one_delivery(session: Session, shop: Merchant, receiver: Receiver) -> None:
    endpoint(session, shop, receiver)
    told = settled(session, shop)
    for _ in range(2):
        services.tell_statements(session, services.Event.SETTLEMENT_CLOSED, [told.id])
    session.commit()
    relay()
    assert only(session).event_id == f"settlement.closed-{told.id}"


def test_tries_grow_rarer_until_it_is_given_up_and_a_person_sends_it_again(
    session: Session, shop: Merchant, receiver: Receiver
) -> None:
    endpoint(session, shop, receiver)
    receiver.answers = [500, 302, *[404] * (len(PAUSES) - 1)]
    settled(session, shop)
    relay()
    now, ids = clock.now(), set()
    for pause in (*PAUSES, None):
        with clock.frozen(now):
            send_due()
        delivery = only(session)
        ids.add(delivery.event_id)
        if pause is not None:
            assert (delivery.state, delivery.due_at) == ("waiting", now + pause)
            with clock.frozen(now + pause - timedelta(seconds=1)):
                send_due()
            now += pause
    assert (delivery.state, delivery.tries, delivery.status) == ("dead", len(PAUSES) + 1, 404)
    assert len(receiver.got) == len(PAUSES) + 1  # no try came early, no redirect was followed
    assert len({headers["Pilgrim-Event-Id"] for headers, _ in receiver.got}) == len(ids) == 1
    services.resend(session, ACTOR, [shop.id], delivery.id)
    session.commit()
    send_due()
    assert only(session).state == "delivered"
    with pytest.raises(DeliveryOnItsWay):
        services.resend(session, ACTOR, [shop.id], delivery.id)


def test_a_try_whose_worker_died_is_made_again_after_a_while(session: Session, shop: Merchant, receiver: Receiver) -> None:
    endpoint(session, shop, receiver)
    settled(session, shop)
    relay()
    with unit_of_work() as worker:
        assert len(services.take_due(worker)) == 1  # and it dies here
    send_due()
    assert receiver.got == []
    with clock.frozen(clock.now() + services.LEASE + timedelta(seconds=1)):
        send_due()
    assert len(receiver.got) == 1


def test_what_goes_wrong_on_the_way_is_told_in_a_word(
    session: Session, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, outside = HttpsSender(allows_inside=True), HttpsSender(allows_inside=False)
    body = Message(1, receiver.address, {}, b"{}")
    assert inside.send(body).is_taken
    assert outside.send(body).fault == "scheme"
    secure = receiver.address.replace("http:", "https:")
    assert outside.send(Message(1, secure, {}, b"{}")).fault == "inside"
    assert inside.send(Message(1, secure, {}, b"{}")).fault == "tls"
    assert inside.send(Message(1, "http://no-such-host.invalid/", {}, b"{}")).fault == "unknown"
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert inside.send(Message(1, f"http://127.0.0.1:{closed.getsockname()[1]}/", {}, b"{}")).fault == "refused"
    monkeypatch.setattr(https, "SECONDS_IN_ALL", 0.5)
    receiver.drips = True
    before = time.monotonic()
    assert inside.send(body).fault in ("refused", "late")
    assert time.monotonic() - before < 4


def test_a_name_is_resolved_once_and_that_address_is_called(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that answers with a public address first and with one of ours later gets nowhere."""
    asked, called = [], []
    port = int(receiver.address.split(":")[2].split("/")[0])

    def rebinding(host: str, *anything: object, **named: object) -> list[tuple[object, ...]]:
        asked.append(host)
        address = "93.184.216.34" if len(asked) == 1 else "127.0.0.1"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    def connect(address: tuple[str, int], *anything: object) -> socket.socket:
        called.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    monkeypatch.setattr(socket, "create_connection", connect)
    outcome = HttpsSender(allows_inside=False).send(Message(1, f"https://rebinding.example:{port}/", {}, b"{}"))
    assert (outcome.fault, asked, called) == ("refused", ["rebinding.example"], [("93.184.216.34", port)])


def test_one_address_inside_is_enough_to_send_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    both = [(socket.AF_INET, 1, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *anything, **named: both)
    with pytest.raises(WrongEndpointAddress) as refused:
        HttpsSender(allows_inside=False).check("https://two-faced.example/")
    assert refused.value.facts["fault"] == "inside"


def test_an_endpoint_is_kept_with_a_sealed_secret_and_reached_by_its_shop_alone(
    session: Session, shop: Merchant, receiver: Receiver
) -> None:
    secret = endpoint(session, shop, receiver)
    kept = session.scalars(select(WebhookEndpoint)).one()
    assert secret.encode() not in kept.secret_sealed
    other = trade.shop(session)
    for act in (services.ping, services.remove_endpoint):
        with pytest.raises(EndpointNotFound):
            act(session, ACTOR, [other.id], kept.id)
    with pytest.raises(NoEventChosen):
        services.add_endpoint(session, ACTOR, shop.id, receiver.address, ["nonsense"])
    for _ in range(services.MOST_ENDPOINTS - 1):
        endpoint(session, shop, receiver)
    with pytest.raises(TooManyEndpoints):
        endpoint(session, shop, receiver)
    services.ping(session, ACTOR, [shop.id], kept.id)
    session.commit()
    with clock.frozen(clock.now() + services.KEPT + timedelta(seconds=1)):
        services.forget_old_deliveries(session)
    assert session.scalars(select(WebhookDelivery)).all() == []
    services.remove_endpoint(session, ACTOR, [shop.id], kept.id)
    assert len(services.endpoints_of(session, shop.id)) == services.MOST_ENDPOINTS - 1
