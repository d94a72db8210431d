"""The directory's pages: found, shared, corrected, answered, taken up from files, given out to phones."""

import gzip
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_babel import force_locale
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from places.directory.packs import make_packs
from places.directory.rules import language_of_name
from places.hours.queries import OpenState
from places.hours.services import set_hours
from places.models import Place
from places.services import open_city_office
from portal.directory_words import on_foot, open_or_not
from tests import factories
from tests.factories import ACTOR, SHRINE
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
NOON = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)


@pytest.fixture
def gate(session: Session) -> Place:
    """A gate of the shrine, open day and night."""
    with clock.frozen(NOON):
        shrine, made = factories.place(session, kind="shrine"), factories.place(session, kind="gate", lat=SHRINE[1] + 0.001)
        made.parent_id, made.names, made.search_text = (
            shrine.id,
            {"fa": "بست شیخ طوسی", "en": "Bast Sheikh Tusi"},
            "بست شیخ طوسی bast sheikh tusi",
        )
        set_hours(session, ACTOR, made.id, "24/7")
    session.commit()
    return made


def test_a_visitor_finds_a_place_by_name_and_opens_its_page(visitor: FlaskClient, gate: Place) -> None:
    with clock.frozen(NOON):
        page = visitor.get("/places?q=tusi&open_now=1").text
        assert "Bast Sheikh Tusi" in page
        assert "about 140 m on foot" in page
        assert "Bast Sheikh Tusi" in visitor.get("/places?q=شيخ طوسي").text
        assert "Nothing found" in visitor.get("/places?q=tusi&wheelchair=1").text
        shown = visitor.get(f"/places/{gate.id}").text
    for known in (
        'href="geo:36.289000,59.615700"',
        "day and night",
        "Part of",
        "Last confirmed",
        "22 November 2026",
        "Sign in to tell us",
        f"/places/{gate.id}</bdi>",
    ):
        assert known in shown
    assert "Bast Sheikh Tusi" in visitor.get(f"/places/{gate.parent_id}").text
    assert visitor.get("/places/999999").status_code == 404


def test_a_point_that_is_none_is_told_beside_its_field(visitor: FlaskClient, gate: Place) -> None:
    refused = visitor.get("/places?at=north")
    assert refused.status_code == 422
    assert "no point on the earth" in refused.text
    assert 'value="north"' in refused.text
    assert visitor.get("/places?at=36.3,59.6").status_code == 200
    assert visitor.get("/places?kind=castle").status_code == 422
    far = visitor.get("/places?at=59.61,36.28")
    assert (
        far.status_code,
        "more than 60 km from the city. Latitude comes first" in far.text,
        'value="59.61,36.28"' in far.text,
    ) == (422, True, True)
    assert '<details class="more" open>' in far.text
    assert '<details class="more">' in visitor.get("/places?q=bast&open_now=1").text
    dear = visitor.get("/places?most_rial=cheap")
    assert (dear.status_code, 'value="cheap"' in dear.text) == (422, True)
    assert visitor.get("/places?most_rial=۵۰۰٬۰۰۰&discounts=1").status_code == 200
    assert visitor.get("/places?city=atlantis").status_code == 404


def test_the_list_asks_as_much_for_many_places_as_for_few(session: Session, visitor: FlaskClient, gate: Place) -> None:
    counts = []
    for more in (0, 30):
        for _ in range(more):
            factories.place(session)
        session.commit()
        for address in ("/places", "/places?open_now=1", "/places?q=bast", f"/places/{gate.id}"):
            with statements_sent() as sent:
                assert visitor.get(address).status_code == 200
            counts.append(len(sent))
    assert counts[:4] == counts[4:]
    assert max(counts) <= 11, "a part is read with its whole, its photos, history, crowd and ways, and the works near it"


def test_a_correction_is_told_answered_and_shown(session: Session, sign_in: SignIn, gate: Place) -> None:
    pilgrim, _ = sign_in(Role.PILGRIM)
    office = factories.organisation(session, "city_office")
    open_city_office(session, ACTOR, office.id, gate.city_id)
    manager, _ = sign_in(Role.CITY_MANAGER, office.id)
    stranger, _ = sign_in(Role.CITY_MANAGER)
    key = str(uuid4())
    refused = pilgrim.post(f"/places/{gate.id}/suggestions", data={"key": key, "hours": "sometimes", "note": "kept"})
    assert refused.status_code == 422
    assert "“sometimes” cannot be read. Write for example: Saturday" in refused.text
    assert "kept</textarea>" in refused.text
    for _ in range(2):
        assert pilgrim.post(f"/places/{gate.id}/suggestions", data={"key": key, "name": "بست بالا"}).status_code == 303
    assert "waits for an answer" in stranger.get("/suggestions").text
    page = manager.get("/suggestions").text
    [address] = re.findall(r'action="(/suggestions/\d+)"', page)
    assert "بست بالا" in page
    assert stranger.post(address, data={"act": "accept"}).status_code == 404
    assert manager.post(address, data={"act": "refuse"}).status_code == 422
    assert manager.post(address, data={"act": "accept", "answer": "so it is"}).status_code == 303
    assert manager.post(address, data={"act": "accept"}).status_code == 409
    session.expire_all()
    assert session.get_one(Place, gate.id).names["fa"] == "بست بالا"
    assert "so it is" in pilgrim.get("/places/new").text


def test_a_missing_place_needs_a_name_a_kind_and_a_point(sign_in: SignIn, visitor: FlaskClient, gate: Place) -> None:
    assert visitor.get("/places/new").status_code == 302
    client, _ = sign_in(Role.PILGRIM)
    typed = {"key": str(uuid4()), "city": "mashhad", "name": "آب‌خوری", "kind": "service", "at": "۳۶٫۲۸۸، ۵۹٫۶۱۵"}
    for given, sentence in (
        ({"name": ""}, "Please write a name"),
        ({"kind": ""}, "Choose what it is"),
        ({"at": "1,2,3"}, "no point on the earth"),
        ({"at": "35.7,51.4"}, "60 km from the city"),
    ):
        refused = client.post("/places/new", data=typed | given)
        assert refused.status_code == 422
        assert sentence in refused.text
    assert client.post("/places/new", data=typed).status_code == 303
    assert "آب‌خوری" in client.get("/places/new").text


def test_places_come_from_a_file_and_a_wrong_file_is_told(sign_in: SignIn, gate: Place) -> None:
    client, _ = sign_in(Role.OPERATOR)
    hotel = {
        "type": "Feature",
        "id": "node/7",
        "properties": {"tourism": "hotel", "name": "هتل"},
        "geometry": {"type": "Point", "coordinates": list(SHRINE)},
    }
    told = {"city": "mashhad", "source": "© OpenStreetMap contributors", "licence": "ODbL-1.0"}
    taken = client.post(
        "/places/import", data=told | {"file": (io.BytesIO(json.dumps({"features": [hotel]}).encode()), "a.geojson")}
    )
    assert taken.status_code == 303
    assert "1 places taken up" in client.get(taken.location).text
    street = {
        "type": "Feature",
        "id": "way/8",
        "properties": {"highway": "primary"},
        "geometry": {"type": "LineString", "coordinates": [SHRINE, (59.62, 36.29)]},
    }
    drawn = client.post(
        "/places/import", data=told | {"file": (io.BytesIO(json.dumps({"features": [street]}).encode()), "a.geojson")}
    )
    assert "1 lines and areas are on the simple map" in client.get(drawn.location).text
    refused = client.post("/places/import", data=told | {"file": (io.BytesIO(b"<osm/>"), "a.osm")})
    assert refused.status_code == 422
    assert "This file cannot be read." in refused.text
    assert 'value="ODbL-1.0"' in refused.text


def test_a_pack_is_fetched_once(session: Session, visitor: FlaskClient, gate: Place) -> None:
    with clock.frozen(NOON):
        make_packs(session)
    session.commit()
    first = visitor.get("/places/packs/mashhad.json", headers={"Accept-Encoding": "gzip"})
    assert first.headers["Content-Encoding"] == "gzip"
    assert len(json.loads(gzip.decompress(first.data))["places"]) == 2
    assert (
        visitor.get(
            "/places/packs/mashhad.json", headers={"Accept-Encoding": "gzip", "If-None-Match": first.headers["ETag"]}
        ).status_code
        == 304
    )
    assert json.loads(visitor.get("/places/packs/mashhad.json", headers={"Accept-Encoding": "identity"}).data)["city"] == "mashhad"
    assert visitor.get("/places/packs/atlantis.json").status_code == 404


@pytest.mark.parametrize(
    ("is_open", "hours", "sentence"),
    [
        (True, 2, "Open until 22:30"), (True, 5, "Open until 01:30"), (True, 30, "It is open"), (True, None, "It is open"),
        (False, 1, "Closed until 21:30"), (False, 8, "Closed until tomorrow at 04:30"), (False, None, "Closed"),
        (False, 60, "Closed, opens 29 November 2026, 08:30"),
    ],
)  # fmt: skip
def test_when_a_place_opens_is_told_as_one_says_it(app: Flask, is_open: bool, hours: int | None, sentence: str) -> None:
    now = datetime(2026, 11, 26, 17, 0, tzinfo=UTC)
    with app.test_request_context(), force_locale("en"), clock.frozen(now):
        assert open_or_not(OpenState(is_open, now + timedelta(hours=hours) if hours else None)) == sentence
        assert (on_foot(990), on_foot(4_130)) == ("about 990 m on foot", "about 4.1 km on foot")


def test_a_name_is_kept_in_the_language_it_is_said_in() -> None:
    told = [
        language_of_name(name, spoken)
        for name, spoken in (("بست بالا", "en"), ("البست", "ar"), ("Upper Bast", "fa"), ("بالا بست", "ur"))
    ]
    assert told == ["fa", "ar", "en", "ur"]
