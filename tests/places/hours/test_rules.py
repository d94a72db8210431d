"""Opening hours against the library that reads plain OpenStreetMap rules, and our additions against days known by hand."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opening_hours import OpeningHours, State

from kernel.holidays import holiday
from kernel.moon import COMPUTED, Month, Moon
from places.hours.errors import UnreadableHours
from places.hours.rules import DayFacts, checked_hours, follows_moon, open_minutes, spans_of_day, state_at

FIRST = date(2026, 11, 21)  # a Saturday
PRAYERS = {"fajr": 287, "sunrise": 375, "noon": 678, "sunset": 980, "maghrib": 999, "isha": 1049, "midnight": 1354}


def facts_by(moon: Moon = COMPUTED) -> Callable[[date], DayFacts]:
    return lambda day: DayFacts(day, PRAYERS, moon.lunar(day), holiday(day, moon) is not None)


def minutes_of(day: date) -> int:
    return day.toordinal() * 1440


def spans(text: str, day: date, moon: Moon = COMPUTED) -> str:
    facts = facts_by(moon)
    found = spans_of_day(checked_hours(text), facts(day), facts(day - timedelta(days=1)))
    return " ".join(f"{begin // 60:02d}:{begin % 60:02d}-{end // 60:02d}:{end % 60:02d}" for begin, end in found)


@pytest.mark.parametrize(
    "text",
    [
        "Mo-Su 08:00-20:00", "24/7", "Sa-We 08:00-13:00,16:00-21:00; Th 08:00-13:00", "Mo-Fr 22:00-04:00", "Mo-Fr 09:00-12:00; We off",
        "Nov-Mar 10:00-16:00; Apr-Oct 09:00-18:00", "Th 18:00-26:00", "10:00+", "2026 Nov 24 off", "Mo-Sa 07:30-19:15 || 20:00-21:00",
        "Sa[1] 09:00-12:00", "week 48 10:00-12:00", "off", "Mo-Th 08:00-24:00; Fr 00:00-11:00",
    ],
)  # fmt: skip
def test_plain_rules_are_read_as_the_library_reads_them(text: str) -> None:
    begin = datetime.combine(FIRST, time.min)
    theirs = [
        (
            minutes_of(FIRST) + int((one[0] - begin).total_seconds() // 60),
            minutes_of(FIRST) + int((one[1] - begin).total_seconds() // 60),
        )
        for one in OpeningHours(text).intervals(begin, begin + timedelta(days=14))
        if one[2] == State.OPEN
    ]
    assert open_minutes(checked_hours(text), FIRST, 14, facts_by(), minutes_of) == theirs


CLOCK = st.integers(0, 1439).map(lambda minute: f"{minute // 60:02d}:{minute % 60:02d}")
RANGE = st.tuples(CLOCK, CLOCK).filter(lambda pair: pair[0] != pair[1]).map("-".join)
DAYS = st.sampled_from(["Mo-Fr ", "Sa-Su ", "Th ", "", "Sa-We ", "Fr,Su "])


@given(DAYS, RANGE, RANGE)
def test_any_spans_are_read_as_the_library_reads_them(days: str, one: str, other: str) -> None:
    text = f"{days}{one},{other}"
    begin = datetime.combine(FIRST, time.min)
    theirs = sum(
        (stop - start).total_seconds() / 60
        for start, stop, state, *_ in OpeningHours(text).intervals(begin, begin + timedelta(days=7))
        if state == State.OPEN
    )
    assert sum(end - start for start, end in open_minutes(text, FIRST, 7, facts_by(), minutes_of)) == theirs


def test_times_of_prayer() -> None:
    assert spans("sunrise-(noon-00:30)", FIRST) == "06:15-10:48"
    assert spans("(maghrib+00:15)-23:00; Fr off", FIRST) == "16:54-23:00"
    assert spans("(maghrib+00:15)-23:00; Fr off", date(2026, 11, 27)) == ""
    assert spans("Mo-Su fajr-midnight", FIRST) == "04:47-22:34"


def test_a_night_until_dawn_passes_midnight() -> None:
    assert spans("22:00-fajr", FIRST) == "00:00-04:47 22:00-24:00"
    assert spans("Sa 22:00-fajr", FIRST) == "22:00-24:00"
    assert spans("Sa 22:00-fajr", FIRST + timedelta(days=1)) == "00:00-04:47"


def test_a_span_that_prayer_leaves_empty_is_closed_that_day() -> None:
    """Evening prayer at 16:39: who opens from 18:00 until it does not open at all, least of all until the next evening."""
    assert spans("18:00-maghrib", FIRST) == ""


def test_public_holidays_overrule_and_stand_beside_weekdays() -> None:
    ashura = date(2026, 6, 25)
    assert holiday(ashura)
    assert spans("Mo-Su 08:00-20:00; PH off", ashura) == ""
    assert spans("Mo-Su 08:00-20:00; PH off", FIRST) == "08:00-20:00"
    assert spans("PH 10:00-12:00", ashura) == "10:00-12:00"
    assert spans("PH 10:00-12:00", FIRST) == ""
    assert spans("Fr,PH 10:00-12:00", ashura) == "10:00-12:00"
    assert spans("Fr,PH 10:00-12:00", FIRST) == ""
    assert spans("PH,Fr 10:00-12:00", date(2026, 11, 27)) == "10:00-12:00"


def test_what_is_closed_on_a_holiday_leaves_nothing_for_the_night_after_it() -> None:
    day_after = date(2026, 6, 26)
    assert spans("Mo-Th 18:00-02:00; PH off", day_after) == ""
    assert spans("Mo-Th 18:00-02:00", day_after) == "00:00-02:00"


def test_lunar_months_and_days() -> None:
    ramadan = COMPUTED.start(Month(1448, 9))
    hours = "08:00-20:00; Ramadan 10:00-16:00; Ramadan 19,21,23 20:00-fajr; Muharram 9-10 off"
    assert spans(hours, FIRST) == "08:00-20:00"
    assert spans(hours, ramadan) == "10:00-16:00"
    assert spans(hours, ramadan + timedelta(days=20)) == "20:00-24:00"
    assert spans(hours, ramadan + timedelta(days=21)) == "00:00-04:47 10:00-16:00"
    assert spans(hours, date(2026, 6, 25)) == ""


def test_the_moon_moves_what_follows_it() -> None:
    shawwal = Month(1448, 10)
    moved = COMPUTED.moved(shawwal, COMPUTED.start(shawwal) + timedelta(days=1))
    eid = COMPUTED.start(shawwal)
    assert spans("08:00-20:00; PH off", eid) == ""
    assert spans("08:00-20:00; PH off", eid, moved) == "08:00-20:00"
    assert [follows_moon(text) for text in ("Mo-Su 08:00-20:00", "PH off", "08:00-20:00; Ramadan off", "noon-sunset")] == [
        False, True, True, False,
    ]  # fmt: skip


def test_the_next_change() -> None:
    day = [(480, 780), (960, 1260)]
    assert state_at(day, 479) == (False, 480)
    assert state_at(day, 480) == (True, 780)
    assert state_at(day, 779) == (True, 780)
    assert state_at(day, 780) == (False, 960)
    assert state_at(day, 1260) == (False, None)


@pytest.mark.parametrize(
    ("text", "fault", "part"),
    [
        ("Mo-Fr 08:00-12:00; Xx 10:00-12:00", "syntax", "Xx 10:00-12:00"),
        ("Mo 8-", "syntax", "Mo 8-"),
        ("Sa 08:00-12:00; Su 08:75-12:00", "time", "08:75-12:00"),
        ("Mo 08:00-12:00, Tu 09:00-11:00", "additional", "Mo 08:00-12:00, Tu 09:00-11:00"),
        ("SH off", "school", "SH off"),
        ("dawn-dusk", "sun", "dawn-dusk"),
        ("", "syntax", ""),
        ("Ramadan 10:00-12:00; nonsense", "syntax", "nonsense"),
        ("08:00-09:00;" * 40, "too_long", "08:00-09:00;08:00-09:00;08:00-09:00;08:0"),
    ],
)
def test_what_cannot_be_read_is_named(text: str, fault: str, part: str) -> None:
    with pytest.raises(UnreadableHours) as refused:
        checked_hours(text)
    assert (refused.value.facts["fault"], refused.value.facts["part"]) == (fault, part)


def test_digits_of_any_script_are_taken() -> None:
    assert checked_hours("Sa-Th ۰۸:۰۰–۱۳:۰۰ ؛ Fr off ;") == "Sa-Th 08:00-13:00 ; Fr off"
