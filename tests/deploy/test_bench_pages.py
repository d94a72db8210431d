"""The benchmark of the pages at the size of a village: its city fits the tables, and each of its pages answers."""

import json
import subprocess
import sys

import pytest

from deploy.bench.pages import PAGES
from tests.conftest import ROOT


@pytest.mark.slow
def test_every_page_of_the_benchmark_answers_and_is_timed() -> None:
    arguments = ("--json", "--shops", "500", "--unions", "4", "--people", "2000", "--requests", "2")
    done = subprocess.run(
        [sys.executable, "-m", "deploy.bench", "pages", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stdout, done.stderr
    told = json.loads(done.stdout)
    assert told["shops"] == 500
    assert [one["role"] for one in told["pages"]] == [role for role, pages in PAGES.items() for _ in pages]
    assert all(0 < one["p50_ms"] <= one["p95_ms"] <= told["p95_ms"] for one in told["pages"])
    assert done.returncode == int(told["p95_ms"] > 150)
