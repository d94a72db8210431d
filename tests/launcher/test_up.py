"""The whole platform in a clone of its own: up, hurt, mended, killed, and nothing left."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.launcher import proc
from deploy.launcher.layout import Layout
from deploy.launcher.programs import answers_http, answers_tcp

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[..., "subprocess.CompletedProcess[str]"]


def free_bind() -> str:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return f"127.0.0.1:{probe.getsockname()[1]}"


@pytest.fixture
def pilgrim(layout: Layout) -> Iterator[Run]:
    """`./pilgrim` of a clone that shares this one's packages and built assets, with state and ports of its own."""
    shutil.copytree(ROOT / "deploy", layout.root / "deploy", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pilgrim", layout.root)
    for part in ROOT.iterdir():
        if part.name not in {"deploy", "pilgrim", "var"} and not part.name.startswith("."):
            (layout.root / part.name).symlink_to(part)
    shutil.copytree(ROOT / "var/stamps", layout.stamps)
    for shared in ("venv", "tools"):
        (layout.var / shared).symlink_to(ROOT / "var" / shared)
    env = {key: value for key, value in os.environ.items() if not key.startswith("PILGRIM_")}
    for replaced in ("DATABASE_URL", "REDIS_URL"):
        env.pop(replaced, None)
    env |= {"PILGRIM_WEB_BIND": free_bind(), "PILGRIM_GATEWAY_BIND": free_bind()}

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, str(layout.root / "pilgrim"), *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False, timeout=180)

    yield run
    assert run("down").returncode == 0


def programs_of(layout: Layout) -> dict[str, Any]:
    programs: dict[str, Any] = json.loads(layout.status_file.read_text())["programs"]
    return programs


@pytest.mark.slow
def test_the_platform_comes_up_mends_itself_and_leaves_nothing_when_killed(
    layout: Layout, pilgrim: Run, wait_for: Callable[[Callable[[], object]], None]
) -> None:
    up = pilgrim("up", "--json")
    assert up.returncode == 0, up.stderr
    where = json.loads(up.stdout)
    with urllib.request.urlopen(where["openapi"]) as answer:
        assert json.load(answer)["openapi"] == "3.1.0"
    assert {"role", "name"} <= set(where["sign_ins"][0])
    with urllib.request.urlopen(f"{where['portal']}/healthz") as answer:
        assert answer.status == 200
    assert answers_tcp(where["pos_gateway"])
    wait_for(lambda: pilgrim("status").returncode == 0)
    assert pilgrim("up").returncode == 0
    refused = pilgrim("demo", "--once", "--taps", "1")
    assert refused.returncode == 3
    assert "already running" in refused.stderr
    assert json.loads(pilgrim("verify", "--json").stdout)["ok"] is True

    os.kill(programs_of(layout)["postgres"]["pid"], signal.SIGKILL)
    wait_for(lambda: programs_of(layout)["postgres"]["restarts"] == 1)
    wait_for(lambda: pilgrim("status").returncode == 0)
    wait_for(lambda: answers_http(where["portal"].removeprefix("http://")))

    status = json.loads(layout.status_file.read_text())
    pids = [facts["pid"] for facts in status["programs"].values() if facts["pid"]]
    assert len(pids) == 7
    os.kill(status["supervisor"]["pid"], signal.SIGKILL)
    wait_for(lambda: not any(proc.is_alive(pid) for pid in pids))
    wait_for(lambda: not proc.working_in(layout.state / "postgres"))


@pytest.mark.slow
def test_a_command_that_needs_the_servers_starts_them_for_its_own_time(layout: Layout, pilgrim: Run) -> None:
    made = pilgrim("terminal", "new", "--json")
    assert made.returncode == 0, made.stderr
    assert len(json.loads(made.stdout)["terminal"]) == 8
    assert pilgrim("status").returncode == 1
    assert not proc.working_in(layout.state / "postgres")
