"""The pages with which a city's office keeps its places by hand, and what pilgrims see of it."""

import io
import re
from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from places.keeping.models import PlacePhoto
from places.keeping.pictures import LARGE
from places.models import Place
from places.services import open_city_office
from tests import factories
from tests.factories import ACTOR
from tests.portal.conftest import statements_sent

SignIn = Callable[..., tuple[FlaskClient, Identity]]
FACTS = {
    "name_fa": "باب‌الرضا",
    "name_en": "Bab al-Reza",
    "at": "۳۶٫۲۸۵، ۵۹٫۶۱۵",
    "source": "seen on site",
    "wheelchair": "yes",
    "category": "bast",
}


@pytest.fixture
def shrine(session: Session) -> Place:
    made = factories.place(session, kind="shrine")
    session.commit()
    return made


@pytest.fixture
def office(session: Session, sign_in: SignIn, shrine: Place) -> FlaskClient:
    kept = factories.organisation(session, "city_office")
    open_city_office(session, ACTOR, kept.id, shrine.city_id)
    session.commit()
    return sign_in(Role.CITY_MANAGER, kept.id)[0]


def photo_of(width: int, height: int, form: str = "JPEG") -> io.BytesIO:
    made, exif = io.BytesIO(), Image.Exif()
    exif[0x010F], exif[0x0112] = "SecretCamera", 6  # who made it; to be turned by a quarter
    Image.new("RGB", (width, height), "teal").save(made, form, exif=exif)
    made.seek(0)
    return made


def part(office: FlaskClient, shrine: Place, **told: str) -> int:
    answer = office.post(f"/places/{shrine.id}/parts", data={"key": str(uuid4()), "kind": "gate", **FACTS, **told})
    assert answer.status_code == 303
    [found] = re.findall(r"/places/(\d+)/keep", answer.location)
    return int(found)


def test_a_gate_is_typed_by_hand_once_and_pilgrims_find_it(
    office: FlaskClient, visitor: FlaskClient, session: Session, shrine: Place
) -> None:
    told = {"key": str(uuid4()), "kind": "gate", **FACTS}
    places = [office.post(f"/places/{shrine.id}/parts", data=told).location for _ in range(2)]
    assert places[0] == places[1]
    made = session.scalars(select(Place).where(Place.parent_id == shrine.id)).one()
    assert (made.kind, made.category, made.source, made.licence, made.wheelchair) == (
        "gate",
        "bast",
        "seen on site",
        "facts",
        "yes",
    )
    assert made.confirmed_at is not None
    assert "Bab al-Reza" in visitor.get(f"/places/{shrine.id}").text
    for field, wrong, sentence in (
        ("name_fa", "", "Please write a name"),
        ("at", "1", "no point on the earth"),
        ("source", " ", "how it is known"),
        ("hours", "sometimes", "cannot be read"),
    ):
        refused = office.post(
            f"/places/{shrine.id}/parts", data=told | {"key": str(uuid4()), field: wrong, "about_en": "kept as typed"}
        )
        assert (refused.status_code, sentence in refused.text, "kept as typed" in refused.text) == (422, True, True)
    changed = office.post(f"/places/{made.id}/keep", data=FACTS | {"name_fa": "باب نو", "hours": "24/7", "speaks_ar": "1"})
    assert changed.status_code == 303
    session.expire_all()
    assert (made.names["fa"], made.languages, made.rule_id is not None) == ("باب نو", ["ar"], True)


def test_a_photo_is_turned_shrunk_and_tells_nothing_of_its_camera(
    office: FlaskClient, visitor: FlaskClient, session: Session, shrine: Place
) -> None:
    told = {"caption": "از بیرون", "photo_source": "روابط عمومی", "photo_licence": "CC-BY-4.0"}
    assert office.post(f"/places/{shrine.id}/photos", data=told | {"photo": (photo_of(3000, 2000), "a.jpg")}).status_code == 303
    held = session.scalars(select(PlacePhoto)).one()
    assert (held.width, held.height) == (round(LARGE * 2 / 3), LARGE)
    shown = visitor.get(f"/places/photos/{held.id}/large.jpg")
    assert (shown.mimetype, b"SecretCamera" in shown.data) == ("image/jpeg", False)
    assert len(visitor.get(f"/places/photos/{held.id}/small.jpg").data) < len(shown.data)
    assert f"/places/photos/{held.id}/small.jpg" in visitor.get(f"/places/{shrine.id}").text
    for wrong in (b"", b"<svg/>", b"GIF89a"):
        refused = office.post(f"/places/{shrine.id}/photos", data=told | {"photo": (io.BytesIO(wrong), "a.jpg")})
        assert (refused.status_code, "no photo that can be read" in refused.text, 'value="CC-BY-4.0"' in refused.text) == (
            422,
            True,
            True,
        )
    assert office.post(f"/places/{shrine.id}/photos/{held.id}").status_code == 303
    assert visitor.get(f"/places/photos/{held.id}/large.jpg").status_code == 404


def test_how_crowded_it_is_holds_for_a_while(
    office: FlaskClient, visitor: FlaskClient, shrine: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert office.post(f"/places/{shrine.id}/crowd", data={"level": "full"}).status_code == 303
    assert "Full" in visitor.get(f"/places/{shrine.id}").text
    assert visitor.get(f"/api/v1/places/{shrine.id}").json["crowd"] == "full"
    later = clock.now() + timedelta(minutes=31)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Full" not in visitor.get(f"/places/{shrine.id}").text
    assert office.post(f"/places/{shrine.id}/crowd", data={"level": "empty"}).status_code == 422


def test_a_walk_without_steps_goes_around_what_is_full(office: FlaskClient, visitor: FlaskClient, shrine: Place) -> None:
    gate, court, hall = part(office, shrine), part(office, shrine, kind="courtyard"), part(office, shrine, kind="prayer_hall")
    for one, other, metres, steps in (
        (gate, court, 100, ""),
        (court, hall, 80, ""),
        (gate, hall, 40, "1"),
        (gate, shrine.id, 150, ""),
        (shrine.id, hall, 150, ""),
    ):
        drawn = office.post(
            f"/places/{one}/ways", data={"to": other, "metres": str(metres), "steps": steps, "way_source": "paced out"}
        )
        assert drawn.status_code == 303
    for wrong in ({"to": gate}, {"to": 999}, {"metres": "0"}, {"metres": "x"}, {"way_source": ""}):
        refused = office.post(f"/places/{gate}/ways", data={"to": court, "metres": "90", "way_source": "paced out"} | wrong)
        assert refused.status_code == 422
    asked = f"/api/v1/places/{gate}/walk?to={hall}"
    assert [stop["place"] for stop in visitor.get(asked).json["stops"]] == [gate, hall]
    assert visitor.get(f"{asked}&no_steps=true").json["metres"] == 180
    with statements_sent() as sent:
        page = visitor.get(f"/places/{shrine.id}?from={gate}&to={hall}&no_steps=1").text
    assert "180 metres, about 3 min on foot" in page
    assert len(sent) <= 10
    office.post(f"/places/{court}/crowd", data={"level": "full"})
    assert visitor.get(f"{asked}&no_steps=true").json["metres"] == 300
    [way, *_] = re.findall(rf'action="(/places/{gate}/ways/\d+)"', office.get(f"/places/{gate}/keep").text)
    assert office.post(way).status_code == 303


def test_only_the_office_of_its_city_keeps_a_place(sign_in: SignIn, session: Session, shrine: Place) -> None:
    stranger, _ = sign_in(Role.CITY_MANAGER)
    for address in (f"/places/{shrine.id}/keep", f"/places/{shrine.id}/parts"):
        assert stranger.get(address).status_code == 404
    assert stranger.post(f"/places/{shrine.id}/crowd", data={"level": "full"}).status_code == 404
    assert "Manage this place" not in stranger.get(f"/places/{shrine.id}").text
    operator, _ = sign_in(Role.OPERATOR)
    shop = factories.place(session)
    session.commit()
    assert operator.get(f"/places/{shop.id}/keep").status_code == 404, "a shop speaks for itself"
    assert "Manage this place" in operator.get(f"/places/{shrine.id}").text
