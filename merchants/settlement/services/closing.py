"""Closing a batch: every open line finds its statement, every statement its payout, in one transaction with the ledger."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, insert, select, text, update
from sqlalchemy.orm import Session

from cardbank.clearing import Move, book
from cardbank.ledger.types import AccountKind, Answer
from kernel import audit, clock
from kernel.audit import Actor
from kernel.calendar import local_day
from kernel.outbox import publish
from kernel.settings import load_settings
from merchants.leaving import payouts as leavings
from merchants.models import Merchant
from merchants.settlement.errors import NothingToSettle
from merchants.settlement.events import SettlementClosed
from merchants.settlement.models import (
    Adjustment,
    BankAccount,
    PricedLine,
    SettlementBatch,
    Statement,
)
from merchants.settlement.queries import expected_at, usable_accounts
from merchants.settlement.rules.prices import Part, Totals
from merchants.settlement.services.files import write_files
from merchants.settlement.services.pricing import LOCK, price_everything

SYSTEM = Actor.system("settlement")
PART_COLUMNS = {Part.SALE: "sales_rial", Part.RETURN: "returns_rial", Part.REVERSAL: "reversals_rial", Part.CASH: "cash_rial"}
# The last day that is closed with every line priced, once nothing before it is open any more.
_DUE = text("""
    SELECT max(business_date) FROM priced_day
    WHERE business_date > coalesce((SELECT max(cut_off) FROM settlement_batch WHERE is_scheduled), DATE '-infinity')
""")


@dataclass
class _Shop:
    """One shop's open lines and leftovers, added up."""

    parts: dict[Part, int] = field(default_factory=lambda: dict.fromkeys(Part, 0))
    lines: int = 0
    credit_rial: int = 0
    discount_rial: int = 0
    commission_rial: int = 0
    spared_rial: int = 0
    adjustments_rial: int = 0
    carried_in_rial: int = 0


def close_when_due(session: Session) -> SettlementBatch | None:
    """Settle the Tehran days that are over, once each; None while there is nothing to do."""
    session.execute(LOCK)
    price_everything(session)
    day: date | None = session.execute(_DUE).scalar_one()
    if day is None:
        return None
    try:
        return _close(session, SYSTEM, day, is_scheduled=True)
    except NothingToSettle:
        return None


def close_now(session: Session, actor: Actor) -> SettlementBatch:
    """Settle everything up to this moment, on an operator's word. Last before the commit. Raises NothingToSettle, LedgerBusy."""
    session.execute(LOCK)
    price_everything(session)
    return _close(session, actor, local_day(clock.now(), load_settings().zone), is_scheduled=False)


def redate_open_batches(session: Session) -> None:
    """By when banks pay what they have been given, by the calendar as it stands now; what was due already stays as it was told."""
    waiting = select(SettlementBatch).where(SettlementBatch.expected_at > clock.now()).order_by(SettlementBatch.id)
    for batch in session.scalars(waiting.with_for_update()):
        batch.expected_at = expected_at(session, batch.cut_off)


def _close(session: Session, actor: Actor, cut_off: date, *, is_scheduled: bool) -> SettlementBatch:
    now = clock.now()
    shops = _open_shops(session, cut_off)
    accounts = usable_accounts(session, list(shops), now)
    statements = [
        _statement(merchant_id, shop, accounts.get(merchant_id))
        for merchant_id, shop in sorted(shops.items())
        if shop.lines or (shop.adjustments_rial + shop.carried_in_rial > 0 and merchant_id in accounts)
    ]
    leaving = leavings.lock_waiting(session)
    if not statements and not leaving:
        raise NothingToSettle
    batch = SettlementBatch(
        reference=_next_reference(session), cut_off=cut_off, is_scheduled=is_scheduled, closed_at=now,
        expected_at=expected_at(session, cut_off), statements=len(statements),
        payouts=sum(1 for one in statements if one.payout_rial) + len(leaving),
        held=sum(1 for one in statements if one.payout_state == "held"),
        payout_rial=sum(one.payout_rial for one in statements) + sum(one.amount_rial for one in leaving),
        commission_rial=sum(one.commission_rial for one in statements),
    )  # fmt: skip
    session.add(batch)
    session.flush()
    for one in statements:
        one.batch_id = batch.id
    session.add_all(statements)
    session.flush()
    for one in statements:
        if one.payout_rial:
            one.payout_reference = f"PP{one.id:010d}"
    session.flush()
    leavings.send(session, leaving, batch.id)
    _take_lines(session, batch)
    _carry(session, statements)
    write_files(session, batch)
    facts = {"cut_off": cut_off.isoformat(), "payouts": batch.payouts, "payout_rial": batch.payout_rial}
    audit.record(session, actor, "close", "settlement batch", batch.reference, after=facts)
    publish(session, SettlementClosed(batch.id))
    _book(session, statements)
    return batch


def _next_reference(session: Session) -> str:
    number = session.execute(select(func.coalesce(func.max(SettlementBatch.id), 0) + 1)).scalar_one()
    return f"PB{number:08d}"


def _open_shops(session: Session, cut_off: date) -> dict[int, _Shop]:
    shops: defaultdict[int, _Shop] = defaultdict(_Shop)
    sums = (
        select(
            PricedLine.merchant_id, PricedLine.part, func.count().label("lines"),
            *(func.sum(column).label(column.key) for column in (
                PricedLine.gross_rial, PricedLine.credit_rial, PricedLine.discount_rial, PricedLine.commission_rial,
                PricedLine.spared_rial)),
        )
        .where(PricedLine.statement_id.is_(None), PricedLine.business_date <= cut_off)
        .group_by(PricedLine.merchant_id, PricedLine.part)
    )  # fmt: skip
    for row in session.execute(sums):
        shop = shops[row.merchant_id]
        shop.parts[Part(row.part)] += int(row.gross_rial)
        shop.lines += row.lines
        shop.credit_rial += int(row.credit_rial)
        shop.discount_rial += int(row.discount_rial)
        shop.commission_rial += int(row.commission_rial)
        shop.spared_rial += int(row.spared_rial)
    left = (
        select(Adjustment.merchant_id, Adjustment.kind, func.sum(Adjustment.amount_rial).label("amount_rial"))
        .where(Adjustment.statement_id.is_(None))
        .group_by(Adjustment.merchant_id, Adjustment.kind)
    )
    for one in session.execute(left):
        name = "carried_in_rial" if one.kind == "carried" else "adjustments_rial"
        setattr(shops[one.merchant_id], name, getattr(shops[one.merchant_id], name) + int(one.amount_rial))
    return dict(shops)


def _statement(merchant_id: int, shop: _Shop, account: BankAccount | None) -> Statement:
    totals = Totals(shop.parts, shop.commission_rial, shop.adjustments_rial, shop.carried_in_rial, is_payable=account is not None)
    state = "sent" if totals.payout_rial else "held" if totals.carried_rial > 0 else "none"
    return Statement(
        merchant_id=merchant_id, lines=shop.lines, credit_rial=shop.credit_rial, discount_rial=shop.discount_rial,
        commission_rial=shop.commission_rial, spared_rial=shop.spared_rial, adjustments_rial=shop.adjustments_rial,
        carried_in_rial=shop.carried_in_rial, payout_rial=totals.payout_rial, carried_rial=totals.carried_rial,
        payout_state=state, sheba=account.sheba if account and totals.payout_rial else None,
        holder_name=account.holder_name if account and totals.payout_rial else None,
        **{column: shop.parts[part] for part, column in PART_COLUMNS.items()},
    )  # fmt: skip


def _take_lines(session: Session, batch: SettlementBatch) -> None:
    """Open lines and leftovers belong to the statements of the batch from here on."""
    ours = (Statement.batch_id == batch.id, Statement.merchant_id == PricedLine.merchant_id)
    open_ones = (PricedLine.statement_id.is_(None), PricedLine.business_date <= batch.cut_off)
    plainly: dict[str, Any] = {"synchronize_session": False}
    session.execute(update(PricedLine).values(statement_id=Statement.id).where(*ours, *open_ones), execution_options=plainly)
    session.execute(
        update(Adjustment)
        .values(statement_id=Statement.id)
        .where(
            Statement.batch_id == batch.id,
            Statement.merchant_id == Adjustment.merchant_id,
            Adjustment.statement_id.is_(None),
        ),
        execution_options=plainly,
    )


def _carry(session: Session, statements: Iterable[Statement]) -> None:
    rests = [
        {"merchant_id": one.merchant_id, "kind": "carried", "amount_rial": one.carried_rial, "origin_id": one.id}
        for one in statements
        if one.carried_rial
    ]
    if rests:
        session.execute(insert(Adjustment), rests)


def _book(session: Session, statements: list[Statement]) -> None:
    """Commission first, then the payout, each shop's own; the payout's entry is what the bank's answer will name."""
    wallets = _wallets(session, [one.merchant_id for one in statements])
    commissions = [_commission_move(wallets[one.merchant_id], one) for one in statements if one.commission_rial]
    paid = [one for one in statements if one.payout_rial]
    payouts = [
        Move(wallets[one.merchant_id], AccountKind.PAYABLE, AccountKind.PAYOUT_SENT, one.payout_rial, one.id, "payout")
        for one in paid
    ]
    answers = book(session, [*commissions, *payouts])
    for one, answer in zip(paid, answers[len(commissions) :], strict=True):
        _note_entry(one, answer)
    session.flush()


def _note_entry(statement: Statement, answer: Answer) -> None:
    statement.payout_date, statement.payout_entry = answer.business_date, answer.entry_id


def _commission_move(wallet_id: int, one: Statement) -> Move:
    """A statement of returns alone gives commission back."""
    source, target = AccountKind.PAYABLE, AccountKind.COMMISSION
    if one.commission_rial < 0:
        source, target = target, source
    return Move(wallet_id, source, target, abs(one.commission_rial), one.id, "commission")


def _wallets(session: Session, merchant_ids: list[int]) -> dict[int, int]:
    rows = session.execute(select(Merchant.id, Merchant.wallet_id).where(Merchant.id.in_(merchant_ids)))
    return {row.id: row.wallet_id for row in rows}
