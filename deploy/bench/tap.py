"""A tap in software, from card sensed to receipt: four readers with their cards, twenty taps a second together.

Runs the demonstration's own drive against teller and gateway over a database with fsync on. `tap_ms` is the whole tap,
`stages_ms` its parts. The portal and the background workers of the demonstration do not run beside it.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from deploy.bench.cluster import ROOT, durable_cluster, environment, migrated_database, wait_until
from deploy.bench.gateway import gateway
from deploy.bench.teller import rolling_up, teller
from deploy.launcher.layout import Layout
from deploy.launcher.programs import redis_program


def run(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.bench tap", description=__doc__)
    parser.add_argument("--json", action="store_true", help="print one object and nothing else")
    parser.add_argument("--taps", type=int, default=1_000)
    parser.add_argument("--readers", type=int, default=4)
    parser.add_argument("--rate", type=float, default=20.0, help="taps a second, all readers together")
    options = parser.parse_args(arguments)
    with durable_cluster() as cluster:
        address = migrated_database(cluster, "bench")
        run_dir = cluster.sockets
        with redis_server(run_dir) as redis_url:
            for verb in (("keys", "init"), ("seed",)):
                command(address, run_dir, redis_url, "deploy.commands", *verb)
            with teller(address, run_dir), rolling_up(address), gateway(address, run_dir, redis_url) as port:
                summary = drive(address, run_dir, redis_url, port, options)
    p95 = summary["tap_ms"]["p95"]
    print(json.dumps({"p95_ms": p95} | summary, indent=None if options.json else 2, ensure_ascii=False))
    return 0 if summary["failed"] == 0 else 1


def drive(address: str, run_dir: Path, redis_url: str, port: int, options: argparse.Namespace) -> dict[str, Any]:
    """The summary of the demonstration's drive."""
    file = run_dir / "taps.json"
    command(
        address, run_dir, redis_url, "deploy.demo.drive", "--taps", str(options.taps), "--readers", str(options.readers),
        "--rate", str(options.rate), "--json", str(file), PILGRIM_GATEWAY_BIND=f"127.0.0.1:{port}",
    )  # fmt: skip
    summary: dict[str, Any] = json.loads(file.read_text())
    return summary


def command(address: str, run_dir: Path, redis_url: str, module: str, *arguments: str, **settings: str) -> None:
    """Run a module with the bench's settings. Raises CalledProcessError."""
    own = environment(address, run_dir) | {"REDIS_URL": redis_url} | settings
    subprocess.run([sys.executable, "-m", module, *arguments], cwd=ROOT, env=own, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis of the bench's own. Yields its address."""
    path = folder / "redis.sock"
    program = redis_program(Layout(ROOT), path)
    server = subprocess.Popen(program.command, env=dict(os.environ) | dict(program.environment or {}), stdout=subprocess.DEVNULL)
    try:
        wait_until(path.exists, "Redis")
        yield f"unix://{path}"
    finally:
        server.terminate()
        server.wait()
