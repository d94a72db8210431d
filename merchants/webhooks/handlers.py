"""Which events of settlement are told to shops' software."""

from sqlalchemy.orm import Session

from kernel.outbox import Handler
from merchants.settlement.events import PayoutReturned, PayoutsAccepted, SettlementClosed
from merchants.webhooks import services
from merchants.webhooks.rules import Event


def on_settlement_closed(session: Session, event: SettlementClosed) -> None:
    statements = services.statements_of_batch(session, event.batch_id)
    services.tell_statements(session, Event.SETTLEMENT_CLOSED, statements)


def on_payouts_accepted(session: Session, event: PayoutsAccepted) -> None:
    services.tell_statements(session, Event.PAYOUT_ACCEPTED, event.statement_ids)


def on_payout_returned(session: Session, event: PayoutReturned) -> None:
    services.tell_statements(session, Event.PAYOUT_RETURNED, [event.statement_id])


HANDLERS: tuple[tuple[type, Handler], ...] = (
    (SettlementClosed, on_settlement_closed),
    (PayoutsAccepted, on_payouts_accepted),
    (PayoutReturned, on_payout_returned),
)
