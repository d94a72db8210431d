"""What is near, found by name, and open: each answer against a plain reading of all places."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from kernel import clock
from places.directory import queries
from places.directory.queries import PlaceCard, nearest, place_detail, search
from places.directory.rules import Asked, metres_between, walk_m, words_of_search
from places.errors import PlaceNotFound, PositionOutOfRange
from places.hours.models import OpeningRule
from places.hours.services import count_places, keep_rule, set_hours
from places.models import Place
from tests.factories import ACTOR, SHRINE, city, place

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # 12:00 in Mashhad, a Sunday
NIGHT = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # 03:00
FRIDAY_NOON = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)
RULES = ["24/7", "Sa-Th 08:00-13:00,16:00-21:00; Fr off", "sunrise-sunset", "Fr 09:00-13:00", "20:00-04:00", "PH 10:00-12:00"]


def crowd(session: Session, *, seed: int, places: int = 300) -> list[Place]:
    """Places around the shrine, each with a rule of its own or none."""
    random, town = Random(seed), city(session)
    rules = [None, *(keep_rule(session, town.id, rule) for rule in RULES)]
    made = []
    for number in range(places):
        spot = Place(
            city_id=town.id, code=f"spot-{number}", kind=random.choice(("shop", "service", "lodging")), names={"fa": f"جای {number}"},
            position=f"SRID=4326;POINT({SHRINE[0] + random.uniform(-0.05, 0.05)} {SHRINE[1] + random.uniform(-0.05, 0.05)})",
            rule_id=random.choice(rules), source="test", licence="none", has_women_area=random.random() < 0.3, wheelchair=random.choice((None, "yes", "limited", "no")),
            earns=random.random() < 0.5, languages=random.choice(([], ["ar"], ["ar", "en"])),
            closed_at=NOON if random.random() < 0.1 else None,
        )  # fmt: skip
        made.append(spot)
    session.add_all(made)
    session.flush()
    count_places(session)
    return made


def plainly(session: Session, asked: Asked, now: datetime, most: int) -> list[int]:
    """Every place read and looked at one by one."""
    found = []
    for row in session.execute(text("SELECT id, ST_X(position) AS lon, ST_Y(position) AS lat FROM place")):
        spot = session.get_one(Place, row.id)
        rule = session.get(OpeningRule, spot.rule_id) if spot.rule_id else None
        minute = int(now.timestamp()) // 60
        is_open = rule is not None and any(span.lower <= minute < span.upper for span in rule.minutes)
        fits = (
            spot.closed_at is None
            and (not asked.kinds or spot.kind in asked.kinds)
            and (not asked.open_now or is_open)
            and (not asked.women or spot.has_women_area)
            and (not asked.wheelchair or spot.wheelchair in ("yes", "limited"))
            and (not asked.earns or spot.earns)
            and (not asked.language or asked.language in spot.languages)
        )
        if fits:
            found.append((metres_between(*SHRINE, row.lon, row.lat), row.id))
    return [place_id for _, place_id in sorted(found)[:most]]


@pytest.mark.parametrize("now", [NOON, NIGHT, FRIDAY_NOON], ids=["noon", "night", "friday"])
def test_the_nearest_are_those_that_a_plain_reading_finds(session: Session, now: datetime, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.frozen(NOON):
        crowd(session, seed=7)
    asks = (
        Asked(), Asked(open_now=True), Asked(open_now=True, kinds=("shop",)), Asked(women=True, wheelchair=True),
        Asked(open_now=True, earns=True), Asked(language="en", city_id=city(session).id, open_now=True),
    )  # fmt: skip
    with clock.frozen(now):
        for asked in asks:
            expected = plainly(session, asked, now, 10)
            # Both ways of reading what is open, whichever would be chosen for so few places.
            for descent in (0, 10**9):
                monkeypatch.setattr(queries, "DESCENT", descent)
                found = nearest(session, asked, *SHRINE, most=10)
                assert [card.place_id for card in found] == expected
                assert not asked.open_now or all(card.state and card.state.is_open for card in found)


def test_nothing_is_open_where_no_rule_is(session: Session) -> None:
    place(session)
    assert nearest(session, Asked(open_now=True), *SHRINE) == []
    with pytest.raises(PositionOutOfRange):
        nearest(session, Asked(), 200, 0)


def named(found: list[PlaceCard]) -> list[str]:
    return [card.names["fa"] for card in found]


def test_names_are_found_in_four_languages_whatever_letters_are_typed(session: Session) -> None:
    from places.services import register_place

    town = city(session)
    for number, names in enumerate((
        {"fa": "صحن انقلاب اسلامی", "en": "Enqelab Courtyard", "ar": "صحن الثورة الإسلامية", "ur": "صحن انقلاب"},
        {"fa": "کافه‌کتاب ۱۲ فروردین", "en": "Book Café 12"},
        {"fa": "مسجد گوهرشاد", "ur": "مسجد گوہرشاد"},
    )):  # fmt: skip
        register_place(
            session,
            ACTOR,
            town.id,
            code=f"named-{number}",
            kind="sight",
            names=names,
            lon=SHRINE[0],
            lat=SHRINE[1],
            source="test",
            licence="none",
        )
    for typed, expected in (
        ("انقلاب اسلامي", "صحن انقلاب اسلامی"), ("الثوره", "صحن انقلاب اسلامی"), ("enqelab court", "صحن انقلاب اسلامی"),
        ("كافه كتاب", ""), ("کافه‌کتاب", "کافه‌کتاب ۱۲ فروردین"), ("كافهكتاب ١٢", "کافه‌کتاب ۱۲ فروردین"), ("BOOK", "کافه‌کتاب ۱۲ فروردین"), ("گوهر", "مسجد گوهرشاد"),
        ("گو", "مسجد گوهرشاد"), ("' | !:*", "any"),
    ):  # fmt: skip
        found = named(search(session, Asked(), typed, *SHRINE))
        assert found == [expected] if expected not in ("", "any") else len(found) == (3 if expected == "any" else 0), typed


def test_a_search_keeps_the_filters(session: Session) -> None:
    with clock.frozen(NOON):
        open_spot, shut = place(session), place(session, kind="lodging")
        set_hours(session, ACTOR, open_spot.id, "24/7")
        set_hours(session, ACTOR, shut.id, "Fr 10:00-12:00")
        assert len(search(session, Asked(), "جا", *SHRINE)) == 2
        assert [card.place_id for card in search(session, Asked(open_now=True), "جا", *SHRINE)] == [open_spot.id]
        assert [card.place_id for card in search(session, Asked(kinds=("lodging",)), "جا", *SHRINE)] == [shut.id]


def test_a_place_is_shown_with_its_parts_and_gone_when_closed(session: Session) -> None:
    shrine, gate = place(session, kind="shrine"), place(session, kind="gate")
    gate.parent_id = shrine.id
    session.flush()
    assert [part.place_id for part in place_detail(session, shrine.id).parts] == [gate.id]
    assert place_detail(session, gate.id).parent.place_id == shrine.id
    gate.closed_at = NOON
    session.flush()
    assert place_detail(session, shrine.id).parts == []
    with pytest.raises(PlaceNotFound):
        place_detail(session, gate.id)


def test_a_walk_is_an_estimate_and_a_link_leads_to_the_phones_own_map(session: Session) -> None:
    place(session, lat=SHRINE[1] + 0.001)
    [card] = nearest(session, Asked(), *SHRINE, most=1)
    assert card.distance_m == pytest.approx(111, abs=1)
    assert card.walk_m == 140 == walk_m(card.distance_m)
    assert card.geo == "geo:36.289000,59.615700"


def test_words_of_a_search_are_folded_prefixes() -> None:
    assert words_of_search("  حرم مطهّر، امام رضا (ع) ") == "حرم:* & مطهر:* & امام:* & رضا:* & ع:*"
    assert words_of_search("'); DROP--") == "drop:*"
    assert words_of_search(" ،؛ ") == ""
    assert len(words_of_search("a b c d e f g h").split("&")) == 6


def test_hours_of_ten_days_ahead_are_still_known(session: Session) -> None:
    with clock.frozen(NOON):
        set_hours(session, ACTOR, place(session).id, "24/7")
    with clock.frozen(NOON + timedelta(days=10)):
        assert nearest(session, Asked(open_now=True), *SHRINE)
