"""Outlines as people type, paste and draw them."""

import json

import pytest

from places.zones.errors import WrongOutline
from places.zones.rules import MOST_CORNERS, crossing, outline_lines, typed_outline

SQUARE = [(59.0, 36.0), (59.1, 36.0), (59.1, 36.1), (59.0, 36.1)]
POLYGON = {"type": "Polygon", "coordinates": [[*map(list, SQUARE), list(SQUARE[0])]]}


@pytest.mark.parametrize(
    "typed",
    [
        json.dumps(POLYGON),
        json.dumps({"type": "Feature", "properties": {}, "geometry": POLYGON}),
        json.dumps({"type": "FeatureCollection", "features": [{"type": "Feature", "geometry": POLYGON}]}),
        outline_lines(SQUARE),
        outline_lines([*SQUARE, SQUARE[0]]),
        "۳۶، ۵۹\n۳۶، ۵۹٫۱\n\n۳۶٫۱، ۵۹٫۱\n۳۶٫۱، ۵۹",
    ],
)
def test_one_outline_in_every_form(typed: str) -> None:
    assert typed_outline(typed) == SQUARE


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("  ", "none"), ("36, 59\nhere", "unreadable"), ("{", "unreadable"), ("[1, 2]", "unreadable"), ('{"type": "Polygon"}', "unreadable"),
        (json.dumps({"type": "Polygon", "coordinates": [[]]}), "few"), (json.dumps({"type": "Polygon", "coordinates": [[[599, 36]]]}), "unreadable"),
        (json.dumps({"type": "Point", "coordinates": [59, 36]}), "kind"), (json.dumps(POLYGON | {"coordinates": POLYGON["coordinates"] * 2}), "holes"),
        ("36, 59\n36.1, 59", "few"), ("36, 59\n" * 5, "few"), ("\n".join(f"36, {59 + one / 10_000}" for one in range(MOST_CORNERS + 1)), "many"),
        ("9" * 50_000, "many"), (outline_lines([SQUARE[0], SQUARE[2], SQUARE[1], SQUARE[3]]), "crossing"),
        ("36, 59\n36, 59.1\n36, 59.2", "crossing"),
    ],
)  # fmt: skip
def test_a_wrong_outline_says_what_is_wrong(typed: str, fault: str) -> None:
    with pytest.raises(WrongOutline) as refused:
        typed_outline(typed)
    assert refused.value.facts["fault"] == fault


@pytest.mark.parametrize(
    ("ring", "corner"),
    [
        (SQUARE, None),
        ([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.0), (0.0, 4.0)], None),
        ([(0.0, 0.0), (4.0, 0.0), (2.0, 0.0), (2.0, 3.0)], 0),
        ([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 0.0), (0.0, 4.0)], 0),
        ([(0.0, 0.0), (4.0, 4.0), (4.0, 0.0), (0.0, 4.0)], 0),
    ],
    ids=["square", "with a bay", "back along itself", "touches itself", "crosses itself"],
)  # fmt: skip
def test_a_ring_is_simple_or_names_the_corner(ring: list[tuple[float, float]], corner: int | None) -> None:
    assert crossing(ring) == corner
