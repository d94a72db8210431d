"""The shell of the pilgrim's app, its worker, and its types."""

import gzip
import json
import os
import re
import subprocess
from pathlib import Path

import msgspec
import pytest
from flask.testing import FlaskClient

from mobile_api import door  # noqa: F401 - it declares the operations
from mobile_api.document import document
from mobile_api.releases import RELEASES
from portal.blueprint import FOLDER
from portal.built import BUILT, built_name
from tests.conftest import ROOT

ASSETS = FOLDER / "assets"
TOOLS = os.environ | {"PATH": f"{ROOT / 'var/venv/bin'}:{os.environ['PATH']}"}


@pytest.mark.parametrize(("language", "direction"), [("fa", "rtl"), ("ar", "rtl"), ("en", "ltr")])
def test_the_shell_is_the_same_for_all_and_speaks_first_in_the_visitors_language(
    visitor: FlaskClient, language: str, direction: str
) -> None:
    page = visitor.get(f"/m?lang={language}")
    assert f'<html lang="{language}" dir="{direction}"' in page.text
    assert "worker-src 'self'" in page.headers["Content-Security-Policy"]
    told = visitor.get(f"/m/manifest.webmanifest?lang={language}")
    assert told.mimetype == "application/manifest+json"
    assert (told.json["start_url"], told.json["scope"], told.json["lang"], told.json["dir"]) == ("/m", "/m", language, direction)


def test_the_worker_knows_every_file_of_the_app_by_its_hash(visitor: FlaskClient) -> None:
    worker = visitor.get("/m/sw.js")
    assert (worker.mimetype, worker.headers["Cache-Control"]) == ("text/javascript", "no-cache")
    for name in ("m.js", "m.css", "m.fa.json", "m.ar.json", "m.ur.json", "icons.svg"):
        assert f"/static/built/{built_name(name)}" in worker.text
        assert (BUILT / built_name(name)).exists()
    assert len(worker.data) < 4_000


def test_the_app_is_small_and_carries_its_sentences() -> None:
    assert len(gzip.compress((BUILT / built_name("m.js")).read_bytes())) < 51_000
    said = json.loads((BUILT / built_name("m.ar.json")).read_text(encoding="utf-8"))
    assert said["Stop the card"] == "إيقاف البطاقة"


def test_the_apps_types_are_those_of_the_document(tmp_path: Path) -> None:
    """After a change of the API: openapi-typescript writes src/m/openapi.d.ts anew, as here."""
    told, made = tmp_path / "openapi.json", tmp_path / "openapi.d.ts"
    told.write_bytes(msgspec.json.encode(document()))
    tool = ASSETS / "node_modules/.bin/openapi-typescript"
    subprocess.run([tool, told, "-o", made], cwd=ASSETS, env=TOOLS, check=True, capture_output=True)
    assert made.read_text(encoding="utf-8") == (ASSETS / "src/m/openapi.d.ts").read_text(encoding="utf-8")


@pytest.mark.parametrize("project", ["src/m", "src/m/tsconfig.worker.json"])
def test_the_app_fits_its_types(project: str) -> None:
    checked = subprocess.run(
        [ASSETS / "node_modules/.bin/tsc", "-p", project], cwd=ASSETS, env=TOOLS, check=False, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stdout


def test_the_app_says_the_newest_release_that_the_api_knows() -> None:
    said = re.search(r'const RELEASE = "(\d+)"', (ASSETS / "src/m/api.ts").read_text(encoding="utf-8"))
    assert said is not None
    assert int(said[1]) == RELEASES[-1].number
