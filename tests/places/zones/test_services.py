"""Zones are drawn beside each other, and every place follows into the smallest that covers it."""

from uuid import uuid4

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kernel.audit import AuditEntry
from kernel.outbox import OutboxEvent, Relay
from places import handlers
from places.directory.errors import OutsideTheCity
from places.models import Zone
from places.services import found_city
from places.zones import services
from places.zones.errors import ZoneChangedMeanwhile, ZoneNotFound, ZoneOverlaps
from places.zones.queries import zone_told, zones_told
from places.zones.rules import Ring, outline_lines
from places.zones.services import Drawn, change_zone, draw_new_zone
from tests import factories
from tests.concurrency.test_settlement import twice
from tests.factories import ACTOR
from tests.meeting import meet

LON, LAT = factories.SHRINE


def square(middle: float, half: float = 0.01) -> Ring:
    """Around a longitude on the shrine's latitude."""
    return [(middle - half, LAT - half), (middle + half, LAT - half), (middle + half, LAT + half), (middle - half, LAT + half)]


def zone(session: Session, name: str, ring: Ring, *, is_meant: bool = False) -> Zone:
    return draw_new_zone(session, ACTOR, factories.city(session).id, str(uuid4()), Drawn({"fa": name}, ring, is_meant))


def deliver(session: Session) -> None:
    relay = Relay()
    for event, handler in handlers.HANDLERS:
        relay.on(event, handler)
    while relay.deliver(session):
        session.flush()


def test_places_follow_a_piece_at_a_time(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "A_PIECE", 2)
    city = factories.city(session)
    spots = [
        factories.place(session, lon=LON + step / 1000, kind=kind)
        for step, kind in ((0, "shop"), (1, "shop"), (2, "gate"), (15, "shop"))
    ]
    whole = zone(session, "بزرگ", square(LON, 0.02))
    inner = zone(session, "کوچک", square(LON, 0.005))
    deliver(session)
    session.expire_all()
    assert [one.zone_id for one in spots] == [inner.id, inner.id, inner.id, whole.id]
    assert [(one.shops, one.places) for one in zones_told(session, city.id)] == [(1, 0), (2, 1)]
    assert outline_lines(zone_told(session, [city.id], inner.id).ring) == outline_lines(square(LON, 0.005))
    change_zone(session, ACTOR, city.id, inner.id, 1, Drawn({"fa": "کوچک"}, square(LON + 0.015, 0.002)))
    deliver(session)
    session.expire_all()
    assert [one.zone_id for one in spots] == [whole.id, whole.id, whole.id, inner.id]
    assert session.scalar(select(func.count()).select_from(OutboxEvent).where(OutboxEvent.delivered_at.is_(None))) == 0
    assert list(session.scalars(select(AuditEntry.act).where(AuditEntry.subject == "zone").order_by(AuditEntry.id))) == [
        "draw",
        "draw",
        "redraw",
    ]


def test_neighbours_are_cut_only_where_somebody_says_so(session: Session) -> None:
    first = zone(session, "باختری", square(LON))
    with pytest.raises(ZoneOverlaps) as refused:
        zone(session, "خاوری", square(LON + 0.015))
    assert refused.value.facts["others"] == [{"fa": "باختری"}]
    with pytest.raises(ZoneOverlaps):
        zone(session, "همان", square(LON))
    beside = zone(session, "خاوری", square(LON + 0.02))
    zone(session, "درون", square(LON, 0.001))
    zone(session, "میان", square(LON + 0.01, 0.004), is_meant=True)
    change_zone(session, ACTOR, first.city_id, first.id, 1, Drawn({"fa": "باختر"}, square(LON)))
    assert beside.version == 1


def test_a_zone_lies_in_its_own_city_and_is_not_written_over(session: Session) -> None:
    with pytest.raises(OutsideTheCity):
        zone(session, "دور", square(LON + 3))
    key, city = str(uuid4()), factories.city(session)
    made = draw_new_zone(session, ACTOR, city.id, key, Drawn({"fa": "یک"}, square(LON)))
    assert draw_new_zone(session, ACTOR, city.id, key, Drawn({"fa": "یک"}, square(LON))).id == made.id
    change_zone(session, ACTOR, city.id, made.id, 1, Drawn({"fa": "دو"}, square(LON)))
    with pytest.raises(ZoneChangedMeanwhile):
        change_zone(session, ACTOR, city.id, made.id, 1, Drawn({"fa": "سه"}, square(LON)))
    qom = found_city(session, ACTOR, "qom", {"fa": "قم"}, 50.87, 34.64, "Asia/Tehran")
    with pytest.raises(ZoneNotFound):
        change_zone(session, ACTOR, qom.id, made.id, 2, Drawn({"fa": "چهار"}, square(50.87)))


@pytest.mark.parametrize(("is_locked", "outcomes"), [(False, ["done", "done"]), (True, ["done", "zone_overlaps"])])
def test_two_who_draw_over_the_same_ground_at_once(
    session: Session, monkeypatch: pytest.MonkeyPatch, is_locked: bool, outcomes: list[str]
) -> None:
    city_id = factories.city(session).id
    session.commit()
    if not is_locked:
        monkeypatch.setattr(services, "lock_zones", lambda *_: None)
    meet(monkeypatch, services, "zones_cut")
    both = iter((square(LON), square(LON + 0.015)))
    assert twice(lambda one: draw_new_zone(one, ACTOR, city_id, str(uuid4()), Drawn({"fa": "محدوده"}, next(both)))) == outcomes
