"""Cards by the day they came into being, in the state they are in now, and the first card of each new customer.

Read from what `card_days` has counted: a month of a city has 80,000 cards.
"""

from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, cast, func, literal, select

from insights.reports.models import CardFigure
from insights.reports.rules import Asked, By

CLOSED = ("replaced", "expired", "refunded")


def grouped_cards(asked: Asked, month: Any) -> Select[*tuple[Any, ...]]:
    way = asked.by.value if asked.by in (By.BRANCH, By.OPERATOR) else "all"
    key = {
        By.STATE: CardFigure.status, By.PRODUCT: CardFigure.product, By.OPERATOR: CardFigure.key, By.BRANCH: cast(CardFigure.key, BigInteger),
        By.MONTH: month.c.first,
    }.get(asked.by, CardFigure.day)  # fmt: skip
    cards = func.sum(CardFigure.cards)

    def in_state(*states: str) -> ColumnElement[int]:
        return cards.filter(CardFigure.status.in_(states))

    grouped = (
        select(
            key.label("key"), cards, in_state("active"), in_state("blocked"), in_state(*CLOSED), func.sum(CardFigure.holders),
            literal(0).label("shop_count"), literal(None).label("shops"),
        )
        .where(CardFigure.way == way, CardFigure.day.between(asked.first, asked.last))
        .group_by(key)
        .order_by(key)
    )  # fmt: skip
    if asked.by is By.MONTH:
        grouped = grouped.join(month, CardFigure.day.between(month.c.first, month.c.last))
    if asked.product:
        grouped = grouped.where(CardFigure.product == asked.product)
    return grouped.where(CardFigure.status == asked.state) if asked.state else grouped
