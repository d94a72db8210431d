"""A municipality's pages: its zones and works notices, and where everybody reads of them."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from places.models import Zone
from places.zones.rules import outline_lines
from tests import factories
from tests.merchants.onboarding import files
from tests.places.zones.test_services import LON, square
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
NOTICE = {"kind": "road", "severity": "closed", "text_fa": "خیابان بسته است", "text_en": "The street is closed", "ends": "1405/09/20 18:00"}


@pytest.fixture
def town(session: Session) -> files.Town:
    return files.town(session)


def test_a_zone_is_drawn_changed_and_seen(sign_in: SignIn, session: Session, town: files.Town) -> None:
    clerk, _ = sign_in(Role.MUNICIPALITY, town.municipality.id)
    form = {"key": str(uuid4()), "name_fa": "حرم", "name_en": "Shrine", "outline": outline_lines(square(LON))}
    for change, sentence in (
        ({"name_fa": ""}, "Please write a name"), ({"outline": ""}, "Draw the outline on the map"), ({"outline": "36, 59\nx"}, "The outline cannot be read"),
        ({"outline": "35.7, 51.4\n35.8, 51.4\n35.8, 51.5"}, "60 km from the city"),
    ):  # fmt: skip
        refused = clerk.post("/zones/new", data=form | change)
        assert (refused.status_code, sentence in refused.text, 'value="Shrine"' in refused.text) == (422, True, True), change
    for _ in range(2):
        assert clerk.post("/zones/new", data=form).status_code == 303
    zone = session.query(Zone).one()
    beside = {"key": str(uuid4()), "name_fa": "خاور", "outline": outline_lines(square(LON + 0.015))}
    refused = clerk.post("/zones/new", data=beside)
    assert "cuts into a neighbouring zone" in refused.text
    assert "Shrine" in refused.text
    assert clerk.post("/zones/new", data=beside | {"meant": "1"}).status_code == 303
    assert "36.278000, 59.605700" in clerk.get(f"/zones/{zone.id}").text
    changed = form | {"version": "1", "name_en": "The Shrine"}
    assert clerk.post(f"/zones/{zone.id}", data=changed).status_code == 303
    meanwhile = clerk.post(f"/zones/{zone.id}", data=changed | {"name_en": "Mine"})
    assert (meanwhile.status_code, "Somebody else changed this zone" in meanwhile.text, "Mine" in meanwhile.text) == (409, True, True)
    with statements_sent() as sent:
        page = clerk.get("/zones").text
    assert len(sent) <= 6
    assert "The Shrine" in page
    operator, _ = sign_in(Role.OPERATOR)
    page = operator.get("/zones").text
    assert "The Shrine" in page
    assert f"/zones/{zone.id}" not in page, "the operator reads"


def test_a_notice_stands_where_people_look_until_it_is_over(sign_in: SignIn, visitor: FlaskClient, session: Session, town: files.Town) -> None:
    gate = factories.place(session, kind="gate")
    clerk, _ = sign_in(Role.MUNICIPALITY, town.municipality.id)
    for change, sentence in (
        ({"text_fa": ""}, "Write in Persian what is closed"), ({"ends": ""}, "Write until when"), ({"ends": "soon"}, "Write until when"), ({"begins": "1405/13/01 10:00"}, "Write the day as"),
        ({"zone": "999"}, "not in your city"), ({"kind": ""}, "Choose what it is"), ({"text_en": "x" * 301}, "at most 300 letters"),
    ):  # fmt: skip
        refused = clerk.post("/own-works", data=NOTICE | {"key": str(uuid4())} | change)
        assert (refused.status_code, sentence in refused.text, "خیابان" in refused.text or "text_fa" in change) == (422, True, True), change
    assert "Works here" in clerk.get(f"/places/{gate.id}").text
    key = str(uuid4())
    for _ in range(2):
        assert clerk.post("/own-works", data=NOTICE | {"key": key, "place": gate.id}).status_code == 303
    for address in ("/works", "/places", f"/places/{gate.id}"):
        page = visitor.get(address).text
        assert page.count("The street is closed") == 1, address
        assert "Works here" not in page
    [told] = visitor.get("/api/v1/works?lang=en").json["works"]
    assert (told["text"], told["severity"], told["place"], told["where"]) == ("The street is closed", "closed", gate.id, "جا")
    answer = visitor.get(f"/api/v1/works?place={gate.id}")
    assert len(answer.json["works"]) == 1
    assert visitor.get(f"/api/v1/works?place={gate.id}", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert visitor.get("/api/v1/works?place=999").status_code == 404
    with statements_sent() as sent:
        assert "The street is closed" in clerk.get(f"/own-works?place={gate.id}").text
    assert len(sent) <= 9
    assert clerk.post("/own-works/1/calling-off").status_code == 303
    assert clerk.post("/own-works/1/calling-off").status_code == 404
    assert "The street is closed" not in visitor.get("/works").text
    assert "The street is closed" in clerk.get("/own-works").text, "what is over stays to be read"


def test_another_citys_municipality_sees_nothing_of_it(sign_in: SignIn, session: Session, town: files.Town) -> None:
    gate = factories.place(session, kind="gate")
    stranger, _ = sign_in(Role.MUNICIPALITY)
    assert "Works here" not in stranger.get(f"/places/{gate.id}").text
    for page in ("/zones", "/zones?city=mashhad", "/zones/new", "/own-works?city=mashhad"):
        assert stranger.get(page).status_code == 404
