"""Use cases of opening hours. A rule's row is shared by all places that keep it and is never edited, only computed anew."""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.dialects.postgresql.ranges import MultiRange, Range
from sqlalchemy.orm import Session

from kernel import audit, clock, outbox
from kernel.audit import Actor
from kernel.calendar import local_day
from places.errors import PlaceNotFound
from places.hours.events import HoursMoved
from places.hours.models import OpeningRule
from places.hours.queries import Calendar, calendar_of, minute_of
from places.hours.rules import checked_hours, follows_moon, open_minutes
from places.models import Place
from places.moon.events import LunarMonthMoved
from places.pages.services import note_told
from places.prayers.events import PrayerTimesAdjusted

DAYS_COVERED = 16
LEAST_COVERED = 12 * 1440  # minutes ahead; a rule that covers less is computed anew
MOST_AT_ONCE = 500


def set_hours(session: Session, actor: Actor, place_id: int, typed: str) -> Place:
    """Keep a place's hours, which are confirmed by that; empty text forgets them. Raises PlaceNotFound, UnreadableHours."""
    text = checked_hours(typed) if typed.strip() else ""
    place = _lock_place(session, place_id)
    before = session.scalar(select(OpeningRule.text).where(OpeningRule.id == place.rule_id))
    place.rule_id = keep_rule(session, place.city_id, text) if text else None
    place.confirmed_at = clock.now()
    if (before or "") != text:
        note_told(session, [place_id])
        audit.record(session, actor, "set hours", "place", place_id, before={"hours": before}, after={"hours": text or None})
    return place


def confirm_hours(session: Session, actor: Actor, place_id: int) -> Place:
    """Say that everything still stands as it is on record. Raises PlaceNotFound."""
    place = _lock_place(session, place_id)
    place.confirmed_at = clock.now()
    audit.record(session, actor, "confirm", "place", place_id)
    return place


def keep_rule(session: Session, city_id: int, text: str) -> int:
    """The row of a checked rule in a city, made where there is none yet."""
    found = session.scalar(select(OpeningRule.id).where(OpeningRule.city_id == city_id, OpeningRule.text == text))
    if found is not None:
        return found
    minutes, until = _computed(text, calendar_of(session, city_id))
    made = insert(OpeningRule).values(
        city_id=city_id, text=text, follows_moon=follows_moon(text), minutes=minutes, covered_until=until
    )
    session.execute(made.on_conflict_do_nothing(index_elements=["city_id", "text"]))
    return session.scalars(select(OpeningRule.id).where(OpeningRule.city_id == city_id, OpeningRule.text == text)).one()


def refresh_rules(session: Session) -> int:
    """Compute anew the rules that cover less than the coming twelve days; returns how many were."""
    due = select(OpeningRule).where(OpeningRule.covered_until < minute_of(clock.now()) + LEAST_COVERED)
    rules = session.scalars(due.order_by(OpeningRule.covered_until).limit(MOST_AT_ONCE).with_for_update(skip_locked=True)).all()
    _compute_anew(session, rules)
    return len(rules)


def count_places(session: Session) -> None:
    """How many places keep each rule, by which a search for what is open now chooses its way."""
    counted = (
        select(func.count()).select_from(Place).where(Place.rule_id == OpeningRule.id, Place.closed_at.is_(None)).scalar_subquery()
    )
    session.execute(update(OpeningRule).where(OpeningRule.places != counted).values(places=counted))


def follow_moon(session: Session, event: LunarMonthMoved) -> None:
    """Rules that name holidays or lunar months are computed anew; whose coming hours changed is told, once."""
    rules = session.scalars(select(OpeningRule).where(OpeningRule.follows_moon).order_by(OpeningRule.id).with_for_update()).all()
    for rule in _compute_anew(session, rules):
        outbox.publish(session, HoursMoved(event.move_id, rule.id))


def follow_prayers(session: Session, event: PrayerTimesAdjusted) -> None:
    of_city = select(OpeningRule).where(OpeningRule.city_id == event.city_id).order_by(OpeningRule.id)
    _compute_anew(session, session.scalars(of_city.with_for_update()).all())


def _compute_anew(session: Session, rules: Sequence[OpeningRule]) -> list[OpeningRule]:
    """Returns those whose coming hours became others in what both computations cover."""
    calendars: dict[int, Calendar] = {}
    changed = []
    for rule in rules:
        if rule.city_id not in calendars:
            calendars[rule.city_id] = calendar_of(session, rule.city_id)
        minutes, until = _computed(rule.text, calendars[rule.city_id])
        now, both = minute_of(clock.now()), min(until, rule.covered_until)
        if _within(minutes, now, both) != _within(rule.minutes, now, both):
            changed.append(rule)
        rule.minutes, rule.covered_until = minutes, until
    return changed


def _within(minutes: MultiRange[int], first: int, until: int) -> list[tuple[int, int]]:
    spans = ((max(span.lower or 0, first), min(span.upper or 0, until)) for span in minutes)
    return [(begin, end) for begin, end in spans if begin < end]


def _computed(text: str, calendar: Calendar) -> tuple[MultiRange[int], int]:
    first: date = local_day(clock.now(), calendar.zone) - timedelta(days=1)
    spans = open_minutes(text, first, DAYS_COVERED, calendar.facts, calendar.midnight)
    return MultiRange(Range(begin, end) for begin, end in spans), calendar.midnight(first + timedelta(days=DAYS_COVERED))


def _lock_place(session: Session, place_id: int) -> Place:
    place = session.get(Place, place_id, with_for_update=True)
    if place is None:
        raise PlaceNotFound
    return place
