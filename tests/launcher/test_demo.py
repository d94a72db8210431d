"""The demonstration's taps live no longer than what they speak to."""

import signal
import subprocess
from pathlib import Path

import pytest

from deploy.launcher import demo
from deploy.launcher.layout import Layout


@pytest.fixture
def driver(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands in the place of Python: a script that is given the driver's arguments."""
    script = tmp_path / "driver"
    monkeypatch.setattr(demo, "python_of", lambda layout: str(script))
    return script


def become(script: Path, command: str) -> None:
    script.write_text(f"#!/bin/sh\nexec {command}\n")
    script.chmod(0o755)


def test_taps_end_with_the_servers(driver: Path, layout: Layout) -> None:
    become(driver, "sleep 60")
    servers = subprocess.Popen(["sleep", "0.1"])
    assert demo.drive(layout, servers, 2, "--forever") == -signal.SIGTERM


def test_taps_that_end_by_themselves_say_how(driver: Path, layout: Layout) -> None:
    become(driver, "sh -c 'exit 3'")
    servers = subprocess.Popen(["sleep", "60"])
    try:
        assert demo.drive(layout, servers, 2, "--forever") == 3
    finally:
        servers.kill()
        servers.wait()
