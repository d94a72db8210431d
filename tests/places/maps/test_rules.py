"""What a map shows of tags, and lines in few numbers."""

from hypothesis import given
from hypothesis import strategies as st

from places.maps.rules import SCALE, Sort, fitting_lines, lines_of, sort_of_tags, within, written

CORNER = (59.6157, 36.288)
RING = [(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]
POSITIONS = st.tuples(st.floats(59.3, 59.9), st.floats(36.0, 36.6))


def test_tags_say_what_is_drawn_and_what_is_left_out() -> None:
    assert sort_of_tags({"highway": "primary", "name": "x"}) is Sort.MAIN
    assert sort_of_tags({"highway": "residential"}) is Sort.STREET
    assert sort_of_tags({"highway": "pedestrian"}) is Sort.FOOT
    assert sort_of_tags({"railway": "subway"}) is Sort.METRO
    assert sort_of_tags({"highway": "proposed"}) is None
    assert sort_of_tags({"building": "yes"}) is None


def test_an_area_has_a_closed_edge_and_a_line_two_corners() -> None:
    assert fitting_lines(Sort.PARK, [RING, RING[:3]]) == [RING]
    assert fitting_lines(Sort.MAIN, [RING[:2], RING[:1]]) == [RING[:2]]


def test_of_areas_only_the_outer_edges_are_drawn() -> None:
    hole = [(0.1, 0.1), (0.2, 0.1), (0.2, 0.2), (0.1, 0.1)]
    assert list(lines_of({"type": "MultiPolygon", "coordinates": [[RING, hole], [RING]]})) == [RING, RING]
    assert list(lines_of({"type": "Point", "coordinates": [1, 2]})) == []
    nested = {
        "type": "GeometryCollection",
        "geometries": [{"type": "LineString", "coordinates": RING[:2]}, {"type": "Point", "coordinates": [1, 2]}],
    }
    assert list(lines_of(nested)) == [RING[:2]]


@given(st.lists(POSITIONS, min_size=1, max_size=30))
def test_a_written_line_leads_where_the_line_leads(line: list[tuple[float, float]]) -> None:
    told = written(line, CORNER)
    x = y = 0
    walked: list[tuple[int, int]] = []
    for dx, dy in zip(told[::2], told[1::2], strict=True):
        x, y = x + dx, y + dy
        walked.append((x, y))
    exact = [(round((lon - CORNER[0]) * SCALE), round((lat - CORNER[1]) * SCALE)) for lon, lat in line]
    assert [one for at, one in enumerate(exact) if not at or one != exact[at - 1]] == walked, "no error grows along the line"


def test_a_map_ends_before_it_holds_too_many_corners() -> None:
    shapes = [(number, [[0, 0] * number]) for number in (3, 4, 5, 1)]
    assert [shape for shape, _ in within(shapes, 7)] == [3, 4]
    assert [shape for shape, _ in within(shapes, 9)] == [3, 4], "nothing small slips in behind what is too large"
    assert [shape for shape, _ in within(shapes, 100)] == [3, 4, 5, 1]
