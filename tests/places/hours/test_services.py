"""Rules on record: what the database says is open now, and how it follows the sun and the moon."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import AuditEntry
from kernel.moon import COMPUTED, Month
from kernel.outbox import OutboxEvent
from places.errors import PlaceNotFound
from places.handlers import HANDLERS
from places.hours.models import OpeningRule
from places.hours.queries import hours_of_places, minute_of
from places.hours.services import (
    LEAST_COVERED,
    confirm_hours,
    count_places,
    follow_moon,
    refresh_rules,
    set_hours,
)
from places.models import Place
from places.moon.events import LunarMonthMoved
from places.moon.services import move_month, undo_move
from places.prayers.services import adjust_prayers
from tests.factories import ACTOR, place

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # 12:00 in Mashhad, a Sunday


def state(session: Session, spot: Place, now: datetime) -> tuple[bool, str] | None:
    told = hours_of_places(session, [spot.id], now)[spot.id].state
    return told and (told.is_open, f"{told.changes_at:%d %H:%M}" if told.changes_at else "")


def open_now(session: Session, now: datetime) -> list[str]:
    return list(session.scalars(select(OpeningRule.text).where(OpeningRule.minutes.contains(minute_of(now)))))


def test_a_place_says_whether_it_is_open_and_until_when(session: Session) -> None:
    with clock.frozen(NOON):
        spot = set_hours(session, ACTOR, place(session).id, "Sa-We 08:00-13:00,16:00-21:00; Th,Fr off")
    assert state(session, spot, NOON) == (True, "22 09:30")
    assert state(session, spot, NOON + timedelta(hours=2)) == (False, "22 12:30")
    assert state(session, spot, NOON + timedelta(days=4)) == (False, "28 04:30")
    assert open_now(session, NOON) == ["Sa-We 08:00-13:00,16:00-21:00; Th,Fr off"]
    assert open_now(session, NOON + timedelta(hours=2)) == []
    assert state(session, spot, NOON + timedelta(days=40)) is None
    assert spot.confirmed_at == NOON


def test_places_of_the_same_hours_share_a_rule_and_hours_are_forgotten(session: Session) -> None:
    one, other = place(session), place(session)
    set_hours(session, ACTOR, one.id, "24/7")
    set_hours(session, ACTOR, other.id, " ۲۴/۷ ;")
    assert one.rule_id == other.rule_id
    count_places(session)
    assert session.scalars(select(OpeningRule.places).execution_options(populate_existing=True)).all() == [2]
    set_hours(session, ACTOR, other.id, "")
    assert other.rule_id is None
    assert hours_of_places(session, [other.id], clock.now()) == {}
    acts = session.execute(
        select(AuditEntry.before, AuditEntry.after).where(AuditEntry.act == "set hours").order_by(AuditEntry.id)
    ).all()
    assert acts[-1] == ({"hours": "24/7"}, {"hours": None})


def test_confirming_is_written_down(session: Session) -> None:
    spot = place(session)
    with clock.frozen(NOON):
        confirm_hours(session, ACTOR, spot.id)
    assert spot.confirmed_at == NOON
    assert session.scalar(select(AuditEntry.act).where(AuditEntry.act == "confirm"))
    with pytest.raises(PlaceNotFound):
        confirm_hours(session, ACTOR, 999_999)


def test_the_coming_days_are_computed_before_they_come(session: Session) -> None:
    with clock.frozen(NOON):
        spot = set_hours(session, ACTOR, place(session).id, "sunrise-sunset")
        assert refresh_rules(session) == 0
    later = NOON + timedelta(days=10)
    with clock.frozen(later):
        assert refresh_rules(session) == 1
        assert refresh_rules(session) == 0
    rule = session.get_one(OpeningRule, spot.rule_id)
    assert rule.covered_until >= minute_of(later) + LEAST_COVERED
    assert state(session, spot, later + timedelta(days=10)) is not None


def test_a_citys_timetable_moves_the_hours_that_follow_prayer(session: Session) -> None:
    with clock.frozen(NOON):
        spot = set_hours(session, ACTOR, place(session).id, "08:00-noon")
        before = state(session, spot, NOON - timedelta(hours=2))
        adjust_prayers(session, ACTOR, "mashhad", "geophysics", {"noon": 5}, "")
        [event] = [told for told, _ in HANDLERS if told.__name__ == "PrayerTimesAdjusted"]
        dict(HANDLERS)[event](session, event(spot.city_id))
    after = state(session, spot, NOON - timedelta(hours=2))
    assert (before, after) == ((True, "22 07:48"), (True, "22 07:53"))


def test_a_moved_month_moves_the_hours_tells_once_and_comes_back(session: Session) -> None:
    """Eid al-Fitr a day later: who closes on holidays opens on the day it was, and closes again when the move is undone."""
    fitr = Month(1448, 10)
    eid = COMPUTED.start(fitr)
    now = datetime(eid.year, eid.month, eid.day, 8, tzinfo=UTC)
    with clock.frozen(now - timedelta(days=3)):
        closes, stays = (set_hours(session, ACTOR, place(session).id, text) for text in ("08:00-20:00; PH off", "08:00-20:00"))
        assert state(session, closes, now)[0] is False
        move = move_month(session, ACTOR, fitr, eid + timedelta(days=1), "sighted")
        moved = LunarMonthMoved(move.id, *fitr, eid, eid + timedelta(days=1))
        for _ in range(2):
            follow_moon(session, moved)
        assert state(session, closes, now)[0] is True
        assert state(session, stays, now)[0] is True
        told = [(one["move_id"], one["rule_id"]) for one in hours_moved(session)]
        assert told == [(move.id, closes.rule_id)]
        back = undo_move(session, ACTOR, move.id)
        follow_moon(session, LunarMonthMoved(back.id, *fitr, eid + timedelta(days=1), eid))
        assert state(session, closes, now)[0] is False
        assert len(hours_moved(session)) == 2


def hours_moved(session: Session) -> list[dict[str, int]]:
    return list(session.scalars(select(OutboxEvent.payload).where(OutboxEvent.name == "HoursMoved").order_by(OutboxEvent.id)))
