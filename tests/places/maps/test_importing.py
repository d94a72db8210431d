"""Streets and areas from files, and the map of them."""

import json
from pathlib import Path
from typing import Any

import osmium
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kernel.audit import AuditEntry
from places.directory.errors import SourceMissing, UnreadableFile
from places.maps.models import MapShape
from places.maps.queries import box_around, map_of
from places.maps.services import import_map, make_map
from places.models import City
from places.rules import Box
from tests.factories import ACTOR, SHRINE, city, place

OSM = ("© OpenStreetMap contributors", "ODbL-1.0")
LON, LAT = SHRINE
EXTRACT = """<?xml version="1.0" encoding="UTF-8"?>
<osm version="0.6" generator="by hand">
 <node id="2" lat="36.28" lon="59.61"/><node id="3" lat="36.28" lon="59.62"/>
 <node id="4" lat="36.29" lon="59.62"/><node id="5" lat="36.29" lon="59.61"/>
 <way id="6"><nd ref="2"/><nd ref="4"/><tag k="highway" v="secondary"/><tag k="name" v="خیابان"/></way>
 <way id="7"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="2"/><tag k="leisure" v="park"/><tag k="name" v="باغ"/></way>
 <way id="8"><nd ref="2"/><nd ref="3"/><nd ref="4"/><nd ref="5"/><nd ref="2"/></way>
 <way id="10"><nd ref="2"/><nd ref="3"/><tag k="power" v="line"/></way>
 <relation id="9"><member type="way" ref="8" role="outer"/><tag k="type" v="multipolygon"/><tag k="natural" v="water"/></relation>
</osm>""".encode()


@pytest.fixture
def town(session: Session) -> City:
    return city(session)


def street(number: int, line: list[tuple[float, float]], **tags: str) -> dict[str, Any]:
    return {
        "type": "Feature",
        "id": f"way/{number}",
        "properties": {"highway": "primary"} | tags,
        "geometry": {"type": "LineString", "coordinates": line},
    }


def file_of(*features: dict[str, Any]) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def sorts(session: Session) -> dict[str, str]:
    return {shape.code: shape.sort for shape in session.scalars(select(MapShape))}


@pytest.mark.parametrize("form", ["osm", "osm.bz2", "osm.pbf"])
def test_openstreetmaps_own_extracts_are_drawn(session: Session, town: City, tmp_path: Path, form: str) -> None:
    file = tmp_path / f"extract.{form}"
    with osmium.SimpleWriter(file) as writer:
        for read in osmium.FileProcessor(osmium.io.FileBuffer(EXTRACT, "osm")):
            writer.add(read)
    assert import_map(session, ACTOR, "mashhad", file.read_bytes(), *OSM).taken == 3
    assert sorts(session) == {"osm-way-6": "main", "osm-way-7": "park", "osm-relation-9": "water"}
    told = map_of(session, town, LON, LAT, box_around(LON, LAT), 1_000)
    assert {sort: len(lines) for sort, lines in told["layers"].items()} == {"main": 1, "park": 1, "water": 1}
    assert told["names"][told["layers"]["main"][0][0]] == {"fa": "خیابان"}
    assert told["layers"]["water"][0][0] == -1
    assert told["sources"] == [OSM]


def test_what_overpass_answers_with_its_corners_is_drawn(session: Session, town: City) -> None:
    corners = [{"lon": LON + east, "lat": LAT + north} for east, north in ((0, 0), (0.01, 0), (0.01, 0.01), (0, 0))]
    elements = [
        {"type": "way", "id": 1, "geometry": corners, "tags": {"leisure": "park", "name": "باغ"}},
        {"type": "way", "id": 2, "geometry": corners[:2], "tags": {"highway": "footway"}},
        {"type": "way", "id": 3, "tags": {"highway": "footway"}},
        {"type": "node", "id": 4, "lon": LON, "lat": LAT, "tags": {"amenity": "parking"}},
    ]
    assert import_map(session, ACTOR, "mashhad", json.dumps({"elements": elements}).encode(), *OSM).taken == 2
    assert sorts(session) == {"osm-way-1": "park", "osm-way-2": "foot"}


def test_a_source_told_again_takes_the_place_of_what_it_said_before(session: Session, town: City) -> None:
    near, far = [(LON, LAT), (LON + 0.01, LAT)], [(51.4, 35.7), (51.5, 35.7)]
    told = import_map(session, ACTOR, "mashhad", file_of(street(1, near, name="یک"), street(2, near), street(3, far)), *OSM)
    assert (told.taken, told.left_out) == (2, 1)
    import_map(session, ACTOR, "mashhad", file_of(street(7, near)), "another", "CC-BY-4.0")
    import_map(session, ACTOR, "mashhad", file_of(street(1, near, name="نو")), *OSM)
    assert sorted(sorts(session)) == ["osm-way-1", "osm-way-7"]
    assert session.scalar(select(MapShape.names).where(MapShape.code == "osm-way-1")) == {"fa": "نو"}
    assert import_map(session, ACTOR, "mashhad", file_of(), *OSM).taken == 0
    assert len(sorts(session)) == 2, "a file without streets, as one of places alone, takes none away"
    written = session.scalars(select(AuditEntry).filter_by(act="import", subject="map").order_by(AuditEntry.id)).all()
    assert [one.after["taken"] for one in written] == [2, 1, 1]


@pytest.mark.parametrize(
    "content",
    [b"", b"<osm", b"[]", b'{"features": 5}', b'{"elements": [{"geometry": [{"lon": "x"}], "tags": {"highway": "path"}}]}'],
)
def test_a_file_that_is_none_is_refused(session: Session, town: City, content: bytes) -> None:
    with pytest.raises(UnreadableFile):
        import_map(session, ACTOR, "mashhad", content, *OSM)


def test_a_source_is_asked_for(session: Session, town: City) -> None:
    with pytest.raises(SourceMissing):
        import_map(session, ACTOR, "mashhad", file_of(), " ", "ODbL-1.0")


def test_a_map_is_cut_at_its_box_and_keeps_the_nearest_where_it_may_not_hold_all(session: Session, town: City) -> None:
    lines = [
        [(LON - 0.5, LAT + north / 100), (LON, LAT + north / 100 + 0.001), (LON + 0.5, LAT + north / 100)] for north in range(4)
    ]
    import_map(session, ACTOR, "mashhad", file_of(*(street(number, line) for number, line in enumerate(lines))), *OSM)
    import_map(session, ACTOR, "mashhad", file_of(street(9, lines[3], highway="residential")), "another", "CC-BY-4.0")
    box = Box(LON - 0.02, LAT - 0.02, LON + 0.02, LAT + 0.0195)
    told = map_of(session, town, LON, LAT, box, 1_000)
    assert {sort: len(kept) for sort, kept in told["layers"].items()} == {"main": 2}, "the others lie outside"
    for _, *steps in told["layers"]["main"]:
        assert abs(steps[0]) <= 2_000
        assert abs(sum(steps[::2])) <= 2_000
    assert len(map_of(session, town, LON, LAT, box, 3)["layers"]["main"]) == 1


def test_the_map_of_a_city_names_its_stations_and_is_made_anew_when_it_changes(session: Session, town: City) -> None:
    station = place(session, kind="metro_station")
    station.names, station.source, station.licence = {"fa": "ایستگاه"}, *OSM
    place(session, kind="shop")
    session.flush()
    told = map_of(session, town, LON, LAT, box_around(LON, LAT), 10)
    assert [(mark[0], mark[1], told["names"][mark[2]]) for mark in told["marks"]] == [
        (station.id, "metro_station", {"fa": "ایستگاه"})
    ]
    assert told["sources"] == [OSM]
    assert make_map(session, town, LON, LAT)
    assert not make_map(session, town, LON, LAT)
    import_map(session, ACTOR, "mashhad", file_of(street(1, [(LON, LAT), (LON + 0.01, LAT)])), *OSM)
    assert make_map(session, town, LON, LAT)
