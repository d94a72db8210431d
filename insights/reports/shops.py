"""The shops that joined in a period: how many there are, what they sold since, and how many people work there now."""

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, select

from identity.models import Membership
from identity.permissions import Role
from insights.reports.rules import LEAST_SHOPS, Asked, By, Scope
from kernel.calendar import TEHRAN
from merchants.models import Branch, Contract, Merchant
from merchants.queries import shops_in_reach
from merchants.settlement.models import PricedLine

AT_WORK = (Role.MERCHANT, Role.CASHIER)
BROUGHT = ("sale", "return", "reversal")


def grouped_shops(asked: Asked, scope: Scope, month: Any) -> Select[Any]:
    """A shop joins on the day of its first contract. Each group counts all that its shops have, each once."""
    shop = _joined(asked, scope).subquery("shop")
    key = {By.MONTH: month.c.first, By.KIND: shop.c.kind}[asked.by]
    count = func.count()
    grouped: Select[Any] = (
        select(
            key.label("key"), count, count.filter(shop.c.status == "active"), func.sum(shop.c.branches), func.sum(shop.c.posts),
            func.sum(shop.c.brought), count.label("shop_count"), case((count < LEAST_SHOPS, func.array_agg(shop.c.id))).label("shops"),
        )
        .select_from(shop)
        .group_by(key)
        .order_by(key)
    )  # fmt: skip
    if asked.by is By.MONTH:
        grouped = grouped.join(month, shop.c.day.between(month.c.first, month.c.last))
    return grouped


def _joined(asked: Asked, scope: Scope) -> Select[Any]:
    day = func.date(func.timezone(TEHRAN.key, func.min(Contract.starts_at)))
    first = (
        select(Contract.merchant_id, day.label("day"))
        .group_by(Contract.merchant_id)
        .having(day.between(asked.first, asked.last))
        .subquery("first")
    )
    branches = select(func.count()).where(Branch.merchant_id == Merchant.id)
    posts = select(func.count(Membership.person_id.distinct())).where(
        Membership.organisation_id == Merchant.organisation_id, Membership.role.in_(AT_WORK)
    )
    brought = select(func.coalesce(func.sum(PricedLine.gross_rial), 0)).where(
        PricedLine.merchant_id == Merchant.id,
        PricedLine.part.in_(BROUGHT),
        PricedLine.business_date.between(asked.first, asked.last),
    )
    counted = {"branches": branches, "posts": posts, "brought": brought}
    return (
        select(Merchant.id, Merchant.kind, Merchant.status, first.c.day, *(_of(one).label(name) for name, one in counted.items()))
        .join(first, first.c.merchant_id == Merchant.id)
        .where(and_(shops_in_reach(None if scope.organisation_id is None else [scope.organisation_id]), *_kind(asked)))
    )


def _of(counted: Select[Any]) -> Any:
    return counted.correlate(Merchant).scalar_subquery()


def _kind(asked: Asked) -> tuple[ColumnElement[bool], ...]:
    return (Merchant.kind == asked.kind,) if asked.kind else ()
