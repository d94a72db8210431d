"""Endpoints kept by shops, deliveries made of events, and what a try came to."""

import secrets
from collections.abc import Iterable
from datetime import date, timedelta
from uuid import uuid4

import msgspec
from sqlalchemy import delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from kernel import audit, clock
from kernel.audit import Actor
from kernel.sealing import open_sealed, seal
from kernel.settings import load_settings
from merchants.errors import MerchantNotFound
from merchants.models import Merchant
from merchants.settlement.models import SettlementBatch, Statement
from merchants.webhooks.adapters.https import HttpsSender
from merchants.webhooks.errors import (
    DeliveryNotFound,
    DeliveryOnItsWay,
    EndpointNotFound,
    NoEventChosen,
    TooManyEndpoints,
)
from merchants.webhooks.models import WebhookDelivery, WebhookEndpoint
from merchants.webhooks.ports import Message, Outcome
from merchants.webhooks.rules import CHOSEN, Event, pause_after, signature

PURPOSE = "webhook secret"
MOST_ENDPOINTS = 3
MOST_AT_ONCE = 20
LEASE = timedelta(minutes=5)  # more than twenty tries take; a worker that died in between is found by it
KEPT = timedelta(days=30)


_LINES = text("""
    SELECT l.business_date, l.entry_id, l.merchant_id, t.code AS terminal, l.part, l.decided_at, l.gross_rial, l.credit_rial,
        l.commission_rial, l.original_date, l.original_id
    FROM unnest(CAST(:days AS date[]), CAST(:batches AS bigint[])) AS priced (business_date, id)
    JOIN ledger.post_batch b USING (business_date, id)
    JOIN priced_line l ON l.business_date = b.business_date AND l.entry_id BETWEEN b.first_entry AND b.last_entry
    LEFT JOIN terminal t ON t.id = l.terminal_id
    WHERE l.merchant_id = ANY(:shops) ORDER BY l.business_date, l.entry_id
""")


def sender() -> HttpsSender:
    return HttpsSender(allows_inside=load_settings().is_laboratory)


def add_endpoint(
    session: Session, actor: Actor, merchant_id: int, address: str, events: Iterable[str]
) -> tuple[WebhookEndpoint, str]:
    """An endpoint of a shop, and its secret, which is not told again. The address was looked up before by `sender().check`.

    Raises MerchantNotFound, NoEventChosen, TooManyEndpoints.
    """
    chosen = [event for event in CHOSEN if event in set(events)]
    if not chosen:
        raise NoEventChosen(field="events")
    if _lock_shop(session, merchant_id) is None:
        raise MerchantNotFound(merchant_id=merchant_id)
    held = session.scalar(select(func.count()).select_from(WebhookEndpoint).filter_by(merchant_id=merchant_id))
    if (held or 0) >= MOST_ENDPOINTS:
        raise TooManyEndpoints(most=MOST_ENDPOINTS)
    secret = f"whsec_{secrets.token_urlsafe(32)}"
    endpoint = WebhookEndpoint(
        merchant_id=merchant_id, address=address.strip(), events=[event.value for event in chosen],
        secret_sealed=seal(PURPOSE, secret, str(merchant_id)), created_at=clock.now(),
    )  # fmt: skip
    session.add(endpoint)
    session.flush()
    audit.record(
        session, actor, "add", "webhook endpoint", endpoint.id, after={"merchant_id": merchant_id, "events": endpoint.events}
    )
    return endpoint, secret


def remove_endpoint(session: Session, actor: Actor, merchant_ids: Iterable[int], endpoint_id: int) -> None:
    """With all that was on its way to it. Raises EndpointNotFound, also for another shop's."""
    endpoint = _endpoint(session, merchant_ids, endpoint_id)
    audit.record(session, actor, "remove", "webhook endpoint", endpoint.id, before={"merchant_id": endpoint.merchant_id})
    session.execute(delete(WebhookEndpoint).where(WebhookEndpoint.id == endpoint.id))


def check_own_endpoint(session: Session, merchant_ids: Iterable[int], endpoint_id: int) -> None:
    """Raises EndpointNotFound, also for another shop's."""
    _endpoint(session, merchant_ids, endpoint_id)


def ping(session: Session, actor: Actor, merchant_ids: Iterable[int], endpoint_id: int) -> None:
    """Send a test event. Raises EndpointNotFound."""
    endpoint = _endpoint(session, merchant_ids, endpoint_id)
    _deliver(session, [endpoint], Event.PING, str(uuid4()), {})
    audit.record(session, actor, "ping", "webhook endpoint", endpoint.id)


def resend(session: Session, actor: Actor, merchant_ids: Iterable[int], delivery_id: int) -> None:
    """Begin the tries of a dead delivery anew. Raises DeliveryNotFound, DeliveryOnItsWay."""
    found = session.execute(
        select(WebhookDelivery)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.id == delivery_id, WebhookEndpoint.merchant_id.in_(list(merchant_ids)))
        .with_for_update(of=WebhookDelivery)
    ).scalar_one_or_none()
    if found is None:
        raise DeliveryNotFound
    if found.state != "dead":
        raise DeliveryOnItsWay
    found.state, found.tries, found.due_at = "waiting", 0, clock.now()
    audit.record(session, actor, "resend", "webhook delivery", found.id)


def endpoints_of(session: Session, merchant_id: int) -> list[WebhookEndpoint]:
    own = select(WebhookEndpoint).where(WebhookEndpoint.merchant_id == merchant_id)
    return list(session.scalars(own.order_by(WebhookEndpoint.id)))


def deliveries_of(session: Session, merchant_id: int, *, before: int | None = None, limit: int = 20) -> list[WebhookDelivery]:
    """The newest first."""
    own = select(WebhookDelivery).join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
    page = own.where(WebhookEndpoint.merchant_id == merchant_id).order_by(WebhookDelivery.id.desc()).limit(limit)
    return list(session.scalars(page.where(WebhookDelivery.id < before) if before else page))


def tell_statements(session: Session, event: Event, statement_ids: Iterable[int]) -> None:
    """Put an event of each statement on its way to the shop's endpoints that want it; again changes nothing."""
    rows = session.execute(
        select(Statement, SettlementBatch)
        .join(SettlementBatch, SettlementBatch.id == Statement.batch_id)
        .where(Statement.id.in_(list(statement_ids)), Statement.merchant_id.in_(select(WebhookEndpoint.merchant_id)))
    ).all()
    wanting = select(WebhookEndpoint).where(WebhookEndpoint.events.contains([event.value]))
    for row in rows:
        endpoints = session.scalars(wanting.where(WebhookEndpoint.merchant_id == row.Statement.merchant_id)).all()
        _deliver(session, endpoints, event, f"{event}-{row.Statement.id}", _facts(row.Statement, row.SettlementBatch))


def tell_sales(session: Session, batches: Iterable[tuple[date, int]]) -> None:
    """Put each priced line of these posting batches on its way to the shops that want it; again changes nothing."""
    wanting = select(WebhookEndpoint).where(WebhookEndpoint.events.contains([Event.SALE_POSTED.value]))
    endpoints: dict[int, list[WebhookEndpoint]] = {}
    for endpoint in session.scalars(wanting):
        endpoints.setdefault(endpoint.merchant_id, []).append(endpoint)
    if not endpoints:
        return
    days, numbers = zip(*batches, strict=True)
    for row in session.execute(_LINES, {"days": list(days), "batches": list(numbers), "shops": list(endpoints)}).mappings():
        event_id = f"{Event.SALE_POSTED}-{row['business_date']}-{row['entry_id']}"
        _deliver(session, endpoints[row["merchant_id"]], Event.SALE_POSTED, event_id, dict(row))


def tell_shop(session: Session, merchant_id: int, event: Event, event_id: str, facts: dict[str, object]) -> None:
    """Put an event on its way to the shop's endpoints that want it; again changes nothing."""
    wanting = select(WebhookEndpoint).where(
        WebhookEndpoint.merchant_id == merchant_id, WebhookEndpoint.events.contains([event.value])
    )
    _deliver(session, session.scalars(wanting).all(), event, event_id, facts)


def statements_of_batch(session: Session, batch_id: int, payout_state: str | None = None) -> list[int]:
    """Those of shops that have an endpoint, in one state of their payout if given."""
    told = Statement.merchant_id.in_(select(WebhookEndpoint.merchant_id))
    own = select(Statement.id).where(Statement.batch_id == batch_id, told).order_by(Statement.id)
    return list(session.scalars(own.where(Statement.payout_state == payout_state) if payout_state else own))


def take_due(session: Session) -> list[Message]:
    """Deliveries whose time has come, signed as of now. Each is left alone for a while, should this worker die with it."""
    now = clock.now()
    due = session.execute(
        select(WebhookDelivery, WebhookEndpoint)
        .join(WebhookEndpoint, WebhookEndpoint.id == WebhookDelivery.endpoint_id)
        .where(WebhookDelivery.state == "waiting", WebhookDelivery.due_at <= now)
        .order_by(WebhookDelivery.due_at)
        .limit(MOST_AT_ONCE)
        .with_for_update(of=WebhookDelivery, skip_locked=True)
    ).all()
    for row in due:
        row.WebhookDelivery.due_at = now + LEASE
    return [_message(row.WebhookDelivery, row.WebhookEndpoint, int(now.timestamp())) for row in due]


def send(message: Message) -> Outcome:
    """Outside every transaction."""
    return sender().send(message)


def note_outcome(session: Session, message: Message, outcome: Outcome) -> None:
    """What a try came to: delivered, to be tried again later, or dead."""
    delivery = session.get(WebhookDelivery, message.delivery_id, with_for_update=True)
    if delivery is None or delivery.state != "waiting":
        return  # the endpoint was removed meanwhile, or another try was faster
    delivery.tries += 1
    delivery.tried_at, delivery.status, delivery.fault = clock.now(), outcome.status, outcome.fault
    pause = pause_after(delivery.tries)
    if outcome.is_taken:
        delivery.state = "delivered"
    elif pause is None:
        delivery.state = "dead"
    else:
        delivery.due_at = clock.now() + pause


def forget_old_deliveries(session: Session) -> None:
    session.execute(delete(WebhookDelivery).where(WebhookDelivery.created_at < clock.now() - KEPT))


def _lock_shop(session: Session, merchant_id: int) -> int | None:
    """Endpoints of a shop are counted behind this lock."""
    return session.scalar(select(Merchant.id).where(Merchant.id == merchant_id).with_for_update())


def _endpoint(session: Session, merchant_ids: Iterable[int], endpoint_id: int) -> WebhookEndpoint:
    endpoint = session.get(WebhookEndpoint, endpoint_id)
    if endpoint is None or endpoint.merchant_id not in set(merchant_ids):
        raise EndpointNotFound
    return endpoint


def _deliver(session: Session, endpoints: Iterable[WebhookEndpoint], event: Event, event_id: str, facts: dict[str, object]) -> None:
    now = clock.now()
    body = msgspec.json.encode({"id": event_id, "type": event.value, "created_at": now, "data": facts}).decode()
    rows = [
        {"endpoint_id": one.id, "event": event.value, "event_id": event_id, "body": body, "due_at": now, "created_at": now}
        for one in endpoints
    ]
    if rows:
        session.execute(insert(WebhookDelivery).values(rows).on_conflict_do_nothing())


def _facts(told: Statement, batch: SettlementBatch) -> dict[str, object]:
    """What accounting needs of a statement; the account it was paid to is not among it."""
    amounts = (
        "sales_rial", "returns_rial", "reversals_rial", "cash_rial", "credit_rial", "commission_rial", "adjustments_rial",
        "carried_in_rial", "payout_rial", "carried_rial",
    )  # fmt: skip
    return {
        "statement_id": told.id, "merchant_id": told.merchant_id, "batch": batch.reference, "cut_off": batch.cut_off,
        "expected_at": batch.expected_at, "payout_reference": told.payout_reference, "payout_state": told.payout_state,
        **{name: getattr(told, name) for name in amounts},
    }  # fmt: skip


def _message(delivery: WebhookDelivery, endpoint: WebhookEndpoint, timestamp: int) -> Message:
    body = delivery.body.encode()
    secret = open_sealed(PURPOSE, endpoint.secret_sealed, str(endpoint.merchant_id))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "PilgrimCard-Webhook/1",
        "Pilgrim-Event": delivery.event,
        "Pilgrim-Event-Id": delivery.event_id,
        "Pilgrim-Timestamp": str(timestamp),
        "Pilgrim-Signature": signature(secret, timestamp, body),
    }
    return Message(delivery.id, endpoint.address, headers, body)
