"""Programs are real processes here: their order, their deaths, their restarts and their end."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from deploy.launcher import proc
from deploy.launcher import supervisor as supervisor_module
from deploy.launcher.layout import Layout
from deploy.launcher.programs import BINDS, application_programs
from deploy.launcher.supervisor import Program, Supervisor

ROOT = Path(__file__).resolve().parents[2]
SLEEP = "import time; time.sleep(600)"
Make = Callable[..., Program]
Supervise = Callable[..., Supervisor]
Wait = Callable[[Callable[[], object]], None]


def says_here(layout: Layout, name: str) -> Callable[[], bool]:
    return lambda: "here" in (layout.logs / f"{name}.log").read_text()


def pid_of(supervisor: Supervisor, name: str) -> int:
    process = supervisor.children[name].process
    assert process is not None
    return process.pid


def test_a_program_starts_when_what_it_needs_is_ready(layout: Layout, program: Make, supervised: Supervise) -> None:
    order = layout.root / "order"
    note = f"import time; open({str(order)!r}, 'a').write('%s ');"
    slow = program(
        "slow",
        f"import time; time.sleep(0.2); {note % 'slow'} print('here'); {SLEEP}",
        is_ready=says_here(layout, "slow"),
    )
    once = program("once", note % "once", after=("slow",), once=True)
    last = program("last", f"{note % 'last'} print('here'); {SLEEP}", after=("once",), is_ready=says_here(layout, "last"))
    supervisor = supervised(last, once, slow)
    supervisor.run(until=lambda: supervisor.is_settled)
    assert order.read_text() == "slow once last "
    assert {name: child.state for name, child in supervisor.children.items()} == {
        "last": "ready",
        "once": "done",
        "slow": "ready",
    }


def test_a_killed_program_comes_back_and_the_status_file_says_so(layout: Layout, program: Make, supervised: Supervise) -> None:
    supervisor = supervised(program("one", SLEEP))
    supervisor.run(until=lambda: supervisor.is_settled)
    first = pid_of(supervisor, "one")
    os.kill(first, signal.SIGKILL)
    supervisor.run(until=lambda: supervisor.is_settled and pid_of(supervisor, "one") != first)
    facts = json.loads(layout.status_file.read_text())["programs"]["one"]
    assert (facts["state"], facts["restarts"], facts["pid"]) == ("ready", 1, pid_of(supervisor, "one"))
    assert facts["started"] == proc.started_at(facts["pid"])


def test_pauses_grow_while_a_program_keeps_dying(program: Make, supervised: Supervise) -> None:
    supervisor = supervised(program("dies", "raise SystemExit(1)", is_needed=False))
    child = supervisor.children["dies"]
    supervisor.run(until=lambda: child.starts == 3 and child.state == "pausing")
    assert child.pause == 4 * supervisor_module.FIRST_PAUSE_SECONDS
    assert supervisor.failure is None


def test_a_needed_program_that_never_starts_ends_the_start_with_what_it_said(program: Make, supervised: Supervise) -> None:
    supervisor = supervised(program("web", "raise SystemExit('no such setting')", is_ready=lambda: False))
    supervisor.run()
    assert supervisor.failure is not None
    assert supervisor.failure.startswith("web does not start")
    assert supervisor.failure.endswith("no such setting")
    assert supervisor.children["web"].starts == supervisor_module.FIRST_STARTS


def test_a_one_time_command_that_fails_is_not_tried_again(program: Make, supervised: Supervise) -> None:
    supervisor = supervised(program("migrate", "raise SystemExit('bad revision')", once=True))
    supervisor.run()
    assert supervisor.children["migrate"].starts == 1
    assert "bad revision" in str(supervisor.failure)


def test_a_program_whose_file_is_missing_is_named(layout: Layout, supervised: Supervise) -> None:
    supervisor = supervised(Program("redis", ("/nowhere/redis-server",), {}, layout.root))
    supervisor.run()
    assert supervisor.failure == "redis cannot be started: No such file or directory (/nowhere/redis-server)"


def test_a_port_that_another_took_meanwhile_is_told(layout: Layout, supervised: Supervise) -> None:
    """The other would answer in the place of ours, and be taken for it."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        binds = dict.fromkeys(BINDS, f"127.0.0.1:{other.getsockname()[1]}")
        doors = [one for one in application_programs(layout, os.environ | binds, ()) if one.name in ("web", "gateway")]
        supervisor = supervised(*(replace(door, after=()) for door in doors))
        supervisor.run(until=lambda: bool(supervisor.failure))
    assert "is taken by" in str(supervisor.failure)
    assert f"(process {os.getpid()})" in str(supervisor.failure)


def test_everything_stops_before_what_it_needs(layout: Layout, program: Make, supervised: Supervise) -> None:
    order = layout.root / "order"
    code = (
        "import signal, sys, time\n"
        f"signal.signal(signal.SIGTERM, lambda *_: (open({str(order)!r}, 'a').write('%s '), sys.exit()))\n"
        "print('here')\n"
        "time.sleep(600)\n"
    )
    supervisor = supervised(
        program("server", code % "server", is_ready=says_here(layout, "server")),
        program("prepared", "", after=("server",), once=True),
        program("teller", code % "teller", after=("prepared",), is_ready=says_here(layout, "teller")),
        program("gateway", code % "gateway", after=("teller",), is_ready=says_here(layout, "gateway")),
    )
    supervisor.run(until=lambda: supervisor.is_settled)
    supervisor.stop()
    assert order.read_text() == "gateway teller server "
    assert not any(child.is_running for child in supervisor.children.values())


def test_a_program_that_will_not_end_is_killed(layout: Layout, program: Make, supervised: Supervise) -> None:
    deaf = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here'); {SLEEP}"
    supervisor = supervised(program("deaf", deaf, is_ready=says_here(layout, "deaf"), stop_seconds=0.2))
    supervisor.run(until=lambda: supervisor.is_settled)
    pid = pid_of(supervisor, "deaf")
    supervisor.stop()
    assert not proc.is_alive(pid)


def test_the_workers_of_a_killed_program_go_with_it(layout: Layout, program: Make, supervised: Supervise, wait_for: Wait) -> None:
    number = layout.root / "worker"
    parent = (
        "import subprocess, sys, time\n"
        f"worker = subprocess.Popen([sys.executable, '-c', {SLEEP!r}])\n"
        f"open({str(number)!r}, 'w').write(str(worker.pid))\n"
        "print('here')\n"
        "time.sleep(600)\n"
    )
    supervisor = supervised(program("web", parent, is_ready=says_here(layout, "web")))
    supervisor.run(until=lambda: supervisor.is_settled)
    worker = int(number.read_text())
    os.kill(pid_of(supervisor, "web"), signal.SIGKILL)
    supervisor.run(until=lambda: supervisor.children["web"].state == "pausing")
    wait_for(lambda: not proc.is_alive(worker))


def test_an_upgraded_binary_is_restarted(layout: Layout, program: Make, supervised: Supervise, monkeypatch: object) -> None:
    binary = layout.root / "postgres"
    binary.write_text("version 1")
    supervisor = supervised(program("postgres", SLEEP, binary=binary))
    supervisor.run(until=lambda: supervisor.is_settled)
    first = pid_of(supervisor, "postgres")
    (layout.root / "new").write_text("version 2")
    (layout.root / "new").rename(binary)
    supervisor.turn()
    assert pid_of(supervisor, "postgres") == first, "the package may still be half-way"
    monkeypatch.setattr(supervisor_module, "UPGRADE_QUIET_SECONDS", -1.0)  # type: ignore[attr-defined]
    supervisor.run(until=lambda: supervisor.is_settled and pid_of(supervisor, "postgres") != first)
    assert supervisor.failure is None


def test_nothing_outlives_a_supervisor_that_is_killed(layout: Layout, wait_for: Wait) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from deploy.launcher.supervisor import Program, Supervisor\n"
        f"program = Program('one', (sys.executable, '-c', {SLEEP!r}), {{}}, Path('/'))\n"
        "root = Path(sys.argv[2])\n"
        "Supervisor([program], root, root / 'status.json').run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(ROOT), str(layout.root)]) as supervising:
        status = layout.root / "status.json"
        wait_for(lambda: status.exists() and json.loads(status.read_text())["programs"]["one"]["pid"])
        child = json.loads(status.read_text())["programs"]["one"]["pid"]
        assert proc.is_alive(child)
        supervising.kill()
    wait_for(lambda: not proc.is_alive(child))


def test_a_zombie_does_not_count_as_alive() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as process:
        while proc.started_at(process.pid) is not None:
            time.sleep(0.01)
        assert Path(f"/proc/{process.pid}/stat").exists()
        assert not proc.is_alive(process.pid)
