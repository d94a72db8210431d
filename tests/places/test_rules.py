import pytest
from hypothesis import given
from hypothesis import strategies as st

from places.errors import PositionOutOfRange
from places.rules import check_position, point, polygon


@given(st.floats(-180, 180), st.floats(-90, 90))
def test_every_position_on_earth_is_accepted(lon: float, lat: float) -> None:
    assert point(lon, lat) == f"SRID=4326;POINT({lon} {lat})"


@pytest.mark.parametrize("position", [(181, 0), (0, -91), (float("nan"), 0), (0, float("inf")), (36.3, 159.6)])
def test_positions_elsewhere_are_refused(position: tuple[float, float]) -> None:
    with pytest.raises(PositionOutOfRange):
        check_position(*position)


def test_an_open_ring_is_closed_and_a_closed_one_kept() -> None:
    ring = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]
    assert polygon(ring) == polygon([*ring, ring[0]]) == "SRID=4326;POLYGON((0.0 0.0, 1.0 0.0, 1.0 1.0, 0.0 0.0))"
