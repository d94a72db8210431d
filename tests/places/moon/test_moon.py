"""One change of a month moves what follows the moon, and its undoing moves it back."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import AuditEntry
from kernel.holidays import holiday, lunar_holiday
from kernel.moon import COMPUTED, LunarDay, Month
from kernel.outbox import OutboxEvent
from merchants.settlement.handlers import on_lunar_month_moved
from merchants.settlement.models import SettlementBatch
from merchants.settlement.queries import closed_days, expected_at
from places.moon.errors import MonthTooFar, MovedSince, MoveNotFound, ReasonMissing, WrongMonthLength
from places.moon.events import LunarMonthMoved
from places.moon.models import LunarMove
from places.moon.queries import last_moves, months_of_year, moon
from places.moon.rules import check_move
from places.moon.services import move_month, undo_move
from tests.factories import ACTOR

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)
RAMADAN = Month(1448, 9)
DAY = timedelta(days=1)


def movable(after: Month) -> tuple[Month, date]:
    """A month from here on that may begin a day later: the one before it has 29 days and it has 30."""
    month = next(one for n in range(40) if COMPUTED.length((one := after.later(n)).later(-1)) == 29 and COMPUTED.length(one) == 30)
    return month, COMPUTED.start(month) + DAY


@given(st.dates(date(1940, 1, 1), date(2070, 1, 1)))
def test_every_day_is_one_lunar_day_and_comes_back(day: date) -> None:
    lunar = COMPUTED.lunar(day)
    assert COMPUTED.day(*lunar) == day
    assert 1 <= lunar.number <= 30


def test_a_moved_month_takes_its_days_and_leaves_the_others() -> None:
    month, later = movable(RAMADAN)
    moved = COMPUTED.moved(month, later)
    assert moved.lunar(later) == LunarDay(*month, 1)
    assert moved.lunar(later - DAY) == LunarDay(*month.later(-1), 30)
    assert moved.day(*month, 21) == COMPUTED.day(*month, 21) + DAY
    assert moved.start(month.later(1)) == COMPUTED.start(month.later(1))


def test_an_earlier_month_takes_the_last_day_of_the_one_before() -> None:
    moved = COMPUTED.moved(RAMADAN, COMPUTED.start(RAMADAN) - DAY)
    assert moved.lunar(COMPUTED.start(RAMADAN) - DAY) == LunarDay(1448, 9, 1)


def test_holidays_follow_the_moon() -> None:
    fitr = Month(1448, 10)
    moved = COMPUTED.moved(fitr, COMPUTED.start(fitr) + DAY)
    assert holiday(COMPUTED.start(fitr))["en"] == "Eid al-Fitr"
    assert holiday(COMPUTED.start(fitr), moved) is None
    assert holiday(COMPUTED.start(fitr) + 2 * DAY, moved)["en"] == "Eid al-Fitr"


def test_the_last_of_safar_is_its_29th_or_its_30th() -> None:
    for year in range(1440, 1455):
        last = COMPUTED.start(Month(year, 3)) - DAY
        assert lunar_holiday(last)["en"] == "Martyrdom of Imam Reza"


@pytest.mark.parametrize("days", [-2, 2, 5])
def test_a_month_of_another_length_is_refused(days: int) -> None:
    with pytest.raises(WrongMonthLength) as refused:
        check_move(COMPUTED, RAMADAN, COMPUTED.start(RAMADAN) + days * DAY, NOW.date())
    assert refused.value.facts["fault"] in ("previous", "this")


@pytest.mark.parametrize("month", [Month(1446, 1), Month(1452, 1), Month(1448, 13), Month(1448, 0)])
def test_only_near_months_are_moved(month: Month) -> None:
    with pytest.raises(MonthTooFar):
        check_move(COMPUTED, month, date(2026, 11, 22), NOW.date())


def events(session: Session) -> list[dict[str, object]]:
    found = select(OutboxEvent.payload).where(OutboxEvent.name == "LunarMonthMoved").order_by(OutboxEvent.id)
    return list(session.scalars(found))


def test_a_move_is_told_once_audited_and_undone(session: Session) -> None:
    month, later = movable(RAMADAN)
    with clock.frozen(NOW):
        move = move_month(session, ACTOR, month, later, "announced by the office")
        assert move_month(session, ACTOR, month, later, "said again") is None
        assert moon(session).start(month) == later
        assert [row.can_be_undone for row in last_moves(session)] == [True]
        back = undo_move(session, ACTOR, move.id)
    session.flush()
    assert moon(session).start(month) == COMPUTED.start(month)
    assert [(one["was"], one["became"]) for one in events(session)] == [
        (str(COMPUTED.start(month)), str(later)), (str(later), str(COMPUTED.start(month))),
    ]  # fmt: skip
    assert back.undoes_id == move.id
    acts = session.scalars(select(AuditEntry.act).where(AuditEntry.subject == "lunar month").order_by(AuditEntry.id)).all()
    assert acts == ["move", "undo the move of"]
    # The undoing can itself be undone: that is the last of its month.
    assert [row.can_be_undone for row in last_moves(session)] == [True, False]


def test_a_move_is_undone_once_and_only_while_it_is_the_last(session: Session) -> None:
    month, later = movable(RAMADAN)
    with clock.frozen(NOW):
        move = move_month(session, ACTOR, month, later, "first")
        back = undo_move(session, ACTOR, move.id)
        assert undo_move(session, ACTOR, move.id) is back, "a second tap moves nothing"
        again = move_month(session, ACTOR, month, later, "second")
        assert again.id > move.id
        with pytest.raises(MovedSince):
            undo_move(session, ACTOR, move.id)
        with pytest.raises(MoveNotFound):
            undo_move(session, ACTOR, 999_999)
        with pytest.raises(WrongMonthLength) as refusal:
            move_month(session, ACTOR, month, date(1448, month.number, 1), "typed as it is called")
        assert refusal.value.facts["fault"] == "far"
        with pytest.raises(ReasonMissing):
            move_month(session, ACTOR, month, later, "  ")


def test_a_month_announced_as_computed_is_on_record_and_moves_nothing(session: Session) -> None:
    with clock.frozen(NOW):
        assert move_month(session, ACTOR, RAMADAN, COMPUTED.start(RAMADAN), "as computed") is None
    assert [row.is_announced for row in months_of_year(session, 1448)].count(True) == 1
    assert session.scalars(select(LunarMove)).all() == []


def test_bank_days_follow_and_come_back(session: Session) -> None:
    """Eid al-Fitr a day later: what was given to the bank before it is paid on the day that was Eid, and back."""
    fitr = Month(1448, 10)
    eid = COMPUTED.start(fitr)
    cut_off = eid - DAY
    before = expected_at(session, cut_off)
    batch = SettlementBatch(
        reference="PB1", cut_off=cut_off, is_scheduled=True, closed_at=NOW, expected_at=before, statements=0, payouts=0, held=0,
        payout_rial=0, commission_rial=0,
    )  # fmt: skip
    session.add(batch)
    with clock.frozen(NOW):
        move = move_month(session, ACTOR, fitr, eid + DAY, "sighted")
        on_lunar_month_moved(session, LunarMonthMoved(move.id, *fitr, eid, eid + DAY))
        assert moon(session).start(fitr) == eid + DAY
        closed = dict(closed_days(session, eid - DAY, 5))
        assert eid + 2 * DAY in closed
        assert batch.expected_at == expected_at(session, cut_off) != before
        undo_move(session, ACTOR, move.id)
        on_lunar_month_moved(session, LunarMonthMoved(move.id + 1, *fitr, eid + DAY, eid))
        assert batch.expected_at == before
