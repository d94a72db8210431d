"""Takes up places and the simple map from a file: an extract of OpenStreetMap (PBF or XML), GeoJSON, or what Overpass answers."""

import argparse
import json
from pathlib import Path

from kernel.audit import Actor
from kernel.db import unit_of_work
from kernel.errors import StartRefused
from places.directory.importing import import_places
from places.maps.services import import_map


def run(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="pilgrim places import", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--city", default="mashhad", help="code of the city that the places are of")
    parser.add_argument("--source", required=True, help="who made the file, for example: © OpenStreetMap contributors")
    parser.add_argument("--licence", required=True, help="its short name, for example: ODbL-1.0")
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    options = parser.parse_args(argv)
    try:
        content = options.file.read_bytes()
    except OSError as fault:
        raise StartRefused(
            f"{options.file} cannot be read: {fault.strerror}. Give the path of an extract of OpenStreetMap or of a GeoJSON file."
        ) from None
    with unit_of_work() as session:
        actor = Actor.system("places import")
        told = import_places(session, actor, options.city, content, options.source, options.licence)
        drawn = import_map(session, actor, options.city, content, options.source, options.licence)
    if options.json:
        print(json.dumps({"taken": told.taken, "left_out": told.left_out, "unread_hours": told.unread_hours, "drawn": drawn.taken}))
    else:
        print(
            f"{told.taken} places taken up, {told.left_out} left out, {told.unread_hours} without hours that could be read. {drawn.taken} lines and areas are on the map."
        )
    return 0
