"""The directory by the API; which places are nearest and open is tests/places/directory."""

from datetime import UTC, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from kernel import clock
from places.directory.packs import make_packs
from places.directory.rules import Service
from places.hours.services import keep_rule
from places.models import Place
from places.services import draw_zone
from tests import factories
from tests.portal.conftest import statements_sent

NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)  # 12:00 in Mashhad, a Sunday
LON, LAT = factories.SHRINE
HERE = f"lon={LON}&lat={LAT}"


@pytest.fixture(scope="module")
def town(api: Flask) -> dict[str, int]:
    """A shrine with a gate, two shops and a service, each further away than the one before, and a place that is gone."""
    from kernel.db import unit_of_work

    with clock.frozen(NOON), unit_of_work() as session:
        city = factories.city(session).id
        shrine = factories.place(session, kind="shrine")
        gate = factories.place(session, lon=LON + 0.001, kind="gate")
        gate.parent_id = shrine.id
        craft, books, gone = (factories.place(session, lon=LON + far) for far in (0.002, 0.003, 0.004))
        craft.names, craft.search_text = {"fa": "فیروزه‌سرا", "en": "Turquoise house"}, "فیروزه سرا turquoise house"
        craft.category, craft.is_handicraft, craft.earns, craft.wheelchair, craft.languages = (
            "handicraft",
            True,
            True,
            "limited",
            ["ar"],
        )
        craft.rule_id, books.rule_id = keep_rule(session, city, "Sa-Th 08:00-13:00"), keep_rule(session, city, "20:00-22:00")
        books.category, books.spends, books.wheelchair = "books", True, "no"
        gone.closed_at = NOON
        lost = factories.place(session, lon=LON + 0.005, kind="service")
        lost.category, lost.has_women_area = Service.LOST_AND_FOUND, True
        session.flush()
        return {"shrine": shrine.id, "gate": gate.id, "craft": craft.id, "books": books.id, "lost": lost.id}


@pytest.fixture
def client(api: Flask, town: dict[str, int], clean_redis: object) -> FlaskClient:
    return api.test_client()


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["shrine", "craft", "books", "lost"]),
        ("kind=gate", ["gate"]),
        ("kind=shop&category=books", ["books"]),
        ("open_now=true", ["craft"]),
        ("women=true", ["lost"]),
        ("wheelchair=true", ["craft"]),
        ("handicraft=true", ["craft"]),
        ("earns=true", ["craft"]),
        ("spends=true", ["books"]),
        ("speaks=ar", ["craft"]),
        ("text=turq", ["craft"]),
        ("text=فیروزه", ["craft"]),
        ("open_now=true&spends=true", []),
    ],
)
def test_what_is_near_is_as_asked_and_the_nearest_comes_first(
    client: FlaskClient, town: dict[str, int], asked: str, expected: list[str]
) -> None:
    with clock.frozen(NOON), statements_sent() as sent:
        told = client.get(f"/api/v1/places?{HERE}&{asked}").json["places"]
    assert [one["place"] for one in told] == [town[name] for name in expected]
    assert len(sent) <= 3
    assert [one["walk_m"] for one in told] == sorted(one["walk_m"] for one in told)


def test_a_place_says_when_it_closes_and_how_far_it_is(client: FlaskClient, town: dict[str, int]) -> None:
    with clock.frozen(NOON):
        [craft] = client.get(f"/api/v1/places?{HERE}&kind=shop&earns=true&lang=en").json["places"]
    assert (craft["name"], craft["is_open"], craft["changes_at"]) == ("Turquoise house", True, "2026-11-22T09:30:00Z")
    assert 170 < craft["distance_m"] < 190
    assert craft["walk_m"] == round(craft["distance_m"] * 1.3, -1)
    assert craft["geo"] == f"geo:{LAT:.6f},{LON + 0.002:.6f}"


def test_pages_follow_each_other_and_are_small(client: FlaskClient, bank_session: Session) -> None:
    for number in range(40):
        one = factories.place(bank_session, lat=LAT + 0.1 + number / 1_000, kind="sight")
        one.names, one.wheelchair, one.category = {"fa": "ن" * 80}, "limited", "museum"
    bank_session.commit()
    seen, cursor = [], 0
    while cursor is not None:
        with statements_sent() as sent:
            page = client.get(f"/api/v1/places?kind=sight&cursor={cursor}")
        assert len(sent) <= 4
        assert len(page.data) < 10_000
        seen += [one["place"] for one in page.json["places"]]
        cursor = page.json["next"]
    assert len(seen) == len(set(seen)) == 40
    assert client.get("/api/v1/places?kind=sight&cursor=301").json["facts"] == {"field": "cursor"}
    again = client.get(
        "/api/v1/places?kind=sight", headers={"If-None-Match": client.get("/api/v1/places?kind=sight").headers["ETag"]}
    )
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, max-age=60")


@pytest.mark.parametrize(
    ("asked", "status", "field"),
    [
        ("lon=59.6", 422, "lat"),
        ("lat=36.2", 422, "lon"),
        ("lon=200&lat=36", 422, "lon"),
        ("kind=castle", 422, "kind"),
        ("speaks=de", 422, "speaks"),
    ],
)
def test_what_cannot_be_asked_names_its_field(client: FlaskClient, asked: str, status: int, field: str) -> None:
    answer = client.get(f"/api/v1/places?{asked}")
    assert (answer.status_code, answer.json["facts"]) == (status, {"field": field})


def test_a_search_from_a_position_ends_at_no_city_but_at_the_one_named(client: FlaskClient, town: dict[str, int]) -> None:
    assert client.get("/api/v1/places?lon=50.88&lat=34.64&kind=shrine").json["places"][0]["place"] == town["shrine"]
    assert client.get(f"/api/v1/places?{HERE}&city=nowhere").json["code"] == "city_not_found"


def test_one_place_has_its_hours_and_its_parts_and_says_who_knows_it(
    client: FlaskClient, town: dict[str, int], bank_session: Session
) -> None:
    with clock.frozen(NOON), statements_sent() as sent:
        craft = client.get(f"/api/v1/places/{town['craft']}?lang=en")
    assert len(sent) <= 6
    assert "08:00" in craft.json["hours"]
    assert (craft.json["speaks"], craft.json["source"], craft.json["parent"], craft.json["parts"]) == (["ar"], "test", None, [])
    shrine, gate = (client.get(f"/api/v1/places/{town[name]}").json for name in ("shrine", "gate"))
    assert [one["place"] for one in shrine["parts"]] == [town["gate"]]
    assert (shrine["parts"][0]["geo"], shrine["parts"][0]["crowd_at"]) == (gate["place"]["geo"], None)
    assert (gate["parent"]["place"], gate["place"]["walk_m"], gate["hours"]) == (town["shrine"], None, None)
    bank_session.get_one(Place, town["gate"]).closed_at = NOON
    bank_session.commit()
    assert client.get(f"/api/v1/places/{town['gate']}").json["code"] == "place_not_found"
    assert client.get(f"/api/v1/places/{town['shrine']}").json["parts"] == []


def test_kinds_are_those_that_the_city_has(client: FlaskClient, town: dict[str, int]) -> None:
    with statements_sent() as sent:
        told = client.get("/api/v1/places/kinds").json["kinds"]
    assert len(sent) <= 2
    assert {"kind": "shop", "category": "books", "places": 1} in told
    assert {"kind": "service", "category": "lost_and_found", "places": 1} in told
    assert client.get("/api/v1/places/kinds?city=nowhere").json["code"] == "city_not_found"


def test_a_pack_is_found_by_its_address_and_known_by_its_version(client: FlaskClient, bank_session: Session) -> None:
    for far, (code, name) in enumerate((("inner", "درون"), ("outer", "بیرون"))):
        west, east = LON + far - 0.01, LON + far + 0.01
        ring = [(west, LAT - 0.01), (east, LAT - 0.01), (east, LAT + 0.01), (west, LAT + 0.01)]
        draw_zone(bank_session, factories.ACTOR, factories.city(bank_session).id, code, {"fa": name}, ring)
    make_packs(bank_session)
    bank_session.commit()
    with statements_sent() as sent:
        told = client.get("/api/v1/places/packs").json
    assert len(sent) <= 3
    pack, *zones = told["packs"]
    drawn = client.get(told["map"]["address"], headers={"Accept-Encoding": "gzip"})
    assert (drawn.status_code, len(drawn.data)) == (200, told["map"]["bytes"])
    assert told["map"]["version"] in drawn.headers["ETag"]
    assert client.get("/places/maps/nowhere.json").status_code == 404
    assert all("place_pack.content," not in one for one in sent)
    file = client.get(pack["address"], headers={"Accept-Encoding": "gzip"})
    assert (file.status_code, len(file.data), pack["zone"]) == (200, pack["bytes"], None)
    assert pack["version"] in file.headers["ETag"]
    assert pack["places"] > 0
    assert pack["name"] == "مشهد"
    assert [(one["zone"], one["name"]) for one in zones] == [("inner", "درون"), ("outer", "بیرون")]
