"""Steps of set-up: a line of progress each, a stamp when done, one run at a time."""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.launcher.layout import Layout, Refused

ENOUGH_TO_INSTALL_MB = 3000
ENOUGH_TO_RUN_MB = 300
LARGEST_LOG_BYTES = 10_000_000
MADE_BY_TOOLS = {"__pycache__", "node_modules"}


def say(text: str, end: str = "\n") -> None:
    """Progress for the person, on standard error so that standard output holds results only."""
    print(text, end=end, file=sys.stderr, flush=True)


@contextmanager
def progress(label: str) -> Iterator[None]:
    """Print the label now and its seconds when it is done; where output is not a terminal, one line at the end."""
    waiting = sys.stderr.isatty()
    if waiting:
        say(f"  …    s  {label}", end="\r")
    began = time.monotonic()
    yield
    say(f"{time.monotonic() - began:5.1f} s  {label}")


def hash_of(inputs: Iterable[Path | str]) -> str:
    """SHA-256 over texts, and over the names and contents of files; a folder is walked in order of names."""
    digest = hashlib.sha256()
    for part in inputs:
        if isinstance(part, str):
            digest.update(part.encode() + b"\0")
            continue
        for file in [part] if part.is_file() else files_under(part):
            digest.update(os.fsencode(file.relative_to(part.parent)) + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def files_under(folder: Path) -> Iterator[Path]:
    """Files in order of names, without what tools put there; none where the folder is missing."""
    for path, folders, names in os.walk(folder):
        folders[:] = sorted(set(folders) - MADE_BY_TOOLS)
        yield from (Path(path, name) for name in sorted(names))


class Stamp:
    """A file that holds the hash of what a step was done with."""

    def __init__(self, folder: Path, name: str, inputs: Iterable[Path | str]) -> None:
        self.file = folder / name
        self.value = hash_of(inputs)

    @property
    def is_current(self) -> bool:
        return self.file.exists() and self.file.read_text() == self.value

    def set(self) -> None:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        partial = self.file.with_name(self.file.name + ".new")
        partial.write_text(self.value)
        partial.rename(self.file)

    def clear(self) -> None:
        self.file.unlink(missing_ok=True)


def stamped(stamp: Stamp, label: str, action: Callable[[], None], is_there: bool = True) -> None:
    """Run the action unless its stamp is current and what it makes is there; stamp it only when it has ended well."""
    if stamp.is_current and is_there:
        return
    stamp.clear()
    with progress(label):
        action()
    stamp.set()


def rotate(log: Path) -> Path:
    """Put a log that has grown large aside, keeping one older one; returns its path."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LARGEST_LOG_BYTES:
        log.replace(log.with_name(log.name + ".1"))
    return log


class CommandFailed(Exception):
    """A command of set-up ended badly; `tail` holds the last lines it wrote."""

    def __init__(self, command: Sequence[str], tail: list[str]) -> None:
        super().__init__(f"{Path(command[0]).name} failed: {tail[-1] if tail else 'it said nothing'}")
        self.tail = tail


def run_quietly(layout: Layout, command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None) -> None:
    """Run a command of set-up into var/log/setup.log. Raises CommandFailed with its last lines."""
    log = rotate(layout.logs / "setup.log")
    with log.open("ab") as out:
        out.write(("$ " + " ".join(command) + "\n").encode())
        out.flush()
        begin = out.tell()
        code = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env=env,
            cwd=cwd or layout.root,
            check=False,
        ).returncode
    if code:
        raise CommandFailed(command, tail_of(log, begin))


def tail_of(log: Path, begin: int = 0, lines: int = 12) -> list[str]:
    """The last lines of a log that are not blank, from an offset on."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(max(begin, log.stat().st_size - 20_000))
        text = file.read().decode(errors="replace")
    return [line.rstrip() for line in text.splitlines() if line.strip()][-lines:]


@contextmanager
def one_at_a_time(layout: Layout) -> Iterator[None]:
    """Hold var/setup.lock, so that two runs never set up at once; the second waits for the first."""
    layout.var.mkdir(exist_ok=True)
    if not os.access(layout.var, os.W_OK):
        raise Refused(f"{layout.var} belongs to another user; run as that user, or remove it.")
    with (layout.var / "setup.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another ./pilgrim is setting up here; waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def check_space(folder: Path, needed_mb: int) -> None:
    """Raises Refused where the disk has less room than this; a full disk would stop the database half-way."""
    facts = os.statvfs(folder)
    free_mb = facts.f_bavail * facts.f_frsize // 1_000_000
    if free_mb < needed_mb:
        raise Refused(f"Only {free_mb} MB are free on the disk of {folder}; {needed_mb} MB are needed.")
