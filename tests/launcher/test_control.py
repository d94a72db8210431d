"""A second copy, what a killed copy left, and the words for it."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from deploy.launcher import control, proc
from deploy.launcher.cli import main
from deploy.launcher.demo import demo
from deploy.launcher.layout import Layout, Refused

ROOT = Path(__file__).resolve().parents[2]
SLEEP = [sys.executable, "-c", "import time; time.sleep(600)"]


def write_status(layout: Layout, **programs: object) -> None:
    supervisor = {"pid": 1, "started": 0}
    layout.status_file.write_text(json.dumps({"supervisor": supervisor, "failure": None, "programs": programs}))


def facts(pid: int, started: int | None, state: str = "ready") -> dict[str, object]:
    return {
        "state": state,
        "pid": pid,
        "started": started,
        "restarts": 0,
        "start_seconds": 0.1,
        "is_needed": True,
    }


def test_a_second_copy_is_refused_by_every_command_that_would_start_one(layout: Layout) -> None:
    write_status(layout)
    lock = control.lock_of(layout)
    assert lock is not None
    with lock:
        assert control.is_running(layout)
        with pytest.raises(Refused, match=r"already running here \(process 1\); \./pilgrim down stops it"):
            demo(layout, taps=1, summary_file=None)
        with pytest.raises(Refused, match="already running"):
            control.supervise(layout, with_applications=False)
    assert not control.is_running(layout)


def test_up_beside_a_copy_that_is_up_is_content_and_beside_a_sick_one_is_not(layout: Layout) -> None:
    lock = control.lock_of(layout)
    assert lock is not None
    with lock:
        write_status(layout, web=facts(1, 0))
        control.up(layout)
        write_status(layout, web=facts(1, 0, "pausing"))
        with pytest.raises(Refused, match="web is pausing"):
            control.up(layout)


def test_commands_are_told_where_the_copy_that_is_up_listens(
    layout: Layout, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for key in ("PILGRIM_WEB_BIND", "PILGRIM_GATEWAY_BIND"):
        monkeypatch.delenv(key, raising=False)
    where = {"PILGRIM_WEB_BIND": "127.0.0.1:9800", "PILGRIM_GATEWAY_BIND": "127.0.0.1:9583"}
    layout.status_file.write_text(json.dumps({"supervisor": {"pid": 1, "started": 0}, "addresses": where, "programs": {}}))
    (layout.root / "asked.py").write_text("import os; print(os.environ['PILGRIM_GATEWAY_BIND'])")
    lock = control.lock_of(layout)
    assert lock is not None
    with lock:
        assert control.run_command(layout, ["asked"]) == 0
        assert control.addresses(layout)["portal"] == "http://127.0.0.1:9800"
    assert control.run_command(layout, ["asked"]) == 0
    assert capfd.readouterr().out.split() == ["127.0.0.1:9583", "127.0.0.1:8583"]


def test_a_supervising_process_writes_down_where_its_copy_listens(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_WEB_BIND", "127.0.0.1:9800")
    monkeypatch.setenv("PILGRIM_GATEWAY_BIND", "127.0.0.1:9583")
    monkeypatch.setattr(control, "all_programs", lambda *_: [])
    monkeypatch.setattr(control, "run_to_end", lambda supervisor: supervisor.report())
    assert control.supervise(layout, with_applications=True) == 0
    assert control.read_status(layout)["addresses"] == {
        "PILGRIM_WEB_BIND": "127.0.0.1:9800",
        "PILGRIM_GATEWAY_BIND": "127.0.0.1:9583",
    }
    assert control.supervise(layout, with_applications=False) == 0
    assert control.read_status(layout)["addresses"] == {}


def test_what_a_killed_supervisor_left_is_ended_and_a_strangers_process_is_not(
    layout: Layout, wait_for: Callable[[Callable[[], object]], None]
) -> None:
    with subprocess.Popen(SLEEP) as ours, subprocess.Popen(SLEEP) as stranger:
        write_status(
            layout,
            teller=facts(ours.pid, proc.started_at(ours.pid)),
            gateway=facts(stranger.pid, (proc.started_at(stranger.pid) or 0) - 1),
        )
        assert control.down(layout) == 0
        wait_for(lambda: ours.poll() is not None)
        assert stranger.poll() is None
        stranger.kill()
    assert not layout.status_file.exists()


def test_status_tells_each_program_and_fails_when_one_is_gone(layout: Layout, capsys: pytest.CaptureFixture[str]) -> None:
    assert control.status(layout) == 1
    lock = control.lock_of(layout)
    assert lock is not None
    with lock, subprocess.Popen(SLEEP) as process:
        began = proc.started_at(process.pid)
        write_status(layout, web=facts(process.pid, began))
        assert control.status(layout) == 0
        write_status(layout, web=facts(process.pid, began), teller=facts(0, None, "pausing"))
        assert control.status(layout) == 1
        process.kill()
        process.wait()
        write_status(layout, web=facts(process.pid, began))
        assert control.status(layout) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["Nothing", "is"],
        ["web", "ready"],
        ["web", "ready"],
        ["teller", "pausing"],
        ["web", "gone"],
    ]


def test_production_is_never_started_by_the_laboratorys_commands(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PILGRIM_ENVIRONMENT", "production")
    with pytest.raises(Refused, match="in production start web, gateway, teller, worker and beat"):
        control.up(layout)
    with pytest.raises(Refused, match="This starts the laboratory"):
        demo(layout, taps=1, summary_file=None)


@pytest.mark.parametrize("arguments", [[], ["fly"], ["--demo"]])
def test_an_unknown_verb_prints_the_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert "./pilgrim demo" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--taps", "5"], ["--once", "--taps", "0"], ["--once", "--taps", "ten"]])
def test_demo_refuses_arguments_that_do_not_go_together(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as end:
        main(["demo", *arguments])
    assert end.value.code == 2


def test_a_bad_state_is_one_sentence_and_exit_status_3() -> None:
    env = {"PATH": "/usr/bin:/bin", "PILGRIM_ENVIRONMENT": "production"}
    done = subprocess.run([sys.executable, ROOT / "pilgrim", "up"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert done.stderr.count("\n") == 1
    assert done.stdout == ""
