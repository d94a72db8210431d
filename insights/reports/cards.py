"""Cards by the day they came into being, in the state they are in now, and the first card of each new customer."""

from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, literal, select
from sqlalchemy.orm import aliased

from cardbank.cards.models import Card, CardEvent, Member
from cardbank.issuing.models import CardIssue
from insights.reports.rules import Asked, By
from kernel.calendar import TEHRAN, end_of_day

CLOSED = ("replaced", "expired", "refunded")


def grouped_cards(asked: Asked, month: Any) -> Select[*tuple[Any, ...]]:
    """Who issued a card stands in its history; which branch handed it out, in the row of its issue, which not every card has."""
    cards = _cards(asked).subquery("cards")
    key = {By.MONTH: month.c.first}.get(asked.by, cards.c.key)

    def in_state(*states: str) -> ColumnElement[int]:
        return func.count().filter(cards.c.status.in_(states))

    grouped = (
        select(
            key.label("key"), func.count(), in_state("active"), in_state("blocked"), in_state(*CLOSED),
            func.count().filter(cards.c.is_first), literal(0).label("shop_count"), literal(None).label("shops"),
        )
        .select_from(cards)
        .group_by(key)
        .order_by(key)
    )  # fmt: skip
    return grouped.join(month, cards.c.key.between(month.c.first, month.c.last)) if asked.by is By.MONTH else grouped


def _cards(asked: Asked) -> Select[*tuple[Any, ...]]:
    day = func.date(func.timezone(TEHRAN.key, Card.created_at))
    earlier, held = aliased(Card), aliased(Member)
    is_first = ~exists().where(held.person_id == Member.person_id, earlier.member_id == held.id, earlier.id < Card.id).correlate(Card, Member)
    issuer = select(CardEvent.actor).where(CardEvent.card_id == Card.id).order_by(CardEvent.id).limit(1).correlate(Card).scalar_subquery()
    branch = select(CardIssue.branch_id).where(CardIssue.card_id == Card.id).correlate(Card).scalar_subquery()
    key = {By.STATE: Card.status, By.PRODUCT: Card.product, By.OPERATOR: issuer, By.BRANCH: branch}.get(asked.by, day)
    cards: Select[*tuple[Any, ...]] = (
        select(key.label("key"), Card.status, and_(Member.person_id.is_not(None), is_first).label("is_first"))
        .outerjoin(Member, Member.id == Card.member_id)
        .where(Card.created_at >= end_of_day(asked.first - timedelta(days=1)), Card.created_at < end_of_day(asked.last))
    )
    if asked.product:
        cards = cards.where(Card.product == asked.product)
    return cards.where(Card.status == asked.state) if asked.state else cards
