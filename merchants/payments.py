"""The status of any payment, found by its code: decided, taken back, given back in parts, settled and paid out."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from cardbank.payments import Payment, payment_of_entry, payment_of_number
from cardbank.references import entry_of_reference
from kernel.errors import BadInput
from kernel.text import latin_digits
from merchants.models import Terminal
from merchants.queries import TerminalRow, terminals_by_id
from merchants.settlement.models import PricedLine, SettlementBatch, Statement

REQUESTS_KEPT = timedelta(days=35)


class WrongPaymentCode(BadInput):
    """Neither a reference of twelve characters nor a terminal with the number of its receipt."""

    code = "wrong_payment_code"


@dataclass(frozen=True, slots=True)
class Back:
    """A part that was given back."""

    at: datetime
    amount_rial: int


@dataclass(frozen=True, slots=True)
class Paid:
    """Of a shop's side: the day whose statement holds it, and what became of that statement's payout."""

    cut_off: date
    statement_id: int
    payout_state: str
    expected_at: datetime
    answered_at: datetime | None


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """`terminal` is None for what was not made at a till; `is_priced` says that the shop's share has been worked out."""

    payment: Payment
    terminal: TerminalRow | None
    backs: tuple[Back, ...]
    is_priced: bool
    paid: Paid | None

    @property
    def back_rial(self) -> int:
        return sum(one.amount_rial for one in self.backs)


def payment_of_code(session: Session, typed: str, today: date) -> Payment | None:
    """By `6330…` of twelve characters, or by `T0000001 123`: a terminal and the number on its receipt. Raises WrongPaymentCode."""
    code = re.sub(r"[^0-9A-Z]+", " ", latin_digits(typed).upper()).strip()
    named = re.fullmatch(r"(T[0-9]{7}) ?([0-9]{1,6})", code)
    if named:
        terminal_id = session.scalar(select(Terminal.id).where(Terminal.code == named[1]))
        if terminal_id is None:
            return None
        return payment_of_number(session, terminal_id, named[2].zfill(6), today - REQUESTS_KEPT, today + timedelta(days=1))
    entry = entry_of_reference(code.replace(" ", ""), today)
    if entry is None:
        raise WrongPaymentCode(field="code")
    return payment_of_entry(session, *entry)


def status_of(session: Session, payment: Payment) -> PaymentStatus:
    """What is known of a payment by now. Three queries at most."""
    terminal = terminals_by_id(session, [payment.terminal_id]).get(payment.terminal_id) if payment.terminal_id else None
    if not payment.is_accepted:
        return PaymentStatus(payment, terminal, (), is_priced=False, paid=None)
    original = (PricedLine.original_date == payment.business_date) & (PricedLine.original_id == payment.entry_id)
    given = (
        select(PricedLine.decided_at, PricedLine.gross_rial)
        .where(original, PricedLine.part == "return")
        .order_by(PricedLine.decided_at)
    )
    line = session.execute(
        select(PricedLine.entry_id, Statement, SettlementBatch)
        .outerjoin(Statement, Statement.id == PricedLine.statement_id)
        .outerjoin(SettlementBatch, SettlementBatch.id == Statement.batch_id)
        .where(PricedLine.business_date == payment.business_date, PricedLine.entry_id == payment.entry_id)
    ).one_or_none()
    paid = None
    if line is not None and line.Statement is not None:
        stated, batch = line.Statement, line.SettlementBatch
        paid = Paid(batch.cut_off, stated.id, stated.payout_state, batch.expected_at, stated.answered_at)
    backs = tuple(Back(row.decided_at, -row.gross_rial) for row in session.execute(given))
    return PaymentStatus(payment, terminal, backs, is_priced=line is not None, paid=paid)
