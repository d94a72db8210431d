"""What the launcher's tests share: a private clone's layout and short programs that are real processes."""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.launcher.layout import Layout
from deploy.launcher.supervisor import Program, Supervisor


@pytest.fixture
def layout() -> Iterator[Layout]:
    """A clone with nothing in it. Pytest's own folders are closed to the user who runs the database server."""
    with tempfile.TemporaryDirectory(prefix="pilgrim-clone-") as folder:
        Path(folder).chmod(0o755)
        made = Layout(Path(folder))
        made.var.mkdir()
        yield made


@pytest.fixture
def program(layout: Layout) -> Callable[..., Program]:
    """Makes a program out of a line of Python."""

    def make(name: str, code: str, **more: Any) -> Program:
        return Program(name, (sys.executable, "-S", "-u", "-c", code), dict(os.environ), layout.root, **more)

    return make


@pytest.fixture
def supervised(layout: Layout) -> Iterator[Callable[..., Supervisor]]:
    """Makes supervisors, and stops them when the test ends."""
    made: list[Supervisor] = []

    def make(*programs: Program) -> Supervisor:
        made.append(Supervisor(programs, layout.logs, layout.status_file))
        return made[-1]

    yield make
    for supervisor in made:
        supervisor.stop()


@pytest.fixture
def wait_for() -> Callable[[Callable[[], object]], None]:
    """Waits until something is true, and fails if it does not come true in a generous time."""

    def wait(condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + 120
        while not condition():
            assert time.monotonic() < deadline, "it did not come true"
            time.sleep(0.02)

    return wait
