"""A shop is told of a due once at each step, never at night, and the union sees how far the messages are."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.models import Person
from kernel import clock
from kernel.calendar import TEHRAN, local_day
from kernel.messages.models import Message
from merchants.dues import services
from merchants.dues.rules import EARLY, WEEK, notice_due
from merchants.dues.telling import tell_of_dues, told_of
from tests.merchants.dues.owing import place

DAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("left", "told", "step"),
    [
        (30, None, EARLY),
        (30, EARLY, None),
        (8, EARLY, None),
        (7, EARLY, WEEK),
        (1, WEEK, None),
        (0, WEEK, 0),
        (0, None, 0),
        (-5, 0, None),
        (3, None, WEEK),
    ],
)
def test_each_step_is_told_once(left: int, told: int | None, step: int | None) -> None:
    assert notice_due(DAY + timedelta(days=left), told, DAY) == step


def at(session: Session, monkeypatch: pytest.MonkeyPatch, day: date, hour: int) -> int:
    monkeypatch.setattr(clock, "now", lambda: datetime.combine(day, time(hour), TEHRAN).astimezone(UTC))
    return tell_of_dues(session)


def test_the_shop_is_told_by_day_at_each_step_until_it_has_paid(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place(session, sold_rial=0)
    owner = session.get_one(Person, here.owner.person_id)
    owner.mobile = None
    owner.email = "shop@example.com"
    due, paid = here.due(session), here.due(session, 90_000)
    session.commit()
    today = local_day(clock.now())
    assert at(session, monkeypatch, today, 23) == at(session, monkeypatch, today, 7) == 0
    assert [at(session, monkeypatch, today, 10), at(session, monkeypatch, today, 11)] == [2, 0]
    services.note_paid(session, here.clerk, here.union_id, paid.id, "00000000-0000-4000-8000-000000000001", 90_000, "12")
    services.note_paid(session, here.clerk, here.union_id, due.id, "00000000-0000-4000-8000-000000000002", 100_000, "13")
    assert [at(session, monkeypatch, due.due_on - timedelta(days=left), 10) for left in (8, 7, 6, 0, -1)] == [0, 1, 0, 1, 0]
    assert told_of(session, due) == [("due_entered", "waiting"), ("due_soon", "waiting"), ("due_today", "waiting")]
    assert [code for code, _ in told_of(session, paid)] == ["due_entered"]
    assert set(session.scalars(select(Message.channel))) == {"email"}
