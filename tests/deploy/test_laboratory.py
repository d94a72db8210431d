"""What is for the laboratory only says so first, whatever else is missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("words", "act"),
    [
        (["card", "new", "--json"], "a card with its keys"),
        (["terminal", "new", "--json"], "a terminal with its key in the open"),
        (["keys", "init"], "a key file"),
    ],
)
@pytest.mark.parametrize("named", ["production", "staging"])
def test_outside_the_laboratory_the_refusal_is_one_sentence_even_without_other_settings(
    words: list[str], act: str, named: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "deploy.commands", *words], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": os.defpath, "PILGRIM_ENVIRONMENT": named},
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr == f"PILGRIM_ENVIRONMENT is {named}: {act} is for the laboratory only.\n"
    assert done.stdout == ""


@pytest.mark.parametrize("words", [["card", "new"], ["terminal", "new"], ["keys", "init"]])
def test_the_launcher_passes_the_refusal_on(words: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "pilgrim", *words], cwd=ROOT, capture_output=True, text=True, check=False,
        env={"PATH": os.defpath, "PILGRIM_ENVIRONMENT": "production"},
    )  # fmt: skip
    assert done.returncode == 3
    assert done.stderr.endswith("is for the laboratory only.\n")
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
