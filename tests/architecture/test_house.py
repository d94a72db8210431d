"""The habits of the house, held by tests."""

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = (
    "kernel", "identity", "places", "cardbank", "loyalty", "merchants", "reservations", "insights",
    "pos_gateway", "mobile_api", "portal",
)  # fmt: skip
SOURCES = sorted(
    path
    for package in (*PACKAGES, "nfc", "deploy")
    for path in (ROOT / package).rglob("*.py")
    if not {"versions", "node_modules"} & set(path.parts)
)
VAGUE = {"utils", "helpers", "common", "manager", "misc", "util", "helper"}


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports_of(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


def test_the_layer_contracts_hold() -> None:
    run = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("package", PACKAGES)
def test_each_package_opens_with_its_vocabulary(package: str) -> None:
    tree = tree_of(ROOT / package / "__init__.py")
    assert ast.get_docstring(tree)
    assert len(tree.body) == 1, "a package's __init__.py holds its docstring and re-exports nothing"


def test_nfc_is_a_source_root_and_nfcpy_keeps_its_name() -> None:
    assert not (ROOT / "nfc" / "__init__.py").exists()
    run = subprocess.run(
        [sys.executable, "-c", "import nfc, nfc.clf; print(nfc.__file__)"],
        cwd=ROOT, env={"PYTHONPATH": f"{ROOT}:{ROOT / 'nfc'}"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "site-packages" in run.stdout


def test_only_the_device_file_imports_nfcpy() -> None:
    importers = {
        path.relative_to(ROOT).as_posix()
        for path in SOURCES
        if any(name == "nfc" or name.startswith("nfc.") for name in imports_of(path))
    }
    assert {name for name in importers if not name.startswith("nfc/virtual_card/")} == {"nfc/reader_agent/device.py"}


@pytest.mark.parametrize("program", ["reader_agent", "virtual_card"])
def test_what_ships_to_the_till_imports_no_server_package(program: str) -> None:
    for path in (ROOT / "nfc" / program).rglob("*.py"):
        foreign = {name for name in imports_of(path) if name.split(".")[0] in (*PACKAGES, "deploy")}
        assert not foreign, f"{path.name} imports {foreign}"


def test_only_the_unit_of_work_commits() -> None:
    offenders = []
    for path in SOURCES:
        if path == ROOT / "kernel" / "db.py":
            continue
        offenders += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        ]
    assert offenders == []


def test_files_have_names_that_say_what_they_hold() -> None:
    assert [path for path in SOURCES if path.stem in VAGUE] == []


def test_no_file_outgrows_its_reader() -> None:
    long = {path.relative_to(ROOT).as_posix(): count for path in SOURCES if (count := len(path.read_text().splitlines())) > 420}
    assert long == {}


def written_files(top: Path) -> Iterator[Path]:
    """Every file people wrote. `var/` is not entered: the other lanes' databases come and go in it while this one looks."""
    for folder, folders, files in os.walk(top):
        folders[:] = [name for name in folders if name not in {"var", "node_modules", "built", ".git"}]
        yield from (Path(folder, name) for name in files)


def test_no_file_holds_both_sides_of_a_merge() -> None:
    kinds = {".md", ".py", ".html", ".po", ".sql", ".css", ".js", ".toml", ".in"}
    marks = ("<" * 7 + " ", ">" * 7 + " ")
    torn = [
        path.relative_to(ROOT).as_posix()
        for path in written_files(ROOT)
        if path.suffix in kinds and any(line.startswith(marks) for line in path.read_text(encoding="utf-8").splitlines())
    ]
    assert torn == []


def test_domains_read_the_clock_only_through_the_kernel() -> None:
    offenders = []
    for path in SOURCES:
        if path.is_relative_to(ROOT / "nfc") or path.is_relative_to(ROOT / "deploy") or path.name in ("clock.py", "logs.py"):
            continue
        offenders += [
            f"{path.relative_to(ROOT)}:{node.lineno}"
            for node in ast.walk(tree_of(path))
            if isinstance(node, ast.Attribute)
            and (node.attr in ("utcnow", "today") or (node.attr == "now" and getattr(node.value, "id", "") in ("datetime", "date")))
        ]
    assert offenders == []


def test_no_lock_file_names_a_host() -> None:
    for lock in [*ROOT.glob("*.lock"), *ROOT.glob("portal/assets/package-lock.json")]:
        text = lock.read_text()
        assert "://" not in text or lock.suffix == ".json", lock.name
        assert '"resolved"' not in text, lock.name


@pytest.mark.parametrize("layer", ["rules", "ports", "errors", "events"])
def test_pure_files_touch_no_framework(layer: str) -> None:
    frameworks = {"flask", "sqlalchemy", "celery", "redis", "asyncpg", "psycopg"}
    for path in SOURCES:
        if path.stem == layer or layer in path.parts:
            touched = {name.split(".")[0] for name in imports_of(path)} & frameworks
            assert not touched, f"{path.relative_to(ROOT)} imports {touched}"
