"""Starts programs in the order of their needs, restarts them with growing pauses, stops them in reverse."""

import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Self

from deploy.launcher import proc
from deploy.launcher.layout import Refused
from deploy.launcher.steps import rotate, tail_of

READY_SECONDS = 60.0
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
STEADY_SECONDS = 60.0
FIRST_STARTS = 3
UPGRADE_QUIET_SECONDS = 20.0


@dataclass(frozen=True)
class Program:
    """One process of ours.

    after         names of programs that must be ready (a one-time command: ended well) before this one starts
    is_ready      a probe that answers within two seconds; without one, being alive has to do
    is_needed     the whole start fails with it; the others are tried again for ever
    once          a one-time command: ready when it has ended with status 0
    before_start  what has to be cleared away first, as an earlier run's socket
    binary        a file whose replacement by an upgrade calls for a restart
    identity      arguments of Popen that choose another user
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    directory: Path
    after: tuple[str, ...] = ()
    is_ready: Callable[[], bool] | None = None
    is_needed: bool = True
    once: bool = False
    before_start: Callable[[], None] | None = None
    identity: Mapping[str, Any] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 15.0
    binary: Path | None = None


State = Literal["waiting", "starting", "ready", "done", "pausing", "stopped"]


class Child:
    """A program's present process, if any, and how its starts have gone."""

    def __init__(self, program: Program, log: Path) -> None:
        self.program = program
        self.log = log
        self.log_begin = 0
        self.state: State = "waiting"
        self.process: subprocess.Popen[bytes] | None = None
        self.since = time.monotonic()
        self.pause = FIRST_PAUSE_SECONDS
        self.starts = 0
        self.was_ready = False
        self.start_seconds = 0.0
        self.binary_mark = _mark(program.binary)

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def start(self) -> None:
        """Start the process. Raises OSError if its file is not there or may not be run."""
        program = self.program
        if program.before_start:
            program.before_start()
        self.binary_mark = _mark(program.binary)
        self.starts += 1
        with rotate(self.log).open("ab") as out:
            self.log_begin = out.tell()
            self.process = subprocess.Popen(
                program.command,
                cwd=program.directory,
                env=program.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=proc.die_with_parent(program.stop_signal),  # noqa: PLW1509 - there is one thread
                **program.identity,
            )
        self.enter("starting")

    def enter(self, state: State) -> None:
        now = time.monotonic()
        if state in ("ready", "done"):
            self.start_seconds = now - self.since
        self.state = state
        self.since = now
        self.was_ready = self.was_ready or state == "ready"

    def seems_ready(self) -> bool:
        return self.program.is_ready() if self.program.is_ready else not self.program.once

    def has_been_upgraded(self) -> bool:
        """True if the binary was replaced on disk, long enough ago for the rest of its package to be there."""
        mark = _mark(self.program.binary)
        return mark is not None and mark != self.binary_mark and time.time() - mark[1] > UPGRADE_QUIET_SECONDS

    def end_group(self) -> None:
        """Kill what a dead program left in its process group, as a web server's workers that hold its port."""
        if self.process:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)


def _mark(binary: Path | None) -> tuple[int, float] | None:
    if binary is None or not binary.exists():
        return None
    facts = binary.stat()
    return facts.st_ino, facts.st_ctime


class Supervisor:
    """Runs programs until told to stop; `status_file` always tells how they are, and `addresses` where.

    It is single-threaded: a child's death signal follows the thread that started it.
    """

    def __init__(
        self,
        programs: Sequence[Program],
        logs: Path,
        status_file: Path,
        addresses: Mapping[str, str] | None = None,
    ) -> None:
        self.children = {program.name: Child(program, logs / f"{program.name}.log") for program in programs}
        self.status_file = status_file
        self.addresses = dict(addresses or {})
        self.failure: str | None = None
        self.must_stop = False
        self.reported = ""

    def run(self, until: Callable[[], bool] = lambda: False) -> None:
        """Run until stopped by a signal, until a needed program fails at first start, or until the condition."""
        with _Waker() as waker:
            self.turn()
            while not self.must_stop and self.failure is None and not until():
                waker.wait(1.0 if self.is_settled else 0.05)
                self.turn()

    @property
    def is_settled(self) -> bool:
        return all(child.state in ("ready", "done") for child in self.children.values())

    def ask_to_stop(self, *_: object) -> None:
        self.must_stop = True

    def turn(self) -> None:
        """Look at every program once and do what is due."""
        for child in self.children.values():
            if child.state in ("starting", "ready") and not child.is_running:
                self.has_ended(child)
            elif child.state == "starting":
                self.check_ready(child)
            elif child.state == "ready":
                self.check_steady(child)
            elif child.state in ("waiting", "pausing") and self.may_start(child):
                self.start(child)
        self.report()

    def start(self, child: Child) -> None:
        try:
            child.start()
        except OSError as error:
            self.failure = f"{child.program.name} cannot be started: {error.strerror} ({error.filename})"
        except Refused as refusal:
            if child.was_ready:  # what is left of its last process goes within moments
                child.enter("pausing")
            else:
                self.failure = str(refusal)

    def may_start(self, child: Child) -> bool:
        if child.state == "pausing" and time.monotonic() - child.since < child.pause:
            return False
        return all(self.children[name].state in ("ready", "done") for name in child.program.after)

    def check_ready(self, child: Child) -> None:
        if child.seems_ready():
            child.enter("ready")
        elif not child.program.once and time.monotonic() - child.since > READY_SECONDS:
            proc.end([child.process.pid] if child.process else [], child.program.stop_signal, 5)

    def check_steady(self, child: Child) -> None:
        if time.monotonic() - child.since > STEADY_SECONDS:
            child.pause = FIRST_PAUSE_SECONDS
        if child.process and child.has_been_upgraded():
            child.binary_mark = _mark(child.program.binary)
            child.process.send_signal(child.program.stop_signal)

    def has_ended(self, child: Child) -> None:
        code = child.process.returncode if child.process else None
        child.end_group()
        if child.program.once and code == 0:
            child.enter("done")
            return
        if child.program.is_needed and not child.was_ready and (child.program.once or child.starts >= FIRST_STARTS):
            said = tail_of(child.log, child.log_begin, lines=1)
            self.failure = f"{child.program.name} does not start (see {child.log}): {''.join(said) or 'it said nothing'}"
        if child.state == "ready" and time.monotonic() - child.since > STEADY_SECONDS:
            child.pause = FIRST_PAUSE_SECONDS
        elif child.starts > 1:
            child.pause = min(2 * child.pause, LONGEST_PAUSE_SECONDS)
        child.enter("pausing")

    def report(self) -> None:
        """Write the status file when anything in it has changed; it is replaced whole."""
        status = {
            "supervisor": {"pid": os.getpid(), "started": proc.started_at(os.getpid())},
            "failure": self.failure,
            "addresses": self.addresses,
            "programs": {name: _facts(child) for name, child in self.children.items()},
        }
        text = json.dumps(status, indent=1)
        if text != self.reported:
            partial = self.status_file.with_name(self.status_file.name + ".new")
            partial.write_text(text)
            partial.rename(self.status_file)
            self.reported = text

    def stop(self) -> None:
        """Stop every program, each before those it needs; what does not end in its time is killed."""
        running = {name: child for name, child in self.children.items() if child.is_running}
        while running:
            needed = {name for child in running.values() for name in self.needs_of(child)}
            layer = {name: child for name, child in running.items() if name not in needed}
            for child in layer.values():
                _signal(child, child.program.stop_signal)
            for child in layer.values():
                _wait(child)
            running = {name: child for name, child in running.items() if name not in layer}
        self.report()

    def needs_of(self, child: Child) -> set[str]:
        """Everything the program needs, directly or not."""
        found: set[str] = set()
        for name in child.program.after:
            found |= {name} | self.needs_of(self.children[name])
        return found


def _facts(child: Child) -> dict[str, object]:
    pid = child.process.pid if child.process and child.is_running else None
    return {
        "state": child.state,
        "pid": pid,
        "started": proc.started_at(pid) if pid else None,
        "start_seconds": round(child.start_seconds, 2),
        "restarts": max(0, child.starts - 1),
        "is_needed": child.program.is_needed,
    }


def _signal(child: Child, number: int) -> None:
    if child.process and child.is_running:
        child.process.send_signal(number)


def _wait(child: Child) -> None:
    if child.process is None:
        return
    try:
        child.process.wait(child.program.stop_seconds)
    except subprocess.TimeoutExpired:
        child.process.kill()
        child.process.wait()
    child.end_group()
    child.enter("stopped")


class _Waker:
    """Sleeps for a while, or until a signal comes: a dead child is noticed at once."""

    def __enter__(self) -> Self:
        self.reader, self.writer = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self.earlier_fd = signal.set_wakeup_fd(self.writer, warn_on_full_buffer=False)
        self.earlier_handler = signal.signal(signal.SIGCHLD, lambda *_: None)
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.reader, selectors.EVENT_READ)
        return self

    def wait(self, seconds: float) -> None:
        if self.selector.select(seconds):
            os.read(self.reader, 4096)

    def __exit__(self, *_: object) -> None:
        signal.set_wakeup_fd(self.earlier_fd)
        signal.signal(signal.SIGCHLD, self.earlier_handler)
        self.selector.close()
        os.close(self.reader)
        os.close(self.writer)


def run_to_end(supervisor: Supervisor) -> None:
    """The life of a supervising process: run until SIGTERM or SIGINT, then stop all. Raises Refused on failure."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, supervisor.ask_to_stop)
    try:
        supervisor.run()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
    if supervisor.failure:
        raise Refused(supervisor.failure)
