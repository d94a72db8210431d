"""Reads of web tills, their shifts and sales. A sale is read together with what the ledger says of it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Row, Select, and_, func, select
from sqlalchemy.orm import Session

from cardbank.ledger.types import Key, Source
from cardbank.outcomes import Outcome, outcomes
from cardbank.reasons import Reason
from cardbank.services import request_key
from identity.models import Person
from kernel import clock
from merchants.debts.models import DebtPayment
from merchants.discounts.queries import SoldForCash, cash_sales_of
from merchants.look.models import ShopLook
from merchants.look.queries import Look
from merchants.models import SELLS, Branch, Merchant, Terminal
from merchants.sales.queries import terminal_totals
from merchants.till.errors import SaleNotFound, ShiftNotFound
from merchants.till.models import TillSale, TillShift
from merchants.till.rules import Line, SaleState, Takings, state_of, takings_of

KIND = "web"


@dataclass(frozen=True, slots=True)
class TillRow:
    """A web till; the two last where a shift is open at it."""

    terminal_id: int
    code: str
    status: str
    branch_id: int
    branch_names: dict[str, str]
    organisation_id: int
    shift_id: int | None
    person_names: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class ShiftRow:
    """A shift with its till, branch, shop and how that looks, and person."""

    shift: TillShift
    code: str
    branch_id: int
    branch_names: dict[str, str]
    organisation_id: int
    shop_wallet_id: int
    person_names: dict[str, str]
    look: Look

    @property
    def id(self) -> int:
        return self.shift.id

    @property
    def is_open(self) -> bool:
        return self.shift.closed_at is None


@dataclass(frozen=True, slots=True)
class SaleRow:
    """A sale and what came of it. `next_key` is the try that followed a decline, `cash` how it was paid by a card without money."""

    key: str
    shift_id: int
    terminal_id: int
    lines: tuple[Line, ...]
    amount_rial: int
    created_at: datetime
    goods_key: str
    retry_of: str | None
    next_key: str | None
    outcome: Outcome | None
    cash: SoldForCash | None = None

    @property
    def state(self) -> SaleState:
        if self.cash is not None:
            return SaleState.WITHDRAWN if self.cash.is_taken_back else SaleState.PAID
        return state_of(self.outcome)

    @property
    def discount_rial(self) -> int:
        """What is taken off where it is paid at once."""
        return sum(line.off_rial for line in self.lines)

    @property
    def at_once_rial(self) -> int:
        return self.amount_rial - self.discount_rial

    @property
    def is_discounted(self) -> bool:
        """Whether it was paid, and at the discount: in instalments it costs the whole price, and maybe a fee."""
        if self.cash is not None:
            return True
        outcome = self.outcome
        return bool(self.discount_rial and outcome and outcome.is_approved and outcome.amount_rial == self.at_once_rial)

    @property
    def shown_rial(self) -> int:
        """What was paid, or what would be at once."""
        return self.outcome.amount_rial if self.outcome and self.outcome.is_approved else self.at_once_rial

    @property
    def ledger_key(self) -> Key:
        return key_of(self.terminal_id, self.key)


def key_of(terminal_id: int, key: str) -> Key:
    """The ledger's key of a sale at a web till. Raises WrongRequestKey."""
    return request_key(Source.WEB_TILL, terminal_id, key)


def tills_page(
    session: Session,
    organisation_ids: Collection[int],
    branch_ids: Collection[int] | None = None,
    *,
    after: str = "",
    limit: int = 50,
) -> list[TillRow]:
    """Web tills that are not closed, by code, with who works at each; of some branches only if given. One query."""
    page = (
        select(Terminal, Branch.names, Merchant.organisation_id, TillShift.id, Person.names.label("person_names"))
        .join(Branch, Branch.id == Terminal.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .outerjoin(TillShift, and_(TillShift.terminal_id == Terminal.id, TillShift.closed_at.is_(None)))
        .outerjoin(Person, Person.id == TillShift.person_id)
        .where(Terminal.kind == KIND, Terminal.status != "closed", Merchant.organisation_id.in_(organisation_ids))
        .where(Terminal.code > after)
        .order_by(Terminal.code)
        .limit(limit)
    )
    if branch_ids is not None:
        page = page.where(Branch.id.in_(branch_ids))
    return [
        TillRow(
            row.Terminal.id, row.Terminal.code, row.Terminal.status, row.Terminal.branch_id, row.names,
            row.organisation_id, row.id, row.person_names,
        )
        for row in session.execute(page)
    ]  # fmt: skip


def branches_of(session: Session, organisation_ids: Collection[int]) -> list[tuple[int, dict[str, str]]]:
    """Branches in which a web till may be opened: (id, names)."""
    rows = session.execute(
        select(Branch.id, Branch.names)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .where(Merchant.organisation_id.in_(organisation_ids), SELLS)
        .order_by(Branch.id)
    )
    return [(row.id, row.names) for row in rows]


def shop_wallets(session: Session, organisation_ids: Collection[int]) -> frozenset[int]:
    """The shop wallets of some organisations."""
    return frozenset(session.scalars(select(Merchant.wallet_id).where(Merchant.organisation_id.in_(organisation_ids))))


def open_shift_of(session: Session, person_id: int) -> ShiftRow | None:
    """The shift that this person has open; there is one at most."""
    return _shift(session, and_(TillShift.person_id == person_id, TillShift.closed_at.is_(None)))


def is_taken(session: Session, terminal_id: int) -> bool:
    """Whether a shift is open at a till."""
    return (
        session.scalar(select(TillShift.id).where(TillShift.terminal_id == terminal_id, TillShift.closed_at.is_(None))) is not None
    )


def shift_row(session: Session, shift_id: int) -> ShiftRow:
    """Raises ShiftNotFound."""
    found = _shift(session, TillShift.id == shift_id)
    if found is None:
        raise ShiftNotFound(shift=shift_id)
    return found


def shifts_page(
    session: Session,
    organisation_ids: Collection[int],
    branch_ids: Collection[int] | None = None,
    *,
    before: int | None = None,
    limit: int = 20,
) -> list[ShiftRow]:
    """Shifts, the newest first. One query."""
    page = _shifts().where(Merchant.organisation_id.in_(organisation_ids)).order_by(TillShift.id.desc()).limit(limit)
    if branch_ids is not None:
        page = page.where(Branch.id.in_(branch_ids))
    if before is not None:
        page = page.where(TillShift.id < before)
    return [_shift_row(row) for row in session.execute(page)]


def _shift(session: Session, condition: ColumnElement[bool]) -> ShiftRow | None:
    row = session.execute(_shifts().where(condition)).one_or_none()
    return _shift_row(row) if row else None


def _shifts() -> Select[*tuple[Any, ...]]:
    return (
        select(
            TillShift, Terminal.code, Branch.id.label("branch_id"), Branch.names, Merchant.organisation_id,
            Merchant.wallet_id, Person.names.label("person_names"), ShopLook.accent, ShopLook.logo,
        )
        .join(Terminal, Terminal.id == TillShift.terminal_id)
        .join(Branch, Branch.id == Terminal.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .join(Person, Person.id == TillShift.person_id)
        .outerjoin(ShopLook, ShopLook.merchant_id == Merchant.id)
    )  # fmt: skip


def _shift_row(row: Row[*tuple[Any, ...]]) -> ShiftRow:
    return ShiftRow(
        row.TillShift, row.code, row.branch_id, row.names, row.organisation_id, row.wallet_id, row.person_names,
        Look(row.accent or "", row.logo or ""),
    )  # fmt: skip


def sale_row(session: Session, key: str) -> SaleRow:
    """A sale, its next try and its outcome. Two queries. Raises SaleNotFound."""
    found = _sales(session, TillSale.key == key, limit=1)
    if not found:
        raise SaleNotFound(key=key)
    return found[0]


def sale_of_entry(session: Session, key: str) -> SaleRow | None:
    """The web till's sale behind a ledger entry's key, with its basket; None for a purchase at another till."""
    found = _sales(session, TillSale.key == key, limit=1)
    return found[0] if found else None


def retry_row(session: Session, declined_key: str) -> SaleRow:
    """The try that followed a declined sale. Raises SaleNotFound."""
    found = _sales(session, TillSale.retry_of == declined_key, limit=1)
    if not found:
        raise SaleNotFound(key=declined_key)
    return found[0]


def sales_of_shift(session: Session, shift_id: int, *, limit: int | None = None) -> list[SaleRow]:
    """The sales of a shift, the newest first. Two queries."""
    return _sales(session, TillSale.shift_id == shift_id, limit=limit)


def last_paid(session: Session, organisation_id: int, *, limit: int) -> list[SaleRow]:
    """The newest sales of all web tills of a shop of which something is left, among its last tries. Two queries."""
    of_shop = (
        select(TillShift.id)
        .join(Terminal, Terminal.id == TillShift.terminal_id)
        .join(Branch, Branch.id == Terminal.branch_id)
        .join(Merchant, Merchant.id == Branch.merchant_id)
        .where(Merchant.organisation_id == organisation_id)
    )
    found = _sales(session, TillSale.shift_id.in_(of_shop), limit=2 * limit)
    return [sale for sale in found if sale.outcome is not None and sale.outcome.stands_rial][:limit]


def _sales(session: Session, condition: ColumnElement[bool], limit: int | None) -> list[SaleRow]:
    again = select(TillSale.key.label("next_key"), TillSale.retry_of).subquery()
    rows = session.execute(
        select(TillSale, TillShift.terminal_id, again.c.next_key)
        .join(TillShift, TillShift.id == TillSale.shift_id)
        .outerjoin(again, again.c.retry_of == TillSale.key)
        .where(condition)
        .order_by(TillSale.created_at.desc(), TillSale.key.desc())
        .limit(limit)
    ).all()
    keys = [key_of(row.terminal_id, row.TillSale.key) for row in rows]
    found = outcomes(session, keys)
    in_cash = cash_sales_of(session, (key for key, outcome in found.items() if outcome.reason is Reason.PAYS_IN_CASH))
    return [_sale_row(row, found.get(key), in_cash.get(key)) for row, key in zip(rows, keys, strict=True)]


def _sale_row(row: Row[*tuple[Any, ...]], outcome: Outcome | None, cash: SoldForCash | None) -> SaleRow:
    sale: TillSale = row.TillSale
    lines = msgspec.convert(sale.lines, tuple[Line, ...])
    return SaleRow(
        sale.key, sale.shift_id, row.terminal_id, lines, sale.amount_rial, sale.created_at, sale.goods_key,
        sale.retry_of, row.next_key, outcome, cash,
    )  # fmt: skip


def top_up_outcome(session: Session, row: ShiftRow) -> Outcome | None:
    """What came of the top-up that this shift sent last and whose answer nobody has seen. One query."""
    if row.shift.top_up_key is None:
        return None
    key = key_of(row.shift.terminal_id, row.shift.top_up_key)
    return outcomes(session, [key]).get(key)


def is_decided(session: Session, key: Key) -> bool:
    """Whether the ledger has an answer under this key."""
    return bool(outcomes(session, [key]))


def takings(session: Session, row: ShiftRow, sales: Iterable[SaleRow]) -> Takings:
    """What a shift has taken so far, or took. Two queries more than its sales, a day of work."""
    until = row.shift.closed_at or clock.now()
    booked = terminal_totals(session, row.shop_wallet_id, row.shift.terminal_id, row.shift.opened_at, until)
    sold = list(sales)
    decided = [sale.outcome for sale in sold if sale.outcome is not None]
    in_cash = [sale.cash.due.due_rial for sale in sold if sale.cash is not None and not sale.cash.is_taken_back]
    return takings_of(decided, booked.returned_rial, booked.cash_rial, _debts_in_drawer(session, row.id), in_cash)


def _debts_in_drawer(session: Session, shift_id: int) -> int:
    """The cash that was paid for debts during a shift."""
    paid = select(func.coalesce(func.sum(DebtPayment.amount_rial), 0))
    return int(session.scalar(paid.where(DebtPayment.shift_id == shift_id, DebtPayment.way == "cash")) or 0)


def lock_shift(session: Session, shift_id: int, *, to_close: bool = False) -> TillShift:
    """The shift, held open against a cash-up, or against everything else to close it. Raises ShiftNotFound."""
    shift = session.scalar(
        select(TillShift)
        .where(TillShift.id == shift_id)
        .with_for_update(read=not to_close)
        .execution_options(populate_existing=True)
    )
    if shift is None:
        raise ShiftNotFound(shift=shift_id)
    return shift
