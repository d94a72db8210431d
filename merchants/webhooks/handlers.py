"""Which events of settlement and of tag readers are told to shops' software."""

from sqlalchemy.orm import Session

from kernel.outbox import Handler
from merchants.settlement.events import LinesPriced, PayoutReturned, PayoutsAccepted, SettlementClosed
from merchants.tags.events import TagsRead
from merchants.webhooks import services
from merchants.webhooks.rules import Event


def on_settlement_closed(session: Session, event: SettlementClosed) -> None:
    statements = services.statements_of_batch(session, event.batch_id)
    services.tell_statements(session, Event.SETTLEMENT_CLOSED, statements)


def on_payouts_accepted(session: Session, event: PayoutsAccepted) -> None:
    statements = services.statements_of_batch(session, event.batch_id, payout_state="accepted")
    services.tell_statements(session, Event.PAYOUT_ACCEPTED, statements)


def on_payout_returned(session: Session, event: PayoutReturned) -> None:
    services.tell_statements(session, Event.PAYOUT_RETURNED, [event.statement_id])


def on_lines_priced(session: Session, event: LinesPriced) -> None:
    services.tell_sales(session, event.batches)


def on_tags_read(session: Session, event: TagsRead) -> None:
    facts = {name: getattr(event, name) for name in ("branch_id", "reader_id", "sweep_id", "read_at", "numbers")}
    services.tell_shop(session, event.merchant_id, Event.TAGS_READ, f"{Event.TAGS_READ}-{event.reader_id}-{event.event_id}", facts)


HANDLERS: tuple[tuple[type, Handler], ...] = (
    (SettlementClosed, on_settlement_closed),
    (PayoutsAccepted, on_payouts_accepted),
    (PayoutReturned, on_payout_returned),
    (LinesPriced, on_lines_priced),
    (TagsRead, on_tags_read),
)
