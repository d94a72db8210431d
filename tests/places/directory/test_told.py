"""What comes into the directory from files and from people, and goes out to phones."""

import gzip
import json
from datetime import UTC, datetime, timedelta
from math import hypot
from pathlib import Path
from random import Random
from uuid import uuid4

import osmium
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from identity.permissions import Identity, Role
from kernel import clock
from kernel.outbox import OutboxEvent
from places.directory.errors import (
    AlreadyAnswered,
    NameMissing,
    NothingSuggested,
    OutsideTheCity,
    SourceMissing,
    SuggestionNotFound,
    TooManySuggestions,
    UnknownKind,
    UnreadableFile,
)
from places.directory.importing import import_places
from places.directory.packs import ZONE_BYTES, make_packs, pack_of
from places.directory.suggestions import answer_suggestion, open_suggestions, suggest
from places.errors import PositionOutOfRange
from places.history.rules import Statement, StatementKind
from places.history.services import write_statement
from places.keeping.models import PlacePhoto
from places.models import City, Place
from places.queries import place_by_code
from places.services import draw_zone, open_city_office
from tests.factories import ACTOR, SHRINE, account, city, organisation, place

NOW = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)
HERE = {"at": f"{SHRINE[1]}, {SHRINE[0]}"}
OSM = ("© OpenStreetMap contributors", "ODbL-1.0")


@pytest.fixture
def town(session: Session) -> City:
    return city(session)


@pytest.fixture
def person(session: Session) -> Identity:
    return account(session, Role.PILGRIM)[0]


def file_of(*tags: dict[str, str], lon: float = SHRINE[0]) -> bytes:
    features = [
        {
            "type": "Feature",
            "id": f"node/{number}",
            "properties": one,
            "geometry": {"type": "Point", "coordinates": [lon, SHRINE[1]]},
        }
        for number, one in enumerate(tags)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def test_a_file_is_taken_up_with_its_source_and_again_without_doubles(session: Session, town: City) -> None:
    hotel = {"tourism": "hotel", "name": "هتل نمونه", "name:en": "Sample hotel", "wheelchair": "limited", "opening_hours": "24/7"}
    told = import_places(
        session, ACTOR, "mashhad",
        file_of(hotel, {"amenity": "toilets", "name": "سرویس", "opening_hours": "whenever"}, {"amenity": "bank", "name": "بانک"}, {"tourism": "hotel"}), *OSM,
    )  # fmt: skip
    assert (told.taken, told.left_out, told.unread_hours) == (2, 2, 1)
    made = place_by_code(session, town.id, "osm-node-0")
    assert (made.kind, made.category, made.names, made.wheelchair) == (
        "lodging",
        "hotel",
        {"fa": "هتل نمونه", "en": "Sample hotel"},
        "limited",
    )
    assert (made.source, made.licence, made.rule_id is not None) == (*OSM, True)
    import_places(session, ACTOR, "mashhad", file_of(hotel | {"name": "هتل نو"}), *OSM)
    session.refresh(made)
    assert made.names["fa"] == "هتل نو"
    assert session.query(Place).count() == 2


EXTRACT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
 <node id="1" lat="36.288" lon="59.6157"><tag k="amenity" v="toilets"/><tag k="name" v="سرویس"/></node>
 <node id="2" lat="36.28" lon="59.61"/><node id="3" lat="36.28" lon="59.62"/>
 <node id="4" lat="36.29" lon="59.62"/><node id="5" lat="36.29" lon="59.61"/>
 <way id="7"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="2"/><tag k="tourism" v="museum"/><tag k="name" v="موزه"/></way>
 <way id="8"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="2"/></way>
 <relation id="9"><member type="way" ref="8" role="outer"/><tag k="type" v="multipolygon"/><tag k="amenity" v="hospital"/><tag k="name" v="درمانگاه"/></relation>
</osm>""".encode()


@pytest.mark.parametrize("form", ["osm", "osm.bz2", "osm.pbf"])
def test_openstreetmaps_own_extracts_are_read(session: Session, town: City, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"extract.{form}"
    with osmium.SimpleWriter(file) as writer:
        for read in osmium.FileProcessor(osmium.io.FileBuffer(EXTRACT, "osm")):
            writer.add(read)
    assert import_places(session, ACTOR, "mashhad", file.read_bytes(), *OSM).taken == 3
    assert {code: place_by_code(session, town.id, code).kind for code in ("osm-node-1", "osm-way-7", "osm-relation-9")} == {
        "osm-node-1": "toilets", "osm-way-7": "sight", "osm-relation-9": "health",
    }  # fmt: skip
    museum = session.execute(select(func.ST_X(Place.position), func.ST_Y(Place.position)).where(Place.code == "osm-way-7")).one()
    assert tuple(museum) == pytest.approx((59.615, 36.285))


@pytest.mark.parametrize(
    "content", [b"", b"<osm", b"<html></html>", b"\x00\x00\x00\x0d\x0a\x09OSMHeader\x18", b"{", b"[]", b"BZh91"]
)
def test_a_file_that_is_none_is_refused_whole(session: Session, town: City, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        import_places(session, ACTOR, "mashhad", content, *OSM)


def test_what_overpass_answers_and_the_middle_of_an_area(session: Session, town: City) -> None:
    lon, lat = SHRINE
    elements = [
        {"type": "way", "id": 5, "center": {"lon": lon, "lat": lat}, "tags": {"historic": "monument", "name": "آرامگاه"}},
        {"type": "node", "id": 6, "tags": {"amenity": "parking", "name": "بی‌جا"}},
    ]
    assert import_places(session, ACTOR, "mashhad", json.dumps({"elements": elements}).encode(), *OSM).taken == 1
    ring = [[[lon - 0.002, lat], [lon, lat], [lon, lat + 0.002], [lon - 0.002, lat + 0.002]]]
    area = {
        "type": "Feature",
        "properties": {"amenity": "parking", "name": "پارکینگ"},
        "geometry": {"type": "Polygon", "coordinates": ring},
    }
    import_places(session, ACTOR, "mashhad", json.dumps({"features": [area]}).encode(), *OSM)
    assert place_by_code(session, town.id, "osm-way-5").kind == "sight"
    assert session.scalar(select(Place.names).where(Place.kind == "parking")) == {"fa": "پارکینگ"}


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"features": 5}', b"<osm/>", b"\xff\xfe"])
def test_a_file_of_another_kind_is_refused(session: Session, town: City, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        import_places(session, ACTOR, "mashhad", content, *OSM)


def test_places_elsewhere_are_left_out_and_a_source_is_asked_for(session: Session, town: City) -> None:
    assert import_places(session, ACTOR, "mashhad", file_of({"tourism": "hotel", "name": "دور"}, lon=51.4), *OSM).left_out == 1
    for source, licence in (("", "ODbL-1.0"), ("x", " ")):
        with pytest.raises(SourceMissing):
            import_places(session, ACTOR, "mashhad", file_of(), source, licence)


def test_a_missing_place_is_told_accepted_and_there(session: Session, town: City, person: Identity) -> None:
    key = str(uuid4())
    with clock.frozen(NOW):
        typed = {"name": "آب‌خوری نو", "kind": "service", **HERE, "hours": "24/7", "note": "beside the gate"}
        one = suggest(session, person, key, "mashhad", typed)
        assert suggest(session, person, key, "mashhad", typed).id == one.id
        assert one.answer_by == (NOW + timedelta(days=10)).date()
        answer_suggestion(session, ACTOR, one.id, accept=True, answer="")
    made = session.get_one(Place, one.place_id)
    assert (made.names["fa"], made.source, made.confirmed_at, made.rule_id is not None) == (
        "آب‌خوری نو",
        "told by people of the city",
        NOW,
        True,
    )
    assert session.scalar(select(OutboxEvent.payload).where(OutboxEvent.name == "SuggestionAnswered")) == {
        "suggestion_id": one.id,
        "is_accepted": True,
    }
    with pytest.raises(AlreadyAnswered):
        answer_suggestion(session, ACTOR, one.id, accept=False, answer="again")
    with pytest.raises(SuggestionNotFound):
        answer_suggestion(session, ACTOR, 999_999, accept=True, answer="")


def test_a_correction_stays_when_the_file_comes_again(session: Session, town: City, person: Identity) -> None:
    content = file_of({"tourism": "hotel", "name": "نام کهنه"})
    import_places(session, ACTOR, "mashhad", content, *OSM)
    hotel = place_by_code(session, town.id, "osm-node-0")
    one = suggest(session, person, str(uuid4()), "mashhad", {"name": "نام نو"}, place_id=hotel.id)
    answer_suggestion(session, ACTOR, one.id, accept=True, answer="")
    session.flush()
    import_places(session, ACTOR, "mashhad", content, *OSM)
    session.refresh(hotel)
    assert (hotel.names["fa"], hotel.licence) == ("نام نو", "ODbL-1.0")
    assert hotel.source.startswith(OSM[0])


def test_what_is_gone_is_closed_and_a_no_needs_a_word(session: Session, town: City, person: Identity) -> None:
    spot = place(session)
    one = suggest(session, person, str(uuid4()), "mashhad", {}, place_id=spot.id, is_gone=True)
    with pytest.raises(NothingSuggested):
        answer_suggestion(session, ACTOR, one.id, accept=False, answer=" ")
    answer_suggestion(session, ACTOR, one.id, accept=True, answer="")
    assert spot.closed_at is not None


@pytest.mark.parametrize(
    ("typed", "refusal"),
    [
        ({"name": "x", "kind": "service", **HERE}, NameMissing),
        ({"name": "چشمه", "kind": "castle", **HERE}, UnknownKind),
        ({"name": "چشمه", "kind": "service"}, PositionOutOfRange),
        ({"name": "چشمه", "kind": "service", "at": "35.7,51.4"}, OutsideTheCity),
        ({"name": "چشمه", "kind": "service", "at": "north,51.4"}, PositionOutOfRange),
        ({"name": "چشمه", "kind": "service", "at": "136,51.4"}, PositionOutOfRange),
    ],
)
def test_what_is_wrong_with_a_new_place_is_named(
    session: Session, town: City, person: Identity, typed: dict[str, str], refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        suggest(session, person, str(uuid4()), "mashhad", typed)


def test_one_person_has_twenty_open_suggestions_at_most(session: Session, town: City, person: Identity) -> None:
    spot = place(session)
    for _ in range(20):
        suggest(session, person, str(uuid4()), "mashhad", {"note": "wrong"}, place_id=spot.id)
    with pytest.raises(TooManySuggestions):
        suggest(session, person, str(uuid4()), "mashhad", {"note": "wrong"}, place_id=spot.id)


def test_an_office_sees_its_own_city(session: Session, town: City, person: Identity) -> None:
    office, stranger = organisation(session, "city_office"), organisation(session, "city_office")
    open_city_office(session, ACTOR, office.id, town.id)
    suggest(session, person, str(uuid4()), "mashhad", {"note": "wrong"}, place_id=place(session).id)
    assert len(open_suggestions(session, None)) == len(open_suggestions(session, [office.id])) == 1
    assert open_suggestions(session, [stranger.id]) == []


def test_packs_hold_the_nearest_and_change_their_version_only_with_what_is_in_them(session: Session, town: City) -> None:
    lon, lat = SHRINE
    near = [(lon - 0.01, lat - 0.01), (lon + 0.01, lat - 0.01), (lon + 0.01, lat + 0.01), (lon - 0.01, lat + 0.01)]
    draw_zone(session, ACTOR, town.id, "inner", {"fa": "درون"}, near)
    inside, outside = place(session), place(session, lon=lon + 0.1)
    with clock.frozen(NOW):
        assert make_packs(session) == 2
        assert make_packs(session) == 0
        pack, zone = pack_of(session, "mashhad", None), pack_of(session, "mashhad", "inner")
        told = json.loads(gzip.decompress(pack.content))
        assert [one[0] for one in told["places"]] == [inside.id, outside.id]
        first = dict(zip(told["fields"], told["places"][0], strict=True))
        assert (told["kinds"][first["kind"]], first["names"], first["lon"]) == ("shop", {"fa": "جا"}, 0)
        assert told["prayers"]["days"][0][:2] == ["2026-11-22", "04:47"]
        assert [one[0] for one in json.loads(gzip.decompress(zone.content))["places"]] == [inside.id]
        outside.names = {"fa": "جای دیگر"}
        session.flush()
        assert make_packs(session) == 1
    assert pack_of(session, "mashhad", None).version != pack.version
    assert pack_of(session, "mashhad", "atlantis") is None


def test_a_pack_takes_words_of_the_nearest_and_then_photos_as_far_as_its_cap_goes(
    session: Session, town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    from places.directory import packs

    seen = Random(3)
    near = [place(session, lon=SHRINE[0] + 0.001 * step).id for step in range(12)]
    for one in near:
        write_statement(
            session, ACTOR, one, str(uuid4()), Statement(StatementKind.EVENT, {"fa": seen.randbytes(400).hex()}, "test", "facts")
        )
        picture = {"large": b"", "small": b"", "tiny": seen.randbytes(800), "width": 1, "height": 1}
        session.add(PlacePhoto(place_id=one, caption="", source="test", licence="facts", added_at=NOW, **picture))
    session.flush()

    def made(most: int) -> tuple[int, int, int]:
        """With so many bytes: places, places with words, photos, of the nearest each."""
        monkeypatch.setattr(packs, "CITY_BYTES", most)
        with clock.frozen(NOW):
            make_packs(session)
        pack = pack_of(session, "mashhad", None)
        told = json.loads(gzip.decompress(pack.content))
        assert len(pack.content) <= most
        for some in (told["words"], told["photos"]):
            assert [row[0] for row in some] == near[: len(some)]
        return pack.places, len(told["words"]), len(told["photos"])

    assert made(packs.CITY_BYTES) == (12, 12, 12)
    whole = len(pack_of(session, "mashhad", None).content)
    places, words, photos = made(whole - 3_000)
    assert ((places, words), 0 < photos < 12) == ((12, 12), True)
    places, words, photos = made(whole - 12_000)
    assert ((places, photos), 0 < words < 12) == ((12, 0), True)


def test_a_pack_that_grows_too_large_holds_fewer_places(session: Session, town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    from places.directory import packs

    seen = Random(9)
    spots = [(SHRINE[0] + seen.uniform(-0.03, 0.03), SHRINE[1] + seen.uniform(-0.03, 0.03)) for _ in range(40)]
    for lon, lat in spots:
        place(session, lon=lon, lat=lat).names = {"fa": str(uuid4())}
    with clock.frozen(NOW):
        make_packs(session)
        whole = pack_of(session, "mashhad", None)
        assert whole.places == 40
        most = len(whole.content) - 400
        assert most < ZONE_BYTES
        monkeypatch.setattr(packs, "CITY_BYTES", most)
        make_packs(session)
    pack = pack_of(session, "mashhad", None)
    assert len(pack.content) <= most
    assert 0 < pack.places < 40
    kept = sorted(hypot(*row[4:6]) for row in json.loads(gzip.decompress(pack.content))["places"])
    nearest = sorted(hypot(lon - SHRINE[0], lat - SHRINE[1]) * 100_000 for lon, lat in spots)
    assert kept == pytest.approx(nearest[: pack.places], abs=1), "those farthest from the middle are left out"
