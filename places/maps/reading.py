"""Lines and areas of the files that places come from: GeoJSON, what Overpass answers with `geom`, and OpenStreetMap's extracts."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import osmium

from places.directory.errors import UnreadableFile
from places.directory.reading import BOM, form_of
from places.maps.rules import AREAS, Corner, Shape, fitting_lines, lines_of, sort_of_tags


def shapes_of(content: bytes) -> Iterator[Shape]:
    """What a simple map shows of the file. Raises UnreadableFile."""
    form = form_of(content)
    try:
        yield from _of_extract(content, form) if form else _of_json(content)
    except (ValueError, TypeError, RuntimeError, osmium.InvalidLocationError):
        raise UnreadableFile(field="file") from None


def _of_extract(content: bytes, form: str) -> Iterator[Shape]:
    """Lines are ways; areas are what osmium puts together, also of closed ways."""
    for read in osmium.FileProcessor(osmium.io.FileBuffer(content, form)).with_areas():
        if isinstance(read, osmium.osm.Way):
            line = [(node.lon, node.lat) for node in read.nodes if node.location.valid()]
            yield from _shape(f"osm-way-{read.id}", dict(read.tags), [line], are_areas=False)
        elif isinstance(read, osmium.osm.Area):
            code = f"osm-{'way' if read.from_way() else 'relation'}-{read.orig_id()}"
            rings = [[(node.lon, node.lat) for node in ring] for ring in read.outer_rings()]
            yield from _shape(code, dict(read.tags), rings, are_areas=True)


def _of_json(content: bytes) -> Iterator[Shape]:
    read = json.loads(content.removeprefix(BOM))
    listed = read.get("features", read.get("elements")) if isinstance(read, dict) else None
    if not isinstance(listed, list):
        raise UnreadableFile(field="file")
    for number, one in enumerate(one for one in listed if isinstance(one, dict)):
        yield from _of_feature(one, number) if "geometry" in one and "properties" in one else _of_element(one)


def _of_feature(feature: Mapping[str, Any], number: int) -> Iterator[Shape]:
    geometry, properties = feature.get("geometry") or {}, feature.get("properties") or {}
    tags = properties["tags"] if isinstance(properties.get("tags"), dict) else properties
    identifier = feature.get("id") or properties.get("@id") or properties.get("osm_id")
    code = f"osm-{str(identifier).replace('/', '-')}" if identifier else f"file-{number}"
    yield from _shape(code, tags, lines_of(geometry), are_areas="Polygon" in str(geometry.get("type")))


def _of_element(element: Mapping[str, Any]) -> Iterator[Shape]:
    """A way with its corners; a closed one may be an area."""
    line = [(float(one["lon"]), float(one["lat"])) for one in element.get("geometry") or [] if one]
    tags = element.get("tags") or {}
    yield from _shape(f"osm-{element.get('type')}-{element.get('id')}", tags, [line], are_areas=sort_of_tags(tags) in AREAS)


def _shape(code: str, tags: Mapping[str, Any], lines: Iterable[list[Corner]], *, are_areas: bool) -> Iterator[Shape]:
    sort = sort_of_tags(tags)
    if sort is None or (sort in AREAS) is not are_areas:
        return
    if fitting := fitting_lines(sort, lines):
        yield Shape(code[:40], sort, tags, fitting)
