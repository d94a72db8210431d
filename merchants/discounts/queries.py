"""Reads of what was taken off."""

from collections.abc import Collection, Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from msgspec import Struct
from sqlalchemy import Row, func, select, text, tuple_
from sqlalchemy.orm import Session, aliased
from sqlalchemy.sql.selectable import LateralFromClause

from cardbank.ledger.types import Key, Source
from kernel.calendar import TEHRAN
from merchants.discounts.models import CashSale, SaleDiscount
from merchants.discounts.rules import CashDue
from merchants.instalments.models import SaleTerms
from merchants.models import Contract, Merchant, Terminal


class CashTerms(Struct, frozen=True):
    """What a contract takes off a price that is paid at once, and until when that is so; 0 where it grants nothing."""

    basis_points: int = 0
    discounts_card_prices: bool = False
    ends_at: datetime | None = None


class Taken(Struct, frozen=True):
    """A discount that a purchase had: what the goods cost before it, how much was taken off, and by which share."""

    price_rial: int
    discount_rial: int
    basis_points: int


def terms_begun(at: datetime) -> LateralFromClause:
    """The latest terms of a `Merchant` that have begun: the rule of `merchants.instalments.queries`, as a part of a statement."""
    version = aliased(Contract)
    begun = (
        select(SaleTerms.cash_discount_basis_points, SaleTerms.discounts_card_prices, SaleTerms.ends_on.label("terms_end_on"))
        .join(version, version.id == SaleTerms.contract_id)
        .where(SaleTerms.merchant_id == Merchant.id, version.starts_at <= at)
        .order_by(version.starts_at.desc())
        .limit(1)
    )
    return begun.correlate(Merchant).lateral("terms")


def terms_now(row: Row[Any], now: datetime) -> CashTerms:
    """What a row with the columns of `terms_begun` says at an instant; its last day ends at midnight in Tehran."""
    last: date | None = row.terms_end_on
    ends_at = datetime.combine(last + timedelta(days=1), time.min, TEHRAN).astimezone(UTC) if last else None
    if row.cash_discount_basis_points is None or (ends_at is not None and ends_at <= now):
        return CashTerms()
    return CashTerms(row.cash_discount_basis_points, row.discounts_card_prices, ends_at)


# A basket may be sold in instalments after all, at its whole price; then nothing was taken off.
_OF_ENTRY = text("""
    SELECT d.price_rial, d.discount_rial, d.basis_points
    FROM ledger.entry e
    JOIN sale_discount d ON d.key_date = e.key_date AND d.source = e.source AND d.source_key = e.source_key
         AND d.source_id = e.terminal_id AND d.price_rial - d.discount_rial = e.amount
    WHERE e.business_date = :day AND e.id = :entry_id AND e.kind = 1
""")


def noted_share(session: Session, key: Key) -> int:
    """The share that was taken off under a key, in basis points; 0 where nothing was."""
    noted = select(SaleDiscount.basis_points).where(
        SaleDiscount.key_date == key.day, SaleDiscount.source == int(key.source), SaleDiscount.source_id == key.source_id,
        SaleDiscount.source_key == key.key,
    )  # fmt: skip
    return session.scalar(noted) or 0


def discount_of_entry(session: Session, business_date: date, entry_id: int) -> Taken | None:
    """What was taken off a purchase; None where nothing was. One query."""
    row = session.execute(_OF_ENTRY, {"day": business_date, "entry_id": entry_id}).one_or_none()
    return Taken(row.price_rial, row.discount_rial, row.basis_points) if row else None


class SoldForCash(Struct, frozen=True):
    """A purchase by a card without money."""

    key: Key
    merchant_id: int
    terminal_id: int
    card_id: int
    due: CashDue
    sold_at: datetime
    is_taken_back: bool


def cash_sales_of(session: Session, keys: Iterable[Key]) -> dict[Key, SoldForCash]:
    """Those of some keys that are on record. One query, none without keys."""
    wanted = list(keys)
    if not wanted:
        return {}
    named = tuple_(CashSale.key_date, CashSale.source, CashSale.source_id, CashSale.source_key)
    rows = session.scalars(
        select(CashSale)
        .execution_options(populate_existing=True)
        .where(named.in_([(key.day, int(key.source), key.source_id, key.key) for key in wanted]))
    )
    return {one.key: one for one in (_sold(row) for row in rows)}


def cash_sales_of_card(session: Session, card_id: int, *, most: int) -> list[SoldForCash]:
    """What a card without money was shown for, the newest first. One query."""
    mine = select(CashSale).where(CashSale.card_id == card_id).order_by(CashSale.sold_at.desc()).limit(most)
    return [_sold(row) for row in session.scalars(mine.execution_options(populate_existing=True))]


def cash_sales_between(
    session: Session, merchant_id: int, since: datetime, until: datetime, *, branches: Collection[int] | None = None
) -> tuple[int, int, int]:
    """(sales, Rial paid in cash, Rial taken off) that stand, by cards without money; of some branches only if given. One query."""
    figures = select(
        func.count(),
        func.coalesce(func.sum(CashSale.price_rial - CashSale.discount_rial), 0),
        func.coalesce(func.sum(CashSale.discount_rial), 0),
    ).where(
        CashSale.merchant_id == merchant_id, CashSale.sold_at >= since, CashSale.sold_at < until, CashSale.taken_back_at.is_(None)
    )
    if branches is not None:
        figures = figures.where(CashSale.terminal_id.in_(select(Terminal.id).where(Terminal.branch_id.in_(branches))))
    count, paid_rial, off_rial = session.execute(figures).one()
    return count, int(paid_rial), int(off_rial)


def _sold(row: CashSale) -> SoldForCash:
    key = Key(row.key_date, Source(row.source), row.source_id, row.source_key)
    due = CashDue(row.price_rial, row.discount_rial)
    return SoldForCash(key, row.merchant_id, row.terminal_id, row.card_id, due, row.sold_at, row.taken_back_at is not None)
