"""A page says when it was changed, and that it is being updated until a day; those above the shop have the last word."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel import clock
from kernel.audit import AuditEntry
from places.directory.importing import import_places
from places.directory.queries import place_detail
from places.hours.services import confirm_hours, set_hours
from places.keeping.services import keep_facts
from places.models import Place
from places.pages.errors import UpdatedByOthers, WrongUpdate
from places.pages.rules import LONGEST_NOTE, Side, Wanted, check_last_day, may_change, typed_note
from places.pages.services import begin_update, end_update, note_priced
from tests import factories
from tests.factories import ACTOR

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
TODAY = date(2026, 11, 22)


def test_rules_of_days_notes_and_sides() -> None:
    check_last_day(TODAY, TODAY)
    check_last_day(TODAY + timedelta(13), TODAY)
    for wrong in (TODAY - timedelta(1), TODAY + timedelta(14)):
        with pytest.raises(WrongUpdate):
            check_last_day(wrong, TODAY)
    assert typed_note({"note_fa": " قیمت‌ها  شنبه ", "note_en": ""}) == {"fa": "قیمت‌ها شنبه"}
    with pytest.raises(WrongUpdate):
        typed_note({"note_ur": "x" * (LONGEST_NOTE + 1)})
    assert [[may_change(side, standing) for standing in Side] for side in Side] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]


def test_only_what_changes_the_page_is_noted(session: Session) -> None:
    with clock.frozen(NOON):
        place = factories.place(session, kind="sight")
    form = {"name_fa": "جا", "at": "36.288000, 59.615700", "source": "seen", "hours": "24/7"}
    told = []
    for days, act in enumerate((lambda: confirm_hours(session, ACTOR, place.id), lambda: set_hours(session, ACTOR, place.id, "24/7"),
                                lambda: keep_facts(session, ACTOR, place.id, form), lambda: keep_facts(session, ACTOR, place.id, form | {"wheelchair": "yes"})), 1):  # fmt: skip
        with clock.frozen(NOON + timedelta(days)):
            act()
            session.expire_all()
            told.append(place_detail(session, place.id).card.told_at)
    assert told == [NOON, NOON + timedelta(2), NOON + timedelta(2), NOON + timedelta(4)]


def test_a_file_that_is_read_again_changes_only_what_it_tells_otherwise(session: Session) -> None:
    town = factories.city(session)
    file = '{"features": [{"id": "node/1", "properties": {"tourism": "museum", "name": "%s"}, "geometry": {"type": "Point", "coordinates": [59.61, 36.28]}}, {"id": "node/2", "properties": {"tourism": "museum", "name": "B"}, "geometry": {"type": "Point", "coordinates": [59.61, 36.29]}}]}'
    for days, name in enumerate(("AA", "AB")):
        with clock.frozen(NOON + timedelta(days)):
            import_places(session, ACTOR, town.code, (file % name).encode(), "file", "ODbL-1.0")
    session.expire_all()
    told = [
        place_detail(session, one).card.told_at
        for one in session.scalars(select(Place.id).where(Place.kind == "sight").order_by(Place.code))
    ]
    assert told == [NOON + timedelta(1), NOON]


def test_an_update_ends_by_itself_or_by_whom_it_may_be_ended(session: Session) -> None:
    with clock.frozen(NOON):
        place = factories.place(session)
        begin_update(session, ACTOR, Side.SHOP, place.id, Wanted(TODAY, {"fa": "شنبه"}))
        begin_update(session, ACTOR, Side.UNION, place.id, Wanted(TODAY + timedelta(1), {}))
        for act in (
            lambda: end_update(session, ACTOR, Side.SHOP, place.id),
            lambda: begin_update(session, ACTOR, Side.SHOP, place.id, Wanted(TODAY, {})),
        ):
            with pytest.raises(UpdatedByOthers):
                act()
        session.expire_all()
        standing = place_detail(session, place.id).card.updating
        assert standing is not None
        assert (standing.by, standing.until) == (Side.UNION, datetime(2026, 11, 23, 20, 30, tzinfo=UTC))
    with clock.frozen(NOON + timedelta(2)):
        assert place_detail(session, place.id).card.updating is None
        begin_update(session, ACTOR, Side.SHOP, place.id, Wanted(TODAY + timedelta(2), {}))
        end_update(session, ACTOR, Side.SHOP, place.id)
        end_update(session, ACTOR, Side.SHOP, place.id)
    acts = session.scalars(select(AuditEntry.act).where(AuditEntry.subject == "place page").order_by(AuditEntry.id))
    assert list(acts) == ["begin update", "begin update", "begin update", "end update"]


def test_a_thousand_prices_are_one_change(session: Session) -> None:
    place = factories.place(session)
    for seconds, noted in ((0, 0), (30, 0), (90, 90)):
        with clock.frozen(NOON + timedelta(seconds=seconds)):
            note_priced(session, [place.id])
            session.expire_all()
            assert place_detail(session, place.id).card.priced_at == NOON + timedelta(seconds=noted)
