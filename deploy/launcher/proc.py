"""What /proc says about processes and ports (proc(5)), and a child that dies with its parent (prctl(2))."""

import ctypes
import os
import signal
import socket
import time
from collections.abc import Callable, Iterable
from pathlib import Path

PR_SET_PDEATHSIG = 1
LISTENING = "0A"
_libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent(stop_signal: int) -> Callable[[], None]:
    """For Popen's preexec_fn: the kernel sends the child this signal when its parent ends, however it ends."""
    parent = os.getpid()

    def set_signal() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, stop_signal)
        if os.getppid() != parent:
            os.kill(os.getpid(), stop_signal)

    return set_signal


def started_at(pid: int) -> int | None:
    """Clock ticks after boot at which the process began; None if there is none or only a zombie is left."""
    try:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if after_name[0] in "ZX" else int(after_name[19])


def is_alive(pid: int, started: int | None = None) -> bool:
    """True if the process runs; with `started`, only if it is the same one and not a later one of its number."""
    now = started_at(pid)
    return now is not None and started in (None, now)


def working_in(directory: Path) -> list[int]:
    """The processes whose working directory this is: PostgreSQL's are all in their data directory."""
    found = []
    for link in Path("/proc").glob("[0-9]*/cwd"):
        try:
            if link.readlink() == directory:
                found.append(int(link.parent.name))
        except OSError:
            continue
    return [pid for pid in found if is_alive(pid)]


def end(pids: Iterable[int], stop_signal: int, seconds: float) -> None:
    """Send the signal, wait, and kill what is left after so many seconds."""
    left = [pid for pid in pids if _send(pid, stop_signal)]
    deadline = time.monotonic() + seconds
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [pid for pid in left if is_alive(pid)]
    for pid in left:
        _send(pid, signal.SIGKILL)


def _send(pid: int, number: int) -> bool:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return False
    return True


def port_holder(host: str, port: int) -> str | None:
    """Who listens on the port, as `name (process N)`; None if it is free."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            return None
        except OSError:
            pass
    for pid in _holders_of(_listening_inodes(port)):
        return f"{Path(f'/proc/{pid}/comm').read_text().strip()} (process {pid})"
    return "another program"


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        lines = Path(table).read_text().splitlines()[1:] if Path(table).exists() else []
        for columns in map(str.split, lines):
            if columns[3] == LISTENING and int(columns[1].rpartition(":")[2], 16) == port:
                inodes.add(f"socket:[{columns[9]}]")
    return inodes


def _holders_of(links: set[str]) -> Iterable[int]:
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(descriptor.readlink()) in links:
                yield int(descriptor.parts[2])
        except OSError:
            continue
