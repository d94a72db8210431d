"""What moved in a shop's stock, what it is worth, and how often prices changed: goods are valued at today's list price.

Each of three sources gives rows of one shape, one a branch and product, which are then added up by whatever is asked for.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, null, or_, select, union_all

from insights.reports.rules import Asked, By, Scope
from kernel import clock
from kernel.calendar import end_of_day
from merchants.catalogue.models import Price, Product
from merchants.models import Merchant
from merchants.stock.models import StockLevel, StockMovement

# Kinds of movement in the order of their columns.
MOVES = ("intake", "sale", "return", "count", "loss", "gift")
_NOTHING = literal(0)


def grouped_goods(asked: Asked, scope: Scope) -> Select[*tuple[Any, ...]]:
    """One row a product, group of goods or branch. Amounts are rounded per branch and product, so every grouping sums up alike."""
    rows = union_all(_moved(asked), _lying(), _repriced(asked)).subquery("goods")
    key = {By.GOOD: Product.id, By.GOODS_GROUP: Product.group_id, By.BRANCH: rows.c.branch_id}[asked.by]
    sums = [func.sum(column) for name, column in rows.c.items() if name not in ("branch_id", "product_id")]
    grouped: Select[*tuple[Any, ...]] = (
        select(key.label("key"), *sums, literal(0).label("shop_count"), null().label("shops"))
        .select_from(rows)
        .join(Product, Product.id == rows.c.product_id)
        .join(Merchant, Merchant.id == Product.merchant_id)
        .where(Merchant.organisation_id == scope.organisation_id)
        .group_by(key)
        .order_by(key)
    )
    branches = scope.branches_of(asked)
    return grouped if branches is None else grouped.where(rows.c.branch_id.in_(branches))


def _moved(asked: Asked) -> Select[*tuple[Any, ...]]:
    branch, product = StockMovement.branch_id, StockMovement.product_id

    def worth(kind: str) -> ColumnElement[int]:
        return _worth(func.coalesce(func.sum(StockMovement.milli).filter(StockMovement.kind == kind), 0), product, branch)

    sold = func.coalesce(-func.sum(StockMovement.milli).filter(StockMovement.kind.in_(("sale", "return"))), 0)
    points = select(Product.points).where(Product.id == product).correlate(StockMovement).scalar_subquery()
    return (
        select(
            branch.label("branch_id"), product.label("product_id"), *(worth(kind).label(kind) for kind in MOVES),
            _NOTHING.label("stock"), _NOTHING.label("prices"), _rounded(sold * points).label("points"),
        )
        .where(*_within(asked, StockMovement.at))
        .group_by(branch, product)
    )  # fmt: skip


def _lying() -> Select[*tuple[Any, ...]]:
    """What lies there now, whatever the period."""
    worth = _worth(StockLevel.milli, StockLevel.product_id, StockLevel.branch_id)
    return select(StockLevel.branch_id, StockLevel.product_id, *[_NOTHING] * len(MOVES), worth, _NOTHING, _NOTHING)


def _repriced(asked: Asked) -> Select[*tuple[Any, ...]]:
    """Prices that began in the period; those of the whole shop have no branch."""
    begun = select(Price.branch_id, Price.product_id, *[_NOTHING] * len(MOVES), _NOTHING, func.count(), _NOTHING)
    holds = or_(Price.ends_at.is_(None), Price.ends_at > Price.starts_at)
    return begun.where(*_within(asked, Price.starts_at), holds).group_by(Price.branch_id, Price.product_id)


def _worth(milli: Any, product: Any, branch: Any) -> ColumnElement[int]:
    now = clock.now()
    price = (
        select(Price.list_rial)
        .where(
            Price.product_id == product, or_(Price.branch_id == branch, Price.branch_id.is_(None)), Price.starts_at <= now,
            or_(Price.ends_at.is_(None), Price.ends_at > now),
        )
        .order_by(Price.branch_id.is_(None))
        .limit(1)
        .correlate(StockMovement, StockLevel)
        .scalar_subquery()
    )  # fmt: skip
    return _rounded(milli * func.coalesce(price, 0))


def _rounded(thousandths: Any) -> ColumnElement[int]:
    return func.round(thousandths / 1000.0)


def _within(asked: Asked, at: Any) -> tuple[ColumnElement[bool], ...]:
    return at >= end_of_day(asked.first - timedelta(days=1)), at < end_of_day(asked.last)
