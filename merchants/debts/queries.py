"""Reads of the book of debts: a debt is read together with what its payments came to."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Select, select, tuple_
from sqlalchemy.orm import Session, aliased

from cardbank.outcomes import Outcome, outcomes
from merchants.debts.errors import DebtNotFound
from merchants.debts.models import Debt, DebtPayment
from merchants.debts.rules import Owed, Part, owed, part_of
from merchants.models import Branch, Merchant
from merchants.till.models import TillSale, TillShift
from merchants.till.queries import key_of
from merchants.till.rules import state_of

_Next = aliased(TillSale)


@dataclass(frozen=True, slots=True)
class PaymentRow:
    """A payment and what counts of it; `sale_key` is of the last try where a card pays."""

    payment: DebtPayment
    part: Part
    sale_key: str | None = None


@dataclass(frozen=True, slots=True)
class DebtRow:
    """A debt with its place in the shop, its payments and what is left."""

    debt: Debt
    branch_names: dict[str, str]
    organisation_id: int
    payments: tuple[PaymentRow, ...]
    owed: Owed

    @property
    def left_rial(self) -> int:
        return 0 if self.debt.forgiven_why else self.owed.left_rial


def debts_page(
    session: Session,
    organisation_ids: Collection[int],
    branch_ids: Collection[int] | None = None,
    *,
    is_open: bool = True,
    search: str = "",
    after: tuple[date, int] | None = None,
    limit: int | None = 30,
) -> list[DebtRow]:
    """Open debts, those due first at the top; or the others, the newest first by (due day, id). At most four queries."""
    page = _debts().where(Merchant.organisation_id.in_(organisation_ids)).limit(limit)
    page = page.where(Debt.closed_at.is_(None) if is_open else Debt.closed_at.is_not(None))
    if branch_ids is not None:
        page = page.where(Debt.branch_id.in_(branch_ids))
    if search:
        page = page.where(Debt.customer.icontains(search, autoescape=True))
    if after is not None:
        place, last = tuple_(Debt.due_on, Debt.id), tuple_(*after)
        page = page.where(place > last if is_open else place < last)
    page = page.order_by(Debt.due_on, Debt.id) if is_open else page.order_by(Debt.due_on.desc(), Debt.id.desc())
    rows = session.execute(page).all()
    paid = payments_of(session, [row.Debt.id for row in rows])
    return [_row(row.Debt, row.names, row.organisation_id, paid[row.Debt.id]) for row in rows]


def debt_row(session: Session, debt_id: int) -> DebtRow:
    """Raises DebtNotFound."""
    row = session.execute(_debts().where(Debt.id == debt_id)).one_or_none()
    if row is None:
        raise DebtNotFound(debt=debt_id)
    return _row(row.Debt, row.names, row.organisation_id, payments_of(session, [debt_id])[debt_id])


def lock_debt(session: Session, debt_id: int) -> Debt:
    """The debt, held against every other payment of it. Raises DebtNotFound."""
    found = session.scalar(
        select(Debt).where(Debt.id == debt_id).with_for_update(key_share=True).execution_options(populate_existing=True)
    )
    if found is None:
        raise DebtNotFound(debt=debt_id)
    return found


def owed_of(session: Session, debt: Debt) -> Owed:
    """What is left of a debt now. At most three queries."""
    return owed(debt.amount_rial, (row.part for row in payments_of(session, [debt.id])[debt.id]))


def payments_of(session: Session, debt_ids: Collection[int]) -> dict[int, list[PaymentRow]]:
    """The payments of some debts in their order. At most three queries, none without debts."""
    found: dict[int, list[PaymentRow]] = defaultdict(list)
    if not debt_ids:
        return found
    payments = list(session.scalars(select(DebtPayment).where(DebtPayment.debt_id.in_(debt_ids)).order_by(DebtPayment.id)))
    tries = _last_tries(session, [one.key for one in payments if one.way == "card"])
    for payment in payments:
        if payment.way == "cash":
            found[payment.debt_id].append(PaymentRow(payment, Part(payment.amount_rial)))
            continue
        key, outcome = tries[payment.key]
        part = part_of(state_of(outcome), payment.amount_rial, outcome.stands_rial if outcome else 0)
        found[payment.debt_id].append(PaymentRow(payment, part, key))
    return found


def debt_of_sale(session: Session, goods_key: str) -> int | None:
    """The debt that a basket pays, if it pays one."""
    return session.scalar(select(DebtPayment.debt_id).where(DebtPayment.key == goods_key))


def _last_tries(session: Session, keys: Iterable[str]) -> dict[str, tuple[str, Outcome | None]]:
    """The last try of each basket, by the key of its first, with what came of it."""
    wanted = list(keys)
    if not wanted:
        return {}
    rows = session.execute(
        select(TillSale.goods_key, TillSale.key, TillShift.terminal_id)
        .join(TillShift, TillShift.id == TillSale.shift_id)
        .where(TillSale.goods_key.in_(wanted), ~select(_Next.key).where(_Next.retry_of == TillSale.key).exists())
    ).all()
    asked = {row.goods_key: key_of(row.terminal_id, row.key) for row in rows}
    answered = outcomes(session, asked.values())
    return {row.goods_key: (row.key, answered.get(asked[row.goods_key])) for row in rows}


def _debts() -> Select[*tuple[Any, ...]]:
    return (
        select(Debt, Branch.names, Merchant.organisation_id)
        .join(Branch, Branch.id == Debt.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
    )


def _row(debt: Debt, names: dict[str, str], organisation_id: int, payments: Iterable[PaymentRow]) -> DebtRow:
    paid = tuple(payments)
    return DebtRow(debt, names, organisation_id, paid, owed(debt.amount_rial, (row.part for row in paid)))
