import json
import re
from pathlib import Path

import pytest

from portal.blueprint import FOLDER
from portal.built import BUILT
from portal.door import CONTENT_SECURITY_POLICY
from portal.navigation import DESTINATIONS
from portal.words import CARD_STATES, ENTRY_ICONS, SHOP_KINDS, TERMINAL_STATES

ASSETS = FOLDER / "assets"
TEMPLATES = sorted((FOLDER / "templates").rglob("*.html"))
APP = {"m.css", "m.js", "m.fa.json", "m.ar.json", "m.ur.json"}
ICONS = set(json.loads((ASSETS / "icons.json").read_text()))


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: path.stem)
def test_no_template_needs_more_than_the_policy_allows(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r'\sstyle="', text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+=\"", text)
    scripts = re.findall(r"<script[^>]*>", text)
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)
    assert not re.search(r'(?:src|href)="https?:', text)


def test_the_policy_allows_this_site_only() -> None:
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "http" not in CONTENT_SECURITY_POLICY
    assert CONTENT_SECURITY_POLICY.startswith("default-src 'none'")


def test_every_icon_that_is_used_is_drawn() -> None:
    used = {one.icon for one in DESTINATIONS} | set(ENTRY_ICONS.values())
    used |= {name for _, name in SHOP_KINDS.values()}
    used |= {name for table in (CARD_STATES, TERMINAL_STATES) for _, _, name in table.values()}
    for template in TEMPLATES:
        text = template.read_text(encoding="utf-8")
        used |= set(re.findall(r'(?:icon|kpi|empty|badge)\("([a-z0-9-]+)"', text))
    assert used - ICONS == set()
    [sprite] = BUILT.glob("icons-*.svg")
    drawn = set(re.findall(r'<symbol id="([^"]+)"', sprite.read_text()))
    assert drawn == ICONS


def test_the_build_leaves_a_hashed_file_for_every_name() -> None:
    manifest = json.loads((BUILT / "manifest.json").read_text())
    assert (
        set(manifest)
        == {
            "app.rtl.css",
            "app.ltr.css",
            "app.js",
            "counter.js",
            "goods.js",
            "live.js",
            "places.js",
            "till.js",
            "map.css",
            "nastaliq.css",
            "icons.svg",
            "sw.js",
        }
        | APP
    )
    for name, hashed in manifest.items():
        assert (BUILT / hashed).stat().st_size > 0
        assert Path(hashed).suffix == Path(name).suffix


def test_style_sheets_fetch_nothing_from_elsewhere() -> None:
    for sheet in BUILT.glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert not re.search(r"url\([\"']?(?:https?:)?//", text)
        assert "@import" not in text


def test_the_lock_names_no_registry() -> None:
    lock = json.loads((ASSETS / "package-lock.json").read_text())
    assert all("resolved" not in package for package in lock["packages"].values())
    assert all("integrity" in package for path, package in lock["packages"].items() if path)


def test_the_map_stands_in_its_sources_table() -> None:
    folder = FOLDER / "static" / "map"
    assert "pilgrim-lite.pmtiles" in (folder / "SOURCES.md").read_text(encoding="utf-8")
    assert (folder / "pilgrim-lite.pmtiles").stat().st_size > 600_000
