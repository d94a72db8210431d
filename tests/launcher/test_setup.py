"""What set-up says where it cannot go on, and how it goes on where it was cut off."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.launcher import setup
from deploy.launcher.layout import Layout, Refused
from deploy.launcher.setup import (
    Needs,
    check_platform,
    install_python_packages,
    install_system_packages,
    install_uv,
    runs,
)

UV = Path(__file__).resolve().parents[2] / "var/tools/uv"


@pytest.fixture
def with_uv(layout: Layout) -> Layout:
    """A clone whose lock names nothing, so that a sync needs no network."""
    (layout.var / "tools").mkdir()
    (layout.var / "tools/uv").symlink_to(UV)
    (layout.root / "requirements.lock").write_text("# nothing\n")
    return layout


def test_a_missing_package_without_root_is_told_with_the_exact_command(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "postgres_binaries", lambda: None)
    monkeypatch.setattr(setup, "CREATE_CLUSTER", layout.root / "createcluster.conf")
    monkeypatch.setattr(shutil, "which", lambda name: None if name == "chromium" else f"/usr/bin/{name}")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refused) as refusal:
        install_system_packages(layout, Needs(browser=True))
    assert str(refusal.value) == (
        "Packages are missing; run: sudo apt-get update && sudo apt-get install --yes --no-install-recommends "
        "postgresql-15 postgresql-15-postgis-3 chromium libatomic1"
    )
    assert not (layout.root / "createcluster.conf").exists()


def test_a_system_without_apt_is_told_what_to_install(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(setup, "postgres_binaries", lambda: None)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(Refused, match="postgresql-15, postgresql-15-postgis-3"):
        install_system_packages(layout, Needs())


def test_apt_that_reaches_nothing_is_told_in_one_sentence(layout: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    apt = tmp_path / "bin" / "apt-get"
    apt.parent.mkdir()
    apt.write_text("#!/bin/sh\necho 'E: Unable to locate package postgresql-15' >&2\nexit 100\n")
    apt.chmod(0o755)
    monkeypatch.setenv("PATH", str(apt.parent), prepend=":")
    monkeypatch.setattr(setup, "postgres_binaries", lambda: None)
    monkeypatch.setattr(setup, "CREATE_CLUSTER", tmp_path / "conf.d" / "pilgrim.conf")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    with pytest.raises(Refused, match=r"is the network up.*Unable to locate package postgresql-15"):
        install_system_packages(layout, Needs())
    assert (tmp_path / "conf.d" / "pilgrim.conf").read_text() == "create_main_cluster = false\n"


def test_a_killed_sync_is_begun_anew(with_uv: Layout) -> None:
    install_python_packages(with_uv, tests=False)
    left = next(with_uv.venv.glob("lib/python*/site-packages")) / "half_installed.py"
    left.write_text("")
    install_python_packages(with_uv, tests=False)
    assert left.exists(), "a finished sync is not repeated"
    (with_uv.stamps / "python-packages").unlink()
    (with_uv.stamps / "python-packages.unfinished").touch()
    install_python_packages(with_uv, tests=False)
    assert not left.exists()
    assert runs(with_uv.python)


def test_an_environment_whose_interpreter_is_gone_is_made_again(with_uv: Layout) -> None:
    install_python_packages(with_uv, tests=False)
    with_uv.python.unlink()
    with_uv.python.symlink_to("/nowhere/python3")
    assert not runs(with_uv.python)
    install_python_packages(with_uv, tests=False)
    assert runs(with_uv.python)


def test_the_test_set_serves_the_demo_and_stays(with_uv: Layout) -> None:
    (with_uv.root / "requirements-test.lock").write_text("# nothing more\n")
    install_python_packages(with_uv, tests=True)
    (with_uv.venv / "bin/pytest").touch()
    stamp = with_uv.stamps / "python-packages"
    written = stamp.stat().st_mtime_ns
    install_python_packages(with_uv, tests=False)
    install_python_packages(with_uv, tests=True)
    assert stamp.stat().st_mtime_ns == written


def test_no_network_and_nothing_cached_is_told_in_one_sentence(
    with_uv: Layout, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_DEFAULT_INDEX", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    (with_uv.root / "requirements.lock").write_text(f"flask==3.0.0 --hash=sha256:{'0' * 64}\n")
    with pytest.raises(Refused, match=r"^Python packages could not be installed, is the network up\?"):
        install_python_packages(with_uv, tests=False)
    assert not (with_uv.stamps / "python-packages").exists()


def test_another_system_than_linux_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    check_platform()
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(Refused, match=r"compose\.yaml"):
        check_platform()


def test_the_launcher_needs_nothing_that_is_not_in_the_standard_library() -> None:
    root = Path(__file__).resolve().parents[2]
    code = "import sys, deploy.launcher.cli; print([m for m in sys.modules if 'site-packages' in str(getattr(sys.modules[m], '__file__', ''))])"
    done = subprocess.run([sys.executable, "-S", "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_uv_that_neither_the_cache_nor_the_network_has_is_told_in_one_sentence(
    layout: Layout, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(layout.root / "cache"))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    (layout.root / "deploy/launcher").mkdir(parents=True)
    shutil.copy(setup.__file__.replace("setup.py", "uv-requirements.lock"), layout.root / "deploy/launcher")
    with pytest.raises(Refused, match=r"^uv could not be fetched, is the network up\?"):
        install_uv(layout)
    assert not (layout.var / "tools/uv").exists()
