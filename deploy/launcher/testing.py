"""`./pilgrim test`: linters and tests against servers of their own, which are thrown away afterwards."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from deploy.launcher.layout import OWNER_ROLE, SHORT_FOLDER, Layout, Refused
from deploy.launcher.postgres import throw_away_cluster
from deploy.launcher.programs import redis_program
from deploy.launcher.setup import Needs, node_environment, prepare
from deploy.launcher.steps import progress, say
from deploy.launcher.supervisor import Supervisor

LINTERS = (("ruff", "check", "."), ("mypy",))


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
            return run_module(layout, ("pytest", *arguments), env)
        finally:
            supervisor.stop()


def run_module(layout: Layout, command: Sequence[str], env: "os._Environ[str] | dict[str, str]") -> int:
    say(f"         {' '.join(command)}")
    arguments = [str(layout.python), "-m", *command]
    return subprocess.run(
        arguments, cwd=layout.root, env={**env, "PYTHONPATH": str(layout.root)}, check=False
    ).returncode
