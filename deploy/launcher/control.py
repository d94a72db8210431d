"""Starting, watching and stopping the supervisor, which is a process of its own."""

import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from deploy.launcher import proc
from deploy.launcher.layout import Layout, Refused, environment, is_production
from deploy.launcher.programs import BINDS, all_programs, check_ports, preparation_stamp, python_of
from deploy.launcher.setup import Needs, prepare
from deploy.launcher.steps import rotate, say, tail_of
from deploy.launcher.supervisor import Supervisor, run_to_end

START_SECONDS = 180.0
STOP_SECONDS = 90.0
UP = ("ready", "done")
WITHOUT_APPLICATIONS = "--without-applications"


def lock_of(layout: Layout) -> IO[str] | None:
    """The lock a supervisor holds while it lives, opened and taken; None if another one holds it."""
    layout.var.mkdir(exist_ok=True)
    lock = (layout.var / "supervisor.lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def is_running(layout: Layout) -> bool:
    lock = lock_of(layout)
    if lock:
        lock.close()
    return lock is None


def read_status(layout: Layout) -> dict[str, Any]:
    """The status file, or what an absent one means."""
    try:
        status: dict[str, Any] = json.loads(layout.status_file.read_text())
    except FileNotFoundError:
        return {
            "supervisor": {"pid": None, "started": None},
            "failure": None,
            "addresses": {},
            "programs": {},
        }
    return status


def supervise(layout: Layout, with_applications: bool) -> int:
    """The supervising process itself: `./pilgrim supervise`, started by the commands below."""
    lock = lock_of(layout)
    if lock is None:
        raise Refused(already_running(layout))
    with lock:
        end_orphans(layout)
        programs = all_programs(layout, with_applications)
        env = environment(layout)
        binds = {key: env[key] for key in BINDS} if with_applications else {}
        run_to_end(Supervisor(programs, layout.logs, layout.status_file, binds))
    return 0


def command_environment(layout: Layout) -> dict[str, str]:
    """The environment of a command: of the copy that is up it takes where that copy really listens."""
    env = environment(layout)
    if not is_production() and is_running(layout):
        env |= read_status(layout).get("addresses", {})
    return env


def already_running(layout: Layout) -> str:
    pid = read_status(layout)["supervisor"]["pid"]
    return f"A copy is already running here (process {pid}); ./pilgrim down stops it."


def end_orphans(layout: Layout) -> None:
    """End what a killed supervisor left: the status file names each process and when it began."""
    programs = read_status(layout)["programs"].values()
    left = [facts["pid"] for facts in programs if facts["pid"] and proc.is_alive(facts["pid"], facts["started"])]
    if left:
        say(f"Stopping {len(left)} processes that an earlier run left.")
        proc.end(left, signal.SIGTERM, 10)
    layout.status_file.unlink(missing_ok=True)


def check_laboratory() -> None:
    """Raises Refused in production, whose servers and data are not the launcher's to start and to seed."""
    if is_production():
        raise Refused("This starts the laboratory; in production start web, gateway, teller, worker and beat each.")


def start(layout: Layout, attached: bool, with_applications: bool = True) -> "subprocess.Popen[bytes]":
    """Start a supervisor and wait until what is needed is ready. Raises Refused if it does not get there.

    An attached supervisor stops everything when this process ends, even by kill -9.
    """
    if with_applications:
        check_ports(environment(layout))
    flags = [] if with_applications else [WITHOUT_APPLICATIONS]
    log = rotate(layout.logs / "supervisor.log")
    begin = log.stat().st_size if log.exists() else 0
    with log.open("ab") as out:
        supervisor = subprocess.Popen(
            [sys.executable, str(layout.root / "pilgrim"), "supervise", *flags],
            cwd=layout.root,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            start_new_session=True,
            preexec_fn=proc.die_with_parent(signal.SIGTERM) if attached else None,  # noqa: PLW1509 - one thread
        )
    try:
        watch_start(layout, supervisor, begin)
        if "DATABASE_URL" not in os.environ:
            preparation_stamp(layout).set()
    except BaseException:
        stop(supervisor)
        raise
    return supervisor


def watch_start(layout: Layout, supervisor: "subprocess.Popen[bytes]", log_begin: int) -> None:
    """Print each program as it becomes ready; return when all that are needed are."""
    told: set[str] = set()
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if supervisor.poll() is not None:
            said = tail_of(layout.logs / "supervisor.log", log_begin, lines=1)
            raise Refused("".join(said) or f"The supervisor ended with status {supervisor.returncode}.")
        status = read_status(layout)
        programs = status["programs"] if status["supervisor"]["pid"] == supervisor.pid else {}
        for name, facts in programs.items():
            if facts["state"] in UP and name not in told:
                told.add(name)
                say(f"{facts['start_seconds']:5.1f} s  {name}")
        if programs and all(facts["state"] in UP for facts in programs.values() if facts["is_needed"]):
            return
        time.sleep(0.03)
    raise Refused(f"Not ready after {START_SECONDS:.0f} seconds; see {layout.logs}.")


def stop(supervisor: "subprocess.Popen[bytes]") -> None:
    """Stop a supervisor of ours and everything under it; a further Ctrl-C does not cut this short."""
    earlier = signal.signal(signal.SIGINT, signal.SIG_IGN)
    supervisor.terminate()
    try:
        supervisor.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        supervisor.kill()
        supervisor.wait()
    signal.signal(signal.SIGINT, earlier)


@contextmanager
def running(layout: Layout) -> Iterator[None]:
    """What is up already, or else a start for the time of one command; production runs its servers itself."""
    if is_production() or is_running(layout):
        yield
        return
    prepare(layout, Needs(database="DATABASE_URL" not in os.environ))
    supervisor = start(layout, attached=True, with_applications=False)
    try:
        yield
    finally:
        stop(supervisor)


def up(layout: Layout) -> None:
    """Start everything in the background; if it is up already, that is as good."""
    check_laboratory()
    if is_running(layout):
        say(already_running(layout))
        check_all_up(layout)
        return
    prepare(layout, Needs(database="DATABASE_URL" not in os.environ))
    start(layout, attached=False)


def check_all_up(layout: Layout) -> None:
    """Raises Refused if a program that is needed is not up."""
    programs = read_status(layout)["programs"]
    if "web" not in programs:
        raise Refused("Another command is using the database here; try again when it has ended.")
    for name, facts in programs.items():
        if facts["is_needed"] and facts["state"] not in UP:
            raise Refused(f"{name} is {facts['state']}; see {layout.logs / name}.log, and ./pilgrim status.")


def down(layout: Layout) -> int:
    """Stop the background copy; also what a killed one left."""
    if not is_running(layout):
        end_orphans(layout)
        say("Nothing is running here.")
        return 0
    supervisor = read_status(layout)["supervisor"]
    if not proc.is_alive(supervisor["pid"] or 0, supervisor["started"]):
        raise Refused("A supervisor is only just starting; try again in a moment.")
    os.kill(supervisor["pid"], signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while is_running(layout):
        if time.monotonic() > deadline:
            raise Refused(f"The supervisor (process {supervisor['pid']}) does not end; see {layout.logs}.")
        time.sleep(0.05)
    say("Stopped.")
    return 0


def status(layout: Layout) -> int:
    """A line for each program; 0 only if all are up."""
    if not is_running(layout):
        print("Nothing is running here; ./pilgrim up starts it.")
        return 1
    states = {}
    for name, facts in read_status(layout)["programs"].items():
        alive = facts["pid"] and proc.is_alive(facts["pid"], facts["started"])
        states[name] = "gone" if facts["state"] == "ready" and not alive else facts["state"]
        process = f"process {facts['pid']}" if alive else ""
        print(f"{name:10} {states[name]:9} {process:16} restarts {facts['restarts']}")
    return 0 if states and all(state in UP for state in states.values()) else 1


def addresses(layout: Layout) -> dict[str, Any]:
    """Where each door, database and queue is."""
    env = command_environment(layout)
    return {
        "portal": f"http://{env['PILGRIM_WEB_BIND']}",
        "mobile_api": f"http://{env['PILGRIM_WEB_BIND']}/api/v1",
        "openapi": f"http://{env['PILGRIM_WEB_BIND']}/api/v1/openapi.json",
        "pos_gateway": env["PILGRIM_GATEWAY_BIND"],
        "database_url": env["PILGRIM_ADMIN_DATABASE_URL"],
        "app_database_url": env["DATABASE_URL"],
        "redis_url": env["REDIS_URL"],
    }


def sign_ins(layout: Layout) -> list[dict[str, str]]:
    """The seeded people of the laboratory. Raises Refused if they cannot be listed."""
    command = [python_of(layout), "-m", "deploy.commands", "sign-ins", "--json"]
    done = subprocess.run(command, cwd=layout.root, env=command_environment(layout), capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"The sign-ins cannot be listed: {last_line(done.stderr)}")
    listed: list[dict[str, str]] = json.loads(done.stdout)
    return listed


def last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "it said nothing"


def run_command(layout: Layout, arguments: list[str], cwd: Path | None = None) -> int:
    """Run a Python module with the programs' environment, its output passed through; returns its exit status."""
    command = [python_of(layout), "-m", *arguments]
    env = command_environment(layout)
    return subprocess.run(command, cwd=cwd or layout.root, env=env, check=False).returncode
