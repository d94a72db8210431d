import pytest
from sqlalchemy.orm import Session

from places import services
from places.errors import CityNotFound, PositionOutOfRange
from places.queries import city_by_code, place_by_code, places_near, zones_of_city
from tests.factories import ACTOR, SHRINE, city, place


def test_the_nearest_places_come_first_with_their_distance_in_metres(session: Session) -> None:
    at_shrine = place(session, kind="shrine")
    # One thousandth of a degree is 111 m to the north and 90 m to the east here: degrees alone would order these wrongly.
    east = place(session, lon=SHRINE[0] + 0.00110)
    north = place(session, lat=SHRINE[1] + 0.00095)
    far = place(session, lon=SHRINE[0] + 1)
    found = places_near(session, *SHRINE, most=3)
    assert [near.place_id for near in found] == [at_shrine.id, east.id, north.id]
    assert found[0].distance_m == pytest.approx(0, abs=0.1)
    assert found[1].distance_m == pytest.approx(98.6, abs=1)
    assert found[2].distance_m == pytest.approx(105.6, abs=1)
    assert (found[0].lon, found[0].lat) == SHRINE
    assert far.id not in {near.place_id for near in found}


def test_places_near_are_of_the_kinds_asked_for(session: Session) -> None:
    shrine = place(session, kind="shrine")
    place(session, kind="shop")
    assert [near.place_id for near in places_near(session, *SHRINE, kinds=["shrine", "office"])] == [shrine.id]
    with pytest.raises(PositionOutOfRange):
        places_near(session, 200, 0)


def test_a_place_lies_in_the_smallest_zone_that_covers_it(session: Session) -> None:
    lon, lat = SHRINE
    mashhad = city(session)
    around = [(lon - 0.1, lat - 0.1), (lon + 0.1, lat - 0.1), (lon + 0.1, lat + 0.1), (lon - 0.1, lat + 0.1)]
    close = [
        (lon - 0.01, lat - 0.01),
        (lon + 0.01, lat - 0.01),
        (lon + 0.01, lat + 0.01),
        (lon - 0.01, lat + 0.01),
    ]
    inner = services.draw_zone(session, ACTOR, mashhad.id, "inner", {"fa": "درون"}, close)
    outer = services.draw_zone(session, ACTOR, mashhad.id, "outer", {"fa": "بیرون"}, around)
    assert place(session).zone_id == inner.id
    assert place(session, lon=lon + 0.05).zone_id == outer.id
    assert place(session, lon=lon + 0.5).zone_id is None
    assert [zone.code for zone in zones_of_city(session, mashhad.id)] == ["inner", "outer"]


def test_places_and_cities_are_found_by_code(session: Session) -> None:
    mashhad = city(session)
    known = place(session)
    assert city_by_code(session, "mashhad").id == mashhad.id
    assert place_by_code(session, mashhad.id, known.code) is known
    assert place_by_code(session, mashhad.id, "nowhere") is None
    with pytest.raises(CityNotFound):
        city_by_code(session, "atlantis")
