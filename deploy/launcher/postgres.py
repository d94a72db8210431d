"""The embedded PostgreSQL cluster: made once, run as a program of the supervisor, reached over a private socket."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.launcher import proc
from deploy.launcher.layout import APP_ROLE, OWNER_ROLE, POSTGRES_PORT, SHORT_FOLDER, Refused, database_url
from deploy.launcher.supervisor import Program

OLDEST_POSTGRES = 15
POSTGRES_HOME = Path("/usr/lib/postgresql")
POSTGIS_CONTROL = "/usr/share/postgresql/{major}/extension/postgis.control"
SETTINGS = {
    "listen_addresses": "",
    "port": str(POSTGRES_PORT),
    "max_connections": "100",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "work_mem": "16MB",
    "max_wal_size": "2GB",
    # Segments are used again: making a new one means writing 16 MB of zeros in the middle of a commit.
    "min_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] %u ",
    # A statement or the values of a refused row may hold a card number or a name: neither is logged.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "200",
}
SERVER_ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
FAST_STOP_SECONDS = 30.0
CRASH_STOP_SECONDS = 10.0


def postgres_binaries(major: str | None = None) -> Path | None:
    """The `bin` folder of the newest PostgreSQL with PostGIS here, or of the given major version."""
    found = [
        int(home.name)
        for home in POSTGRES_HOME.glob("[0-9]*")
        if (home / "bin/postgres").exists() and Path(POSTGIS_CONTROL.format(major=home.name)).exists()
    ]
    suitable = [version for version in found if version >= OLDEST_POSTGRES and major in (None, str(version))]
    return POSTGRES_HOME / str(max(suitable)) / "bin" if suitable else None


@dataclass(frozen=True)
class Cluster:
    """A PostgreSQL data directory with its socket directory, both of mode 0700.

    `durable=False` gives up safety against a crash for speed: for tests only.
    """

    data: Path
    sockets: Path
    account: pwd.struct_passwd
    binaries: Path
    durable: bool = True

    @classmethod
    def open(cls, data: Path, sockets: Path, account: pwd.struct_passwd, durable: bool = True) -> "Cluster":
        """Make the cluster if it is not there. Raises Refused where no fitting PostgreSQL is installed."""
        version_file = data / "PG_VERSION"
        major = version_file.read_text().strip() if version_file.exists() else None
        binaries = postgres_binaries(major)
        if binaries is None:
            wanted = major or "15"
            raise Refused(
                f"PostgreSQL {wanted} with PostGIS is not installed; "
                f"run: sudo apt-get install --yes postgresql-{wanted} postgresql-{wanted}-postgis-3"
            )
        cluster = cls(data, sockets, account, binaries, durable)
        if major is None:
            cluster.create()
        cluster.write_access_rules()
        return cluster

    def create(self) -> None:
        """initdb beside the final place, then rename: a killed initdb leaves nothing that looks whole."""
        partial = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(partial, ignore_errors=True)
        options = ["--encoding=UTF8", "--locale=C.UTF-8", f"--username={OWNER_ROLE}", "--auth=peer"]
        if not self.durable:
            options.append("--no-sync")
        done = self.run_as_server([str(self.binaries / "initdb"), *options, "-D", str(partial)])
        if done.returncode:
            raise Refused(f"The database cluster could not be made: {done.stderr.strip().splitlines()[-1]}")
        partial.rename(self.data)

    def write_access_rules(self) -> None:
        """Only over the socket, only as a user of this machine who is on the list, only as one of two roles."""
        users = {pwd.getpwuid(os.geteuid()).pw_name, self.account.pw_name}
        lines = [f"pilgrim {user} {role}\n" for user in sorted(users) for role in (OWNER_ROLE, APP_ROLE)]
        self.write("pg_ident.conf", "".join(lines))
        self.write("pg_hba.conf", "local all all peer map=pilgrim\n")

    def write(self, name: str, text: str) -> None:
        file = self.data / name
        file.write_text(text)
        os.chown(file, self.account.pw_uid, self.account.pw_gid)

    def run_as_server(self, command: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command,
            cwd="/",
            env=SERVER_ENVIRONMENT,
            capture_output=True,
            text=True,
            check=False,
            **self.identity,
        )
        return done

    @property
    def identity(self) -> dict[str, Any]:
        """Arguments of Popen that hand root's rights over to the server's user."""
        if os.geteuid() == self.account.pw_uid:
            return {}
        return {"user": self.account.pw_uid, "group": self.account.pw_gid, "extra_groups": []}

    def url(self, role: str, database: str) -> str:
        return database_url(role, self.sockets, database)

    def psql(self, *arguments: str) -> tuple[str, ...]:
        """A psql command as the owner; it stops at the first error and reads no personal settings."""
        connection = self.url(OWNER_ROLE, "postgres")
        return (
            str(self.binaries / "psql"),
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-d",
            connection,
            *arguments,
        )

    def is_ready(self) -> bool:
        probe = [str(self.binaries / "pg_isready"), "-q", "-t", "2", "-d", self.url(OWNER_ROLE, "postgres")]
        return subprocess.run(probe, env=SERVER_ENVIRONMENT, check=False).returncode == 0

    def program(self) -> Program:
        chosen = SETTINGS | (DURABLE if self.durable else THROW_AWAY) | {"unix_socket_directories": str(self.sockets)}
        options = [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]
        return Program(
            name="postgres",
            command=(str(self.binaries / "postgres"), "-D", str(self.data), *options),
            is_ready=self.is_ready,
            before_start=self.clear_leftovers,
            environment=SERVER_ENVIRONMENT,
            identity=self.identity,
            directory=Path("/"),
            stop_signal=signal.SIGINT,
            stop_seconds=FAST_STOP_SECONDS,
            binary=self.binaries / "postgres",
        )

    def clear_leftovers(self) -> None:
        """End servers that an earlier run left on this data directory, and their lock file.

        A live postmaster is stopped in order. Children that outlived a killed one would keep its shared memory,
        and PostgreSQL would not start beside them.
        """
        lock = self.data / "postmaster.pid"
        left = proc.working_in(self.data)
        if left and lock.exists():
            postmaster = int(lock.read_text().split()[0])
            proc.end([postmaster] if postmaster in left else [], signal.SIGINT, FAST_STOP_SECONDS)
        proc.end(proc.working_in(self.data), signal.SIGQUIT, CRASH_STOP_SECONDS)
        # The number in the file may by now be another program's, which would stop the server from starting.
        lock.unlink(missing_ok=True)


@contextmanager
def throw_away_cluster(parent: Path, account: pwd.struct_passwd) -> Iterator[Cluster]:
    """A cluster for one test run, without fsync; its folders are removed afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="test-", dir=parent))
    sockets = Path(tempfile.mkdtemp(prefix="pilgrim-test-", dir=SHORT_FOLDER))
    try:
        for made in (folder, sockets):
            os.chown(made, account.pw_uid, account.pw_gid)
        yield Cluster.open(folder / "data", sockets, account, durable=False)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.rmtree(sockets, ignore_errors=True)
