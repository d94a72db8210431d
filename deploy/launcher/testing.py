"""`./pilgrim test`: linters and tests against servers of their own, which are thrown away afterwards."""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TextIO

from deploy.launcher.layout import OWNER_ROLE, SHORT_FOLDER, Layout, Refused
from deploy.launcher.postgres import throw_away_cluster
from deploy.launcher.programs import redis_program
from deploy.launcher.setup import Needs, node_environment, prepare
from deploy.launcher.steps import progress, say
from deploy.launcher.supervisor import Supervisor

LINTERS = (("ruff", "check", "."), ("ruff", "format", "--check", "."), ("mypy",))
# The suite runs in three lanes at once. These folders start processes and wait for them and for deadlines; browsers have a lane
# of their own; all others are the third, so that a new folder is in one of them whatever it is called.
WAITING = ("functional", "cardbank", "reader_agent", "virtual_card")
WITHOUT_BROWSER, IN_BROWSER = ("-m", "not browser"), ("-m", "browser")
LANES = (
    (*(f"tests/{folder}" for folder in WAITING), *WITHOUT_BROWSER),
    ("tests", *(f"--ignore=tests/{folder}" for folder in WAITING), *WITHOUT_BROWSER),
    ("tests", *IN_BROWSER),
)


def run_tests(layout: Layout, arguments: Sequence[str]) -> int:
    """Linters first, unless arguments choose tests; returns the first exit status that is not 0."""
    wants_browser = "not browser" not in " ".join(arguments)
    prepare(layout, Needs(tests=True, browser=wants_browser))
    linters = () if arguments else LINTERS
    for linter in linters:
        code = run_module(layout, linter, os.environ)
        if code:
            return code
    with tempfile.TemporaryDirectory(prefix="pilgrim-test-", dir=SHORT_FOLDER) as short:
        return run_with_servers(layout, arguments, Path(short))


def run_with_servers(layout: Layout, arguments: Sequence[str], short: Path) -> int:
    with throw_away_cluster(layout.state, layout.server_account) as cluster:
        programs = [cluster.program(), redis_program(layout, short / "redis.sock")]
        supervisor = Supervisor(programs, layout.logs / "test", short / "status.json")
        try:
            with progress("servers for the tests"):
                supervisor.run(until=lambda: supervisor.is_settled)
            if supervisor.failure:
                raise Refused(supervisor.failure)
            env = node_environment(layout) | {
                "PILGRIM_TEST_SERVER_URL": cluster.url(OWNER_ROLE, "postgres"),
                "PILGRIM_TEST_REDIS_URL": f"unix://{short / 'redis.sock'}",
                "PILGRIM_TEST_DURABLE_INITDB": str(cluster.binaries),
            }
            if arguments:
                return run_module(layout, ("pytest", *arguments), env)
            return run_lanes(layout, [("pytest", *lane) for lane in LANES], env)
        finally:
            supervisor.stop()


def run_lanes(layout: Layout, commands: Sequence[Sequence[str]], env: dict[str, str]) -> int:
    """Commands at the same time, each with a Redis database of its own. The first one's output is seen as it comes, that of
    the others whole afterwards; returns the first exit status that is not 0.
    """
    with ExitStack() as open_files:
        outputs = [open_files.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8")) for _ in commands[1:]]
        lanes = [
            start_module(layout, command, env | {"PILGRIM_TEST_REDIS_URL": f"{env['PILGRIM_TEST_REDIS_URL']}?db={number}"}, output)
            for number, (command, output) in enumerate(zip(commands, [None, *outputs], strict=True))
        ]
        codes = [lane.wait() for lane in lanes]
        for output in outputs:
            output.seek(0)
            shutil.copyfileobj(output, sys.stdout)
        sys.stdout.flush()
    return next((code for code in codes if code), 0)


def run_module(layout: Layout, command: Sequence[str], env: Mapping[str, str]) -> int:
    return start_module(layout, command, env).wait()


def start_module(
    layout: Layout, command: Sequence[str], env: Mapping[str, str], output: TextIO | None = None
) -> "subprocess.Popen[bytes]":
    say(f"         {' '.join(command)}")
    arguments = [str(layout.python), "-m", *command]
    return subprocess.Popen(
        arguments,
        cwd=layout.root,
        env={**env, "PYTHONPATH": str(layout.root)},
        stdout=output,
        stderr=None if output is None else subprocess.STDOUT,
    )
