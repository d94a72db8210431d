"""What stands in a file of places: GeoJSON, what Overpass answers, and OpenStreetMap's own extracts (XML, also packed, and PBF)."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import osmium

from places.directory.errors import UnreadableFile

BOM = b"\xef\xbb\xbf"
# By what a file begins with; a PBF begins with the length of its first header, whose type stands near.
XML, PACKED_XML, PBF = "osm", "osm.bz2", "osm.pbf"
PBF_HEADER = b"OSMHeader"


class Spot(NamedTuple):
    code: str
    lon: float
    lat: float
    tags: dict[str, Any]


def spots_of(content: bytes) -> Iterator[Spot]:
    """Each object that has a place and tags. Raises UnreadableFile."""
    form = form_of(content)
    try:
        yield from _of_extract(content, form) if form else _of_json(content)
    except (ValueError, RuntimeError, osmium.InvalidLocationError):
        raise UnreadableFile(field="file") from None


def form_of(content: bytes) -> str | None:
    """The form of an extract; None for JSON."""
    begin = content[:64].removeprefix(BOM).lstrip()
    if begin.startswith(b"<"):
        return XML
    if begin.startswith(b"BZh"):
        return PACKED_XML
    return PBF if PBF_HEADER in begin else None


def _of_extract(content: bytes, form: str) -> Iterator[Spot]:
    """Nodes where they are, ways and areas in the middle of their corners; a closed way counts once, as a way."""
    for read in osmium.FileProcessor(osmium.io.FileBuffer(content, form)).with_areas():
        tags = dict(read.tags)
        if not tags:
            continue
        if isinstance(read, osmium.osm.Node):
            yield Spot(f"osm-node-{read.id}", read.location.lon, read.location.lat, tags)
        elif isinstance(read, osmium.osm.Way):
            yield from _between(f"osm-way-{read.id}", ((node.lon, node.lat) for node in read.nodes if node.location.valid()), tags)
        elif isinstance(read, osmium.osm.Area) and not read.from_way():
            rings = (node for ring in read.outer_rings() for node in ring)
            yield from _between(f"osm-relation-{read.orig_id()}", ((node.lon, node.lat) for node in rings), tags)


def _between(code: str, corners: Iterable[tuple[float, float]], tags: dict[str, Any]) -> Iterator[Spot]:
    middle = _middle_of(list(corners))
    if middle is not None:
        yield Spot(code, *middle, tags)


def _of_json(content: bytes) -> Iterator[Spot]:
    read = json.loads(content.removeprefix(BOM))
    if isinstance(read, dict) and isinstance(read.get("features"), list):
        yield from (spot for feature in read["features"] if (spot := _of_feature(feature)))
    elif isinstance(read, dict) and isinstance(read.get("elements"), list):
        yield from (spot for element in read["elements"] if (spot := _of_element(element)))
    else:
        raise UnreadableFile(field="file")


def _of_feature(feature: Any) -> Spot | None:
    if not isinstance(feature, dict):
        return None
    properties = feature.get("properties") or {}
    nested = properties.get("tags")
    tags: dict[str, Any] = nested if isinstance(nested, dict) else properties
    spot = _middle((feature.get("geometry") or {}).get("coordinates"))
    identifier = feature.get("id") or properties.get("@id") or properties.get("osm_id")
    return None if spot is None else Spot(_code(identifier, spot, tags), *spot, tags)


def _of_element(element: Any) -> Spot | None:
    if not isinstance(element, dict) or not isinstance(element.get("tags"), dict):
        return None
    at = element.get("center") or element
    if not all(isinstance(at.get(name), int | float) for name in ("lon", "lat")):
        return None
    code = _code(f"{element.get('type', 'node')}/{element.get('id')}", (0, 0), {})
    return Spot(code, float(at["lon"]), float(at["lat"]), element["tags"])


def _middle(coordinates: Any) -> tuple[float, float] | None:
    """A point itself; the middle of the corners of anything larger."""
    return _middle_of(list(_corners(coordinates)))


def _middle_of(corners: list[tuple[float, float]]) -> tuple[float, float] | None:
    if not corners:
        return None
    if len(corners) > 1 and corners[0] == corners[-1]:
        corners.pop()  # a ring names its first corner twice
    return sum(lon for lon, _ in corners) / len(corners), sum(lat for _, lat in corners) / len(corners)


def _corners(coordinates: Any) -> Iterator[tuple[float, float]]:
    if not isinstance(coordinates, list):
        return
    if len(coordinates) >= 2 and all(isinstance(one, int | float) for one in coordinates[:2]):
        yield float(coordinates[0]), float(coordinates[1])
        return
    for part in coordinates:
        yield from _corners(part)


def _code(identifier: Any, spot: tuple[float, float], tags: dict[str, Any]) -> str:
    if identifier:
        return f"osm-{str(identifier).replace('/', '-')}"[:40]
    return f"file-{hashlib.sha256(repr((spot, tags.get('name'))).encode()).hexdigest()[:16]}"
