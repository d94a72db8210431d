"""The bank, the processes of card and reader, and a terminal without a reader."""

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from pos_gateway.wire.dukpt import WorkingKeys
from reader_agent.config import TerminalConfig
from reader_agent.dukpt import TerminalKeys
from reader_agent.flash import Flash
from reader_agent.terminal import Terminal
from tests.reader_agent.bank import ROOT, Bank, Connection, Server, new_card_keys
from tests.reader_agent.presented import Tapped


@pytest.fixture
def terminal_config() -> dict[str, Any]:
    """What `pilgrim terminal new --json` prints, with fresh keys and no port yet."""
    return {
        "terminal": "TERM0001",
        "acceptor": "MERCHANT0000001",
        "tpdu": "6000010000",
        "host": "127.0.0.1",
        "port": 0,
        "key_profile": "01",
        "initial_key": secrets.token_hex(16),
        "initial_key_id": secrets.token_hex(8),
        "currency": "364",
        "language": "fa",
    }


@pytest.fixture
def bank(terminal_config: dict[str, Any]) -> Iterator[Bank]:
    """A served bank; its port is written into `terminal_config`."""
    bank = Bank(WorkingKeys(bytes.fromhex(terminal_config["initial_key"]), bytes.fromhex(terminal_config["initial_key_id"])))
    with Server(("127.0.0.1", 0), Connection) as server:
        server.bank, server.failures = bank, []  # type: ignore[attr-defined]
        terminal_config["port"] = server.server_address[1]
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        yield bank
        server.shutdown()
        serving.join()
        assert [error for error in server.failures if not isinstance(error, OSError)] == []  # type: ignore[attr-defined]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'nfc'}", "PYTHONWARNINGS": "default"}


class Process:
    """A child that speaks JSON lines on stdin and stdout; its stderr goes to a file."""

    def __init__(self, arguments: list[str], log: Path) -> None:
        self.log = log
        with log.open("wb") as stderr:
            self.child = subprocess.Popen(
                [sys.executable, *arguments],
                cwd=ROOT,
                env=_environment(),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
            )

    def send(self, line: object) -> None:
        assert self.child.stdin
        self.child.stdin.write((line if isinstance(line, str) else json.dumps(line)).encode() + b"\n")
        self.child.stdin.flush()

    def read(self) -> dict[str, Any]:
        assert self.child.stdout
        line = self.child.stdout.readline()
        assert line, f"the process ended: {self.log.read_text()}"
        return json.loads(line)

    def finish(self) -> int:
        """Close its stdin and wait."""
        assert self.child.stdin
        assert self.child.stdout
        self.child.stdin.close()
        code = self.child.wait(20)
        self.rest = self.child.stdout.read().decode()
        self.child.stdout.close()
        return code

    def kill(self) -> None:
        self.child.kill()
        self.child.wait()
        for stream in (self.child.stdin, self.child.stdout):
            if stream:
                with contextlib.suppress(OSError):
                    stream.close()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Process]]:
    """Start `python -m module arguments…`; what still runs at the end is killed."""
    running: list[Process] = []

    def launch(*arguments: str) -> Process:
        running.append(Process(["-m", *arguments], tmp_path / f"{arguments[0]}-{len(running)}.log"))
        return running[-1]

    yield launch
    for process in running:
        process.kill()


@pytest.fixture
def field_of(start: Callable[..., Process], tmp_path: Path) -> Callable[..., tuple[Process, int]]:
    """Start a traced field with these exported cards; returns it and its port."""

    def serve(*cards: dict[str, Any]) -> tuple[Process, int]:
        files = []
        for card in cards:
            path = tmp_path / f"{card['uid']}.json"
            path.write_text(json.dumps(card))
            files.append(str(path))
        process = start("virtual_card", "--field", "--trace", "--udp", "0", "--keys", *files)
        return process, process.read()["port"]

    return serve


@pytest.fixture
def till_at(start: Callable[..., Process], tmp_path: Path, terminal_config: dict[str, Any]) -> Callable[..., Process]:
    """Start the production reader agent at a UDP port, looping over stdin."""

    def serve(port: int, *options: str) -> Process:
        config = tmp_path / "terminal.json"
        config.write_text(json.dumps(terminal_config))
        return start(
            "reader_agent",
            "--config",
            str(config),
            "--device",
            f"udp:127.0.0.1:{port}",
            "--amounts",
            "stdin",
            "--loop",
            "--response-seconds",
            "1",
            "--card-seconds",
            "5",
            *options,
        )

    return serve


@pytest.fixture
def card_keys() -> dict[str, Any]:
    return new_card_keys()


@pytest.fixture
def other_card_keys() -> dict[str, Any]:
    return new_card_keys()


@pytest.fixture
def wait_until() -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition, at most ten seconds."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not condition():
            assert time.monotonic() < deadline
            time.sleep(0.01)

    return wait


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[..., Terminal]]:
    """Open a terminal for a configuration; closed at the end."""
    closing: list[Any] = []

    def open_terminal(config: dict[str, Any], **options: Any) -> Terminal:
        parsed = TerminalConfig.from_object(config)
        keys = TerminalKeys(parsed.initial_key, parsed.initial_key_id)
        flash = Flash(tmp_path / "terminal.flash", parsed.terminal, keys)
        flash._numbers["invoice"] = 122
        terminal = Terminal(parsed, flash, keys, response_seconds=options.pop("seconds", 1.0), **options)
        closing.extend((terminal, flash))
        return terminal

    yield open_terminal
    for each in closing:
        each.close()


@pytest.fixture
def tapped(bank: Any, card_keys: dict[str, Any]) -> Tapped:
    bank.issue(card_keys)
    return Tapped(card_keys)
