"""A PostgreSQL cluster of its own for one benchmark, as durable as the real one, and TPC-B in it as the anchor."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from deploy.launcher.layout import OWNER_ROLE, SHORT_FOLDER, Layout
from deploy.launcher.postgres import Cluster

ROOT = Path(__file__).parents[2]
TPCB_DATABASE = "tpcb"
TPCB_SCALE = 50


class Server:
    """The running server of a cluster; `kill` is kill -9 of the postmaster."""

    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        program = self.cluster.program()
        self.cluster.clear_leftovers()
        self._process = subprocess.Popen(
            program.command,
            cwd="/",
            env=dict(program.environment),
            stderr=subprocess.DEVNULL,
            **self.cluster.identity,
        )
        wait_until(self.cluster.is_ready, "the database server")

    def stop(self) -> None:
        self._end(signal.SIGINT)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None


@contextmanager
def durable_cluster() -> Iterator[Cluster]:
    """A fresh cluster with fsync on and its server running; removed afterwards."""
    with durable_server() as server:
        yield server.cluster


@contextmanager
def durable_server() -> Iterator[Server]:
    """The same with a hand on the server. The unprivileged server user runs it when root asks."""
    account = Layout(ROOT).server_account
    folder = Path(tempfile.mkdtemp(prefix="pilgrim-bench-", dir=SHORT_FOLDER))
    os.chown(folder, account.pw_uid, account.pw_gid)
    server: Server | None = None
    try:
        server = Server(Cluster.open(folder / "data", folder, account))
        server.start()
        yield server
    finally:
        if server is not None:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def wait_until(is_so: Callable[[], bool], what: str, seconds: float = 30.0) -> None:
    """Raises TimeoutError when `is_so` does not come true in time."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            raise TimeoutError(f"{what} did not start within {seconds:.0f} s")
        time.sleep(0.05)


def migrated_database(cluster: Cluster, name: str) -> str:
    """A new database with all migrations. Returns its owner's address."""
    with psycopg.connect(cluster.url(OWNER_ROLE, "postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
    address = cluster.url(OWNER_ROLE, name)
    subprocess.run(
        [sys.executable, "-m", "alembic", "-c", "deploy/alembic.ini", "upgrade", "head"],
        cwd=ROOT,
        env=environment(address, cluster.sockets),
        check=True,
        capture_output=True,
    )
    return address


def environment(address: str, run_dir: Path) -> dict[str, str]:
    """The settings of a laboratory process on that database."""
    own = {key: value for key, value in os.environ.items() if not key.startswith("PILGRIM_")}
    return own | {
        "PYTHONPATH": str(ROOT),
        "DATABASE_URL": address,
        "PILGRIM_ADMIN_DATABASE_URL": address,
        "REDIS_URL": "redis://unused",
        "PILGRIM_ENVIRONMENT": "laboratory",
        "PILGRIM_RUN_DIR": str(run_dir),
        "PILGRIM_TELLER_SOCKET": str(run_dir / "teller.sock"),
        "PILGRIM_SECRET_KEY": "benchmark-only-" + "x" * 32,
        "PILGRIM_KEYSTORE_FILE": str(run_dir / "keystore.json"),
        "PILGRIM_LOG_LEVEL": "WARNING",
    }


class Tpcb:
    """pgbench's TPC-B-like script, prepared, 8 clients, at scale 50."""

    def __init__(self, cluster: Cluster) -> None:
        self._pgbench = str(cluster.binaries / "pgbench")
        self._address = cluster.url(OWNER_ROLE, TPCB_DATABASE)
        with psycopg.connect(cluster.url(OWNER_ROLE, "postgres"), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {TPCB_DATABASE}")
        self._call("-i", "-q", "-s", str(TPCB_SCALE))

    def run(self, seconds: int) -> float:
        """Transactions per second, without the time to connect."""
        output = self._call("-M", "prepared", "-c", "8", "-j", "2", "-T", str(seconds))
        found = re.search(r"tps = ([0-9.]+) \(without", output)
        if found is None:
            raise RuntimeError("pgbench did not state its rate")
        return float(found[1])

    def _call(self, *arguments: str) -> str:
        done = subprocess.run(
            [self._pgbench, *arguments, self._address],
            capture_output=True,
            text=True,
            check=True,
            env={"PATH": os.defpath},
        )
        return done.stdout
