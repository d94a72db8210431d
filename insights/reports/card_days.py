"""Counting the cards of each day, and the first card of each new customer.

Who is new, and who handed a card out, is asked card by card, so that it is counted ahead: each minute the days of cards to which something
happened, and those that were counted longest ago, so that whatever no event tells of is told within the hour.
"""

from datetime import date, datetime, timedelta

from sqlalchemy import (
    Date,
    Function,
    Select,
    String,
    and_,
    case,
    cast,
    delete,
    exists,
    func,
    literal,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, aliased

from cardbank.cards.models import Card, CardEvent, Member
from cardbank.issuing.models import CardIssue
from insights.reports.models import CardDay, CardFigure
from kernel import clock
from kernel.calendar import TEHRAN, end_of_day, local_day

# Longer than the pause between two counts: what is committed late has an earlier time.
LATELY = timedelta(minutes=5)
OLDEST_AT_ONCE = 10
MOST_AT_ONCE = 60


def count_cards(session: Session) -> int:
    """Count anew what may have changed; returns how many days were counted."""
    now = clock.now()
    days = _days_to_come(session, local_day(now))
    days |= {day for day in _days_of_events(session, now - LATELY) if day <= max(days)}
    days |= set(session.scalars(select(CardDay.day).order_by(CardDay.counted_at).limit(OLDEST_AT_ONCE)))
    for day in sorted(days):
        _count(session, day, now)
    return len(days)


def _days_of_events(session: Session, since: datetime) -> set[date]:
    touched = select(_day_of_card()).join(CardEvent, CardEvent.card_id == Card.id).where(CardEvent.at > since)
    return set(session.scalars(touched.distinct()))


def _days_to_come(session: Session, today: date) -> set[date]:
    """From the day before the last that was counted, else from the first card on, to today; some at a time where many are due."""
    last = session.scalar(select(func.max(CardDay.day))) or session.scalar(select(func.min(_day_of_card()))) or today
    due = min((today - last).days, MOST_AT_ONCE)
    return {last + timedelta(ahead) for ahead in range(-1, due + 1)}


def _count(session: Session, day: date, now: datetime) -> None:
    """The row of the day is held, so that two that count do not count twice."""
    noted = insert(CardDay).values(day=day, counted_at=now)
    session.execute(noted.on_conflict_do_update(index_elements=["day"], set_={"counted_at": now}))
    session.execute(delete(CardFigure).where(CardFigure.day == day))
    cards = _cards_of(day).subquery("cards")
    way = case((func.grouping(cards.c.branch) == 0, "branch"), (func.grouping(cards.c.issuer) == 0, "operator"), else_="all")
    told = cards.c.product, cards.c.status
    counted = select(
        literal(day, Date), way, case((func.grouping(cards.c.branch) == 0, cards.c.branch), else_=cards.c.issuer), *told,
        func.count(), func.count().filter(cards.c.is_first),
    ).group_by(func.grouping_sets(tuple_(*told), tuple_(*told, cards.c.branch), tuple_(*told, cards.c.issuer)))  # fmt: skip
    session.execute(insert(CardFigure).from_select(["day", "way", "key", "product", "status", "cards", "holders"], counted))


def _cards_of(day: date) -> Select[tuple[str, str, bool, str, str]]:
    """Who issued a card stands in its history; which branch handed it out, in the row of its issue, which not every card has."""
    earlier, held = aliased(Card), aliased(Member)
    is_first = ~exists().where(held.person_id == Member.person_id, earlier.member_id == held.id, earlier.id < Card.id).correlate(
        Card, Member
    )
    issuer = (
        select(CardEvent.actor)
        .where(CardEvent.card_id == Card.id)
        .order_by(CardEvent.id)
        .limit(1)
        .correlate(Card)
        .scalar_subquery()
    )
    branch = select(cast(CardIssue.branch_id, String)).where(CardIssue.card_id == Card.id).correlate(Card).scalar_subquery()
    return (
        select(
            Card.product, Card.status, and_(Member.person_id.is_not(None), is_first).label("is_first"), branch.label("branch"), issuer.label("issuer"),
        )
        .outerjoin(Member, Member.id == Card.member_id)
        .where(Card.created_at >= end_of_day(day - timedelta(days=1)), Card.created_at < end_of_day(day))
    )  # fmt: skip


def _day_of_card() -> Function[date]:
    return func.date(func.timezone(TEHRAN.key, Card.created_at))
