"""What the bank answers: a payout was paid, or came back."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.clearing import Move, book
from cardbank.ledger.types import AccountKind
from kernel import audit, clock
from kernel.audit import Actor
from kernel.errors import BadInput
from kernel.outbox import publish
from merchants.leaving import payouts as leavings
from merchants.leaving.models import Leaving
from merchants.leaving.rules import PREFIX
from merchants.models import Merchant
from merchants.settlement.errors import BatchNotFound, PayoutAnswered, StatementNotFound
from merchants.settlement.events import PayoutReturned, PayoutsAccepted
from merchants.settlement.models import Adjustment, SettlementBatch, Statement

LONGEST_WHY = 200
NUMBER_DIGITS = 10


def accept_batch(session: Session, actor: Actor, reference: str) -> int:
    """The bank has paid every payout of a file that it did not send back before. Returns how many.

    Last before the commit of its unit of work. Raises BatchNotFound, PayoutAnswered (none is open any more), LedgerBusy.
    """
    batch = session.scalar(
        select(SettlementBatch)
        .where(SettlementBatch.reference == reference)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise BatchNotFound(reference=reference)
    sent = session.execute(
        select(Statement, Merchant.wallet_id)
        .join(Merchant, Merchant.id == Statement.merchant_id)
        .where(Statement.batch_id == batch.id, Statement.payout_state == "sent")
        .order_by(Statement.id)
        .with_for_update(of=Statement)
    ).all()
    leaving = leavings.lock_sent(session, batch.id)
    if not sent and not leaving:
        raise PayoutAnswered(reference=reference, state="accepted")
    for row in sent:
        row.Statement.payout_state, row.Statement.answered_at = "accepted", clock.now()
    count = len(sent) + len(leaving)
    batch.accepted += count
    audit.record(session, actor, "accept", "settlement batch", reference, after={"payouts": count})
    publish(session, PayoutsAccepted(batch.id))
    moves = [_answer(row.Statement, row.wallet_id, AccountKind.BANK, "accepted") for row in sent]
    book(session, [*moves, *map(leavings.accepted, leaving)])
    return count


def return_payout(session: Session, actor: Actor, payout_reference: str, why: str) -> Statement:
    """The bank has sent a payout back: the money is owed to the shop again and goes onto its next statement.

    Last before the commit of its unit of work. Raises StatementNotFound, PayoutAnswered, BadInput (`why`), LedgerBusy.
    """
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="why")
    # The batch is locked before its statement, as `accept_batch` does.
    batch = session.scalar(
        select(SettlementBatch)
        .join(Statement, Statement.batch_id == SettlementBatch.id)
        .where(Statement.payout_reference == payout_reference)
        .with_for_update(of=SettlementBatch)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise StatementNotFound(reference=payout_reference)
    statement, wallet_id = session.execute(
        select(Statement, Merchant.wallet_id)
        .join(Merchant, Merchant.id == Statement.merchant_id)
        .where(Statement.payout_reference == payout_reference)
        .with_for_update(of=Statement)
        .execution_options(populate_existing=True)
    ).one()
    if statement.payout_state != "sent":
        raise PayoutAnswered(reference=payout_reference, state=statement.payout_state)
    statement.payout_state, statement.answered_at, statement.answer = "returned", clock.now(), why
    batch.returned += 1
    session.add(
        Adjustment(
            merchant_id=statement.merchant_id, kind="payout_returned", amount_rial=statement.payout_rial,
            origin_id=statement.id,
        )
    )  # fmt: skip
    facts = {"amount_rial": statement.payout_rial}
    audit.record(session, actor, "return", "payout", payout_reference, after=facts, why=why)
    publish(session, PayoutReturned(statement.id, statement.merchant_id, statement.payout_rial))
    book(session, [_answer(statement, wallet_id, AccountKind.PAYABLE, "returned")])
    return statement


def return_leaving(session: Session, actor: Actor, payout_reference: str, why: str) -> Leaving:
    """The bank has sent back what a holder who left was paid: the money is on the wallet again, and a desk pays it out.

    Last before the commit of its unit of work. Raises StatementNotFound, PayoutAnswered, BadInput (`why`), LedgerBusy.
    """
    if not 0 < len(why) <= LONGEST_WHY:
        raise BadInput(field="why")
    number = payout_reference.removeprefix(PREFIX)
    asked = int(number) if number.isascii() and number.isdecimal() and len(number) == NUMBER_DIGITS else 0
    # The batch is locked before its payouts, as `accept_batch` does.
    batch = session.scalar(
        select(SettlementBatch)
        .join(Leaving, Leaving.batch_id == SettlementBatch.id)
        .where(Leaving.id == asked)
        .with_for_update(of=SettlementBatch)
        .execution_options(populate_existing=True)
    )
    if batch is None:
        raise StatementNotFound(reference=payout_reference)
    leaving = session.get_one(Leaving, asked, with_for_update=True, populate_existing=True)
    if leaving.payout_state != "sent":
        raise PayoutAnswered(reference=payout_reference, state=leaving.payout_state)
    batch.returned += 1
    audit.record(session, actor, "return", "payout", payout_reference, after={"amount_rial": leaving.amount_rial}, why=why)
    book(session, [leavings.returned(leaving, why)])
    return leaving


def _answer(one: Statement, wallet_id: int, target: AccountKind, step: str) -> Move:
    payout = None if one.payout_date is None or one.payout_entry is None else (one.payout_date, one.payout_entry)
    return Move(wallet_id, AccountKind.PAYOUT_SENT, target, one.payout_rial, one.id, step, payout)
