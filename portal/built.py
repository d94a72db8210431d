"""The files that the build made, by their plain names."""

import json
from functools import cache

from portal.blueprint import FOLDER

BUILT = FOLDER / "static" / "built"


@cache
def _manifest() -> dict[str, str]:
    names: dict[str, str] = json.loads((BUILT / "manifest.json").read_text())
    return names


def built_name(name: str) -> str:
    """The file that holds `name` now. Raises KeyError for a file that the build does not make."""
    return _manifest()[name]
