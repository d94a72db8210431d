"""The embedded cluster, with a real PostgreSQL: how it is made, found broken, and mended."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.launcher import proc
from deploy.launcher.layout import APP_ROLE, OWNER_ROLE, Layout, Refused
from deploy.launcher.postgres import Cluster, postgres_binaries, throw_away_cluster
from deploy.launcher.supervisor import Supervisor

Supervise = Callable[..., Supervisor]


@pytest.fixture
def cluster(layout: Layout) -> Iterator[Cluster]:
    with throw_away_cluster(layout.state, layout.server_account) as made:
        yield made


@pytest.fixture
def running(cluster: Cluster, supervised: Supervise) -> Supervisor:
    supervisor = supervised(cluster.program())
    supervisor.run(until=lambda: supervisor.is_settled)
    assert supervisor.failure is None
    return supervisor


def ask(cluster: Cluster, role: str, statement: str) -> str:
    command = [
        cluster.binaries / "psql",
        "-X",
        "-A",
        "-t",
        "-d",
        cluster.url(role, "postgres"),
        "-c",
        statement,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else done.stderr.strip()


def run_setup(cluster: Cluster) -> None:
    file = Path(__file__).resolve().parents[2] / "deploy/launcher/database.sql"
    subprocess.run(cluster.psql("-f", str(file)), check=True, capture_output=True)


def test_the_server_answers_its_two_roles_and_nobody_else(cluster: Cluster, running: Supervisor) -> None:
    run_setup(cluster)
    run_setup(cluster)
    assert ask(cluster, OWNER_ROLE, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "t"
    assert ask(cluster, APP_ROLE, "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") == "f"
    assert "Peer authentication failed" in ask(cluster, "postgres", "SELECT 1")
    assert stat.S_IMODE(cluster.sockets.stat().st_mode) == 0o700
    assert ask(cluster, OWNER_ROLE, "SHOW listen_addresses") == ""


def test_statements_with_personal_data_never_reach_the_log(cluster: Cluster, running: Supervisor, layout: Layout) -> None:
    ask(cluster, OWNER_ROLE, "CREATE TABLE person (name text UNIQUE); INSERT INTO person VALUES ('Zeynab')")
    assert "duplicate key" in ask(cluster, OWNER_ROLE, "INSERT INTO person VALUES ('Zeynab')")
    log = (layout.logs / "postgres.log").read_text()
    assert "duplicate key" in log
    assert "Zeynab" not in log


def test_a_killed_postmaster_is_followed_by_one_that_has_lost_nothing(cluster: Cluster, supervised: Supervise) -> None:
    running = supervised(replace(cluster, durable=True).program())
    running.run(until=lambda: running.is_settled)
    ask(cluster, OWNER_ROLE, "CREATE TABLE kept AS SELECT 7 AS n")
    first = int((cluster.data / "postmaster.pid").read_text().split()[0])
    with subprocess.Popen(cluster.psql("-c", "SELECT pg_sleep(60)"), stderr=subprocess.DEVNULL) as client:
        os.kill(first, signal.SIGKILL)
        running.run(until=lambda: running.is_settled and running.children["postgres"].starts == 2)
        client.wait()
    assert ask(cluster, OWNER_ROLE, "SELECT n FROM kept") == "7"


def test_an_orphaned_server_is_stopped_and_the_new_one_takes_its_place(cluster: Cluster, supervised: Supervise) -> None:
    program = cluster.program()
    with subprocess.Popen(
        program.command, env=program.environment, cwd="/", stderr=subprocess.DEVNULL, **program.identity
    ) as orphan:
        while not cluster.is_ready():
            assert orphan.poll() is None
        supervisor = supervised(program)
        supervisor.run(until=lambda: supervisor.is_settled)
        assert orphan.wait(10) == 0
    assert ask(cluster, OWNER_ROLE, "SELECT 1") == "1"


def test_a_lock_file_that_names_another_program_does_not_stop_the_start(cluster: Cluster, supervised: Supervise) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) as bystander:
        cluster.write("postmaster.pid", f"{bystander.pid}\n{cluster.data}\n")
        supervisor = supervised(cluster.program())
        supervisor.run(until=lambda: supervisor.is_settled)
        assert ask(cluster, OWNER_ROLE, "SELECT 1") == "1"
        assert proc.is_alive(bystander.pid)
        bystander.kill()


def test_a_killed_initdb_is_begun_anew(layout: Layout) -> None:
    data, half = layout.state / "postgres", layout.state / "postgres.new"
    half.mkdir()
    (half / "PG_VERSION").write_text("15\n")
    cluster = Cluster.open(data, layout.database_sockets, layout.server_account, durable=False)
    assert (cluster.data / "global/pg_control").exists()
    assert not half.exists()


def test_a_cluster_of_a_version_that_is_not_installed_is_refused_with_the_command(layout: Layout) -> None:
    data = layout.state / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("99\n")
    with pytest.raises(Refused, match="apt-get install --yes postgresql-99 postgresql-99-postgis-3"):
        Cluster.open(data, layout.database_sockets, layout.server_account)
    assert postgres_binaries() is not None
