"""Prayer times against adhan, which computes the same method by other means, over a year in six cities."""

import json
import subprocess
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from places.errors import WrongPrayerMinutes
from places.prayers.rules import EVENTS, Prayers, check_minutes, prayers_of
from tests.conftest import ROOT

TEHRAN, BAGHDAD, KARACHI = ZoneInfo("Asia/Tehran"), ZoneInfo("Asia/Baghdad"), ZoneInfo("Asia/Karachi")
CITIES = {
    "mashhad": (59.6157, 36.288, TEHRAN), "qom": (50.8764, 34.6416, TEHRAN), "tehran": (51.389, 35.6892, TEHRAN),
    "zahedan": (60.8629, 29.4963, TEHRAN), "karbala": (44.0327, 32.6164, BAGHDAD), "karachi": (67.0099, 24.8615, KARACHI),
}  # fmt: skip
ADHAN = """
import { CalculationMethod, Coordinates, PrayerTimes } from "adhan";
const cities = JSON.parse(process.argv[1]);
const days = {};
for (const [name, [lon, lat]] of Object.entries(cities)) {
  days[name] = [];
  for (let n = 0; n < 365; n += 1) {
    const day = new Date(2026, 2, 21 + n);
    const times = new PrayerTimes(new Coordinates(lat, lon), day, CalculationMethod.Tehran());
    days[name].push([times.fajr, times.sunrise, times.dhuhr, times.sunset, times.maghrib, times.isha].map((one) => one.getTime() / 1000));
  }
}
console.log(JSON.stringify(days));
"""


@pytest.fixture(scope="module")
def told_by_adhan() -> dict[str, list[list[int]]]:
    asked = json.dumps({name: position[:2] for name, position in CITIES.items()})
    command = [ROOT / "var/venv/bin/node", "--input-type=module", "-e", ADHAN, "--", asked]
    run = subprocess.run(command, cwd=ROOT / "portal/assets", env={"TZ": "Asia/Tehran"}, capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_the_times_are_those_of_adhan_over_a_year(told_by_adhan: dict[str, list[list[int]]]) -> None:
    apart: list[tuple[str, date, str, float]] = []
    for city, (lon, lat, zone) in CITIES.items():
        for number, told in enumerate(told_by_adhan[city]):
            day = date(2026, 3, 21) + timedelta(days=number)
            ours = prayers_of(day, lon, lat, zone)
            for name, seconds in zip(EVENTS, told, strict=False):
                minutes = (getattr(ours, name).timestamp() - seconds) / 60
                apart += [(city, day, name, minutes)] if minutes else []
    # adhan gives the sun one place a day and so comes to the other minute where an event lies within seconds of its edge.
    assert max(abs(minutes) for *_, minutes in apart) <= 1
    assert len(apart) < 0.03 * 6 * 6 * 365


def test_a_day_in_mashhad() -> None:
    times = prayers_of(date(2026, 11, 22), *CITIES["mashhad"]).times()
    assert {name: f"{at:%H:%M}" for name, at in times.items()} == {
        "fajr": "04:47", "sunrise": "06:15", "noon": "11:18", "sunset": "16:20", "maghrib": "16:39", "isha": "17:29", "midnight": "22:34",
    }  # fmt: skip
    assert times["noon"].utcoffset() == timedelta(hours=3.5)


def test_midnight_lies_between_sunset_and_the_next_dawn() -> None:
    today, tomorrow = (prayers_of(date(2026, 6, 21) + timedelta(days=n), *CITIES["qom"]) for n in (0, 1))
    middle = today.sunset + (tomorrow.fajr - today.sunset) / 2
    assert abs(today.midnight - middle) <= timedelta(minutes=1)
    assert today.midnight.date() >= today.day


def test_the_method_of_qom_calls_later_at_dawn_and_earlier_at_dusk() -> None:
    lon, lat, zone = CITIES["qom"]
    tehran, leva = (prayers_of(date(2026, 11, 22), lon, lat, zone, method=method) for method in ("geophysics", "leva"))
    assert leva.fajr > tehran.fajr
    assert leva.maghrib < tehran.maghrib
    assert (leva.noon, leva.sunset) == (tehran.noon, tehran.sunset)


def test_a_citys_own_timetable_moves_single_times() -> None:
    lon, lat, zone = CITIES["mashhad"]
    plain = prayers_of(date(2026, 11, 22), lon, lat, zone)
    moved = prayers_of(date(2026, 11, 22), lon, lat, zone, minutes=check_minutes({"maghrib": 2, "fajr": -1, "noon": 0}))
    assert moved.maghrib - plain.maghrib == timedelta(minutes=2)
    assert plain.fajr - moved.fajr == timedelta(minutes=1)
    assert moved.noon == plain.noon


@pytest.mark.parametrize("minutes", [{"maghrib": 31}, {"fajr": -45}, {"tea": 1}])
def test_a_timetable_moves_no_time_by_more_than_half_an_hour(minutes: dict[str, int]) -> None:
    with pytest.raises(WrongPrayerMinutes):
        check_minutes(minutes)


def test_the_day_is_the_local_one_also_far_from_greenwich() -> None:
    for lon, zone in ((174.8, ZoneInfo("Pacific/Auckland")), (-157.9, ZoneInfo("Pacific/Honolulu"))):
        day = prayers_of(date(2026, 11, 22), lon, 21.0, zone)
        assert_in_order(day)
        assert day.noon.date() == date(2026, 11, 22)


def test_where_the_sun_never_sets_times_stay_in_order() -> None:
    day = prayers_of(date(2026, 6, 21), 25.0, 69.0, ZoneInfo("Europe/Helsinki"))
    assert abs((day.sunset - day.noon) - timedelta(hours=12)) < timedelta(minutes=1)
    assert day.noon.astimezone(UTC) > datetime(2026, 6, 21, tzinfo=UTC)


def assert_in_order(prayers: Prayers) -> None:
    times = list(prayers.times().values())
    assert times == sorted(times)
