"""What holders who left are owed by bank transfer: it goes with the next settlement's file, and the bank answers as for a shop."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.clearing import Move
from cardbank.ledger.types import AccountKind
from kernel import clock
from merchants.leaving.models import Leaving


def lock_waiting(session: Session) -> list[Leaving]:
    """All that wait for a file."""
    waiting = select(Leaving).where(Leaving.payout_state == "waiting").order_by(Leaving.id).with_for_update()
    return list(session.scalars(waiting))


def send(session: Session, waiting: Sequence[Leaving], batch_id: int) -> None:
    for one in waiting:
        one.batch_id, one.payout_state = batch_id, "sent"
    session.flush()


def lock_sent(session: Session, batch_id: int) -> list[Leaving]:
    sent = select(Leaving).where(Leaving.batch_id == batch_id, Leaving.payout_state == "sent").order_by(Leaving.id)
    return list(session.scalars(sent.with_for_update().execution_options(populate_existing=True)))


def accepted(one: Leaving) -> Move:
    one.payout_state, one.answered_at = "accepted", clock.now()
    return _answered(one, AccountKind.BANK, "leaving accepted")


def returned(one: Leaving, why: str) -> Move:
    """The money is on the holder's wallet again; a desk pays it out another way."""
    one.payout_state, one.answered_at, one.answer = "returned", clock.now(), why
    return _answered(one, AccountKind.MONEY, "leaving returned")


def _answered(one: Leaving, target: AccountKind, step: str) -> Move:
    payout = (one.business_date, one.entry_id)
    return Move(one.wallet_id, AccountKind.PAYOUT_SENT, target, one.amount_rial, one.id, step, payout)
