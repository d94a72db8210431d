"""Who came into groups of customers and who left them, in numbers: a group's journal names nobody."""

from datetime import timedelta
from typing import Any

from sqlalchemy import Select, func, literal, null, select

from insights.reports.rules import Asked, By, Scope
from kernel.calendar import TEHRAN, end_of_day
from loyalty.groups.models import CustomerGroup, GroupMove


def grouped_moves(asked: Asked, scope: Scope, month: Any) -> Select[Any]:
    """A group that is a question has no moves: who is in it is found anew each time."""
    day = func.date(func.timezone(TEHRAN.key, GroupMove.at))
    key = {By.GROUP: GroupMove.group_id, By.DAY: day, By.MONTH: month.c.first}[asked.by]
    numbers = GroupMove.numbers
    grouped: Select[Any] = (
        select(
            key.label("key"), func.sum(numbers).filter(numbers > 0), -func.sum(numbers).filter(numbers < 0), func.sum(numbers),
            literal(0).label("shop_count"), null().label("shops"),
        )
        .select_from(GroupMove)
        .where(GroupMove.at >= end_of_day(asked.first - timedelta(days=1)), GroupMove.at < end_of_day(asked.last))
        .group_by(key)
        .order_by(key)
    )  # fmt: skip
    if asked.by is By.MONTH:
        grouped = grouped.join(month, day.between(month.c.first, month.c.last))
    if scope.organisation_id is not None:
        own = select(CustomerGroup.id).where(CustomerGroup.organisation_id == scope.organisation_id)
        grouped = grouped.where(GroupMove.group_id.in_(own))
    return grouped
