"""The groups and lines of each report. Sales are counted as settlement prices them: a minute behind the till."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    Select,
    and_,
    column,
    func,
    literal,
    null,
    select,
    true,
    tuple_,
    values,
)
from sqlalchemy.orm import Session

from cardbank.kinds.models import CardKind
from identity.models import Organisation, Person
from insights.reports.baskets import grouped_by_till
from insights.reports.cards import grouped_cards
from insights.reports.customers import grouped_by_customer
from insights.reports.goods import grouped_goods
from insights.reports.groups import grouped_moves
from insights.reports.rules import (
    OWN_COLUMNS,
    Asked,
    By,
    Group,
    Report,
    Scope,
    columns_of,
    jalali_months,
    pooled,
    summed,
    told_of_customers,
)
from insights.reports.shops import grouped_shops
from insights.reports.sums import sums_of_days
from loyalty.groups.models import CustomerGroup
from merchants.catalogue.models import Product, ProductGroup
from merchants.models import Branch, Merchant, Terminal
from merchants.settlement.models import PricedLine, SettlementBatch, Statement

MOST_GROUPS = 5_000
Position = tuple[date, int]
Names = dict[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """A report: its columns, its groups, their sum, and the names of shops, branches or terminals that keys stand for."""

    columns: tuple[str, ...]
    groups: list[Group]
    sums: tuple[int, ...]
    names: dict[Any, Names]
    is_cut: bool
    is_pooled: bool


@dataclass(frozen=True, slots=True)
class ReceiptLine:
    business_date: date
    entry_id: int
    decided_at: datetime
    shop_names: Names
    branch_names: Names | None
    terminal_code: str | None
    part: str
    gross_rial: int
    commission_rial: int
    credit_rial: int
    earned_rial: int


def told(session: Session, asked: Asked, scope: Scope) -> Told:
    """The groups of a report in order of their key. One query, and one for names, or for cities. Raises TooFewShops."""
    columns = columns_of(asked.report, asked.by, is_pooled=scope.is_pooled)
    if scope.is_pooled and asked.report is not Report.SHOPS:
        groups = sums_of_days(session, asked, scope)
        return Told(columns, groups, summed(groups, len(columns)), {}, is_cut=False, is_pooled=True)
    grouped = _OWN_WAYS[asked.by] if (asked.report, asked.by) in OWN_COLUMNS else _GROUPED[asked.report]
    width = len(columns)
    rows = session.execute(grouped(asked, scope).limit(MOST_GROUPS + 1)).all()
    groups = [_group(row, width) for row in rows[:MOST_GROUPS]]
    if scope.is_pooled:
        groups = pooled(groups)
    elif asked.by is By.CUSTOMER:
        groups = told_of_customers(groups)
    keys = [group.key for group in groups]
    return Told(columns, groups, summed(groups, width), _names(session, asked.by, keys), len(rows) > MOST_GROUPS, scope.is_pooled)


def _group(row: Row[Any], width: int) -> Group:
    shops = frozenset(row.shops or ()) if row.shops is not None else frozenset()
    return Group(row.key, tuple(int(value or 0) for value in row[1 : 1 + width]), row.shop_count, shops)


def _names(session: Session, by: By, keys: Sequence[Any]) -> dict[Any, Names]:
    named: dict[By, Select[*tuple[Any, ...]]] = {
        By.SHOP: select(Merchant.id, Organisation.names).join(Organisation, Organisation.id == Merchant.organisation_id),
        By.BRANCH: select(Branch.id, Branch.names),
        By.GOOD: select(Product.id, Product.names),
        By.GOODS_GROUP: select(ProductGroup.id, ProductGroup.names),
        By.CASHIER: select(Person.id, Person.names),
        By.TERMINAL: select(Terminal.code, Branch.names).join(Branch, Branch.id == Terminal.branch_id),
        By.GROUP: select(CustomerGroup.id, Organisation.names, CustomerGroup.name).join(Organisation),
        By.PRODUCT: select(CardKind.code, CardKind.names).order_by(CardKind.version),
    }
    if by not in named or not keys:
        return {}
    wanted = named[by]
    rows = session.execute(wanted.where(next(iter(wanted.selected_columns)).in_([key for key in keys if key is not None])))
    if by is By.GROUP:  # two organisations may have groups of one name
        return {row.id: {language: f"{row.name} – {whose}" for language, whose in row.names.items()} for row in rows}
    return {row[0]: row[1] for row in rows}


def branches_in(session: Session, scope: Scope) -> list[tuple[int, Names]]:
    """The branches that somebody of a shop chooses from. One query."""
    own = (
        select(Branch.id, Branch.names).join(Merchant).where(Merchant.organisation_id == scope.organisation_id).order_by(Branch.id)
    )
    if scope.branches is not None:
        own = own.where(Branch.id.in_(scope.branches))
    return [(row.id, row.names) for row in session.execute(own)]


# ---- whose lines


def _in_scope(scope: Scope) -> ColumnElement[bool]:
    """The shop's own, or all; sums over several shops are `insights.reports.sums`."""
    return true() if scope.organisation_id is None else Merchant.organisation_id == scope.organisation_id


def _months(asked: Asked) -> Any:
    months = jalali_months(asked.first, asked.last)
    return values(column("first", Date), column("last", Date), name="month").data(months)


# ---- sales

_UNCOUNTED_SHOPS = (literal(0).label("shop_count"), null().label("shops"))


def _line_filter(asked: Asked, scope: Scope) -> ColumnElement[bool]:
    wanted = [PricedLine.business_date.between(asked.first, asked.last), _in_scope(scope)]
    if asked.kind:
        wanted.append(Merchant.kind == asked.kind)
    if asked.terminal:
        wanted.append(PricedLine.terminal_id == select(Terminal.id).where(Terminal.code == asked.terminal).scalar_subquery())
    if (branches := scope.branches_of(asked)) is not None:
        wanted.append(PricedLine.terminal_id.in_(select(Terminal.id).where(Terminal.branch_id.in_(branches))))
    return and_(*wanted)


def _grouped_sales(asked: Asked, scope: Scope) -> Select[Any]:
    def part(name: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(PricedLine.gross_rial).filter(PricedLine.part == name), 0)

    month = _months(asked)
    key = {
        By.DAY: PricedLine.business_date, By.MONTH: month.c.first, By.SHOP: Merchant.id, By.BRANCH: Terminal.branch_id,
        By.TERMINAL: Terminal.code, By.KIND: Merchant.kind,
    }[asked.by]  # fmt: skip
    grouped = (
        select(
            key.label("key"), func.count().filter(PricedLine.part == "sale"), part("sale"), part("return"), part("reversal"),
            part("cash"), -func.sum(PricedLine.commission_rial), func.sum(PricedLine.gross_rial - PricedLine.commission_rial),
            func.sum(PricedLine.credit_rial), func.sum(PricedLine.earned_rial), func.sum(PricedLine.discount_rial),
            *_UNCOUNTED_SHOPS,
        )
        .join(Merchant, Merchant.id == PricedLine.merchant_id)
        .where(_line_filter(asked, scope))
        .group_by(key)
        .order_by(key)
    )  # fmt: skip
    if asked.by is By.MONTH:
        grouped = grouped.join(month, PricedLine.business_date.between(month.c.first, month.c.last))
    if asked.by in (By.BRANCH, By.TERMINAL):
        grouped = grouped.outerjoin(Terminal, Terminal.id == PricedLine.terminal_id)
    return grouped


def count_receipts(session: Session, asked: Asked, scope: Scope) -> int:
    lines = select(func.count()).select_from(PricedLine).join(Merchant, Merchant.id == PricedLine.merchant_id)
    return session.scalar(lines.where(_line_filter(asked, scope))) or 0


def receipts(
    session: Session, asked: Asked, scope: Scope, *, after: Position | None = None, limit: int | None = None
) -> Iterator[ReceiptLine]:
    """Single lines in the order of the ledger, after a position where one is given. One query."""
    lines = (
        select(
            PricedLine,
            Organisation.names.label("shop_names"),
            Branch.names.label("branch_names"),
            Terminal.code.label("terminal_code"),
        )
        .join(Merchant, Merchant.id == PricedLine.merchant_id)
        .join(Organisation, Organisation.id == Merchant.organisation_id)
        .outerjoin(Terminal, Terminal.id == PricedLine.terminal_id)
        .outerjoin(Branch, Branch.id == Terminal.branch_id)
        .where(_line_filter(asked, scope))
        .order_by(PricedLine.business_date, PricedLine.entry_id)
        .limit(limit)
    )
    if after is not None:
        lines = lines.where(tuple_(PricedLine.business_date, PricedLine.entry_id) > after)
    for row in session.execute(lines.execution_options(yield_per=1000)):
        line: PricedLine = row.PricedLine
        yield ReceiptLine(
            line.business_date, line.entry_id, line.decided_at, row.shop_names, row.branch_names, row.terminal_code, line.part,
            line.gross_rial, line.commission_rial, line.credit_rial, line.earned_rial,
        )  # fmt: skip


# ---- payouts


def _grouped_payouts(asked: Asked, scope: Scope) -> Select[Any]:
    month = _months(asked)
    key = {
        By.DAY: SettlementBatch.cut_off, By.MONTH: month.c.first, By.SHOP: Merchant.id, By.STATE: Statement.payout_state,
    }[asked.by]  # fmt: skip

    def paid(state: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(Statement.payout_rial).filter(Statement.payout_state == state), 0)

    owing = func.coalesce(func.sum(Statement.carried_rial).filter(Statement.carried_rial < 0), 0)
    waiting = func.coalesce(func.sum(Statement.carried_rial).filter(Statement.carried_rial > 0), 0)
    due = func.sum(Statement.payout_rial + Statement.carried_rial)
    grouped = (
        select(
            key.label("key"), func.count(), due, func.sum(Statement.payout_rial), paid("accepted"), paid("sent"), paid("returned"),
            owing, waiting, *_UNCOUNTED_SHOPS,
        )
        .join(SettlementBatch, SettlementBatch.id == Statement.batch_id)
        .join(Merchant, Merchant.id == Statement.merchant_id)
        .where(SettlementBatch.cut_off.between(asked.first, asked.last), _in_scope(scope))
        .group_by(key)
        .order_by(key)
    )  # fmt: skip
    if asked.kind:
        grouped = grouped.where(Merchant.kind == asked.kind)
    if asked.by is By.MONTH:
        grouped = grouped.join(month, SettlementBatch.cut_off.between(month.c.first, month.c.last))
    return grouped


# ---- what needs the months, too


def _grouped_cards(asked: Asked, scope: Scope) -> Select[Any]:
    return grouped_cards(asked, _months(asked))


def _grouped_shops(asked: Asked, scope: Scope) -> Select[Any]:
    return grouped_shops(asked, scope, _months(asked))


def _grouped_moves(asked: Asked, scope: Scope) -> Select[Any]:
    return grouped_moves(asked, scope, _months(asked))


_GROUPED = {
    Report.SALES: _grouped_sales, Report.PAYOUTS: _grouped_payouts, Report.CARDS: _grouped_cards, Report.GOODS: grouped_goods,
    Report.SHOPS: _grouped_shops, Report.GROUPS: _grouped_moves,
}  # fmt: skip
_OWN_WAYS = {By.GOOD: grouped_by_till, By.CASHIER: grouped_by_till, By.CUSTOMER: grouped_by_customer}
